/* cli/cmd_completion.c - `weft completion`: scripts for shells, and the candidates that they ask
 * for.
 *
 * A script only asks `weft completion words` for what may stand at the end of a line; what commands
 * and options there are is in the table, what tasks and instances there are is on the server.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/resolve.h"

enum { NAMES_MAX = 100 };

/* bash takes words apart at ':' and '=', and keeps their quotes: so the line is read here, and of a
 * candidate only what is behind the last such place goes back, with the blanks escaped where no
 * quote is open. */
static const char bash_script[] =
    "# completion of weft for bash: source it, or put it into "
    "/usr/share/bash-completion/completions/weft\n"
    "_weft() {\n"
    "    local line=${COMP_LINE:0:COMP_POINT} word= quote= begun= c i\n"
    "    local -a words=()\n"
    "    for ((i = 0; i < ${#line}; i++)); do\n"
    "        c=${line:i:1}\n"
    "        if [[ $quote && $c == \"$quote\" ]]; then quote=\n"
    "        elif [[ $c == \\\\ && $quote != \\' ]]; then ((++i)); word+=${line:i:1} begun=1\n"
    "        elif [[ $quote ]]; then word+=$c\n"
    "        elif [[ $c == [\\'\\\"] ]]; then quote=$c begun=1\n"
    "        elif [[ $c != [[:blank:]] ]]; then word+=$c begun=1\n"
    "        elif [[ $begun ]]; then words+=(\"$word\") word= begun=\n"
    "        fi\n"
    "    done\n"
    "    COMPREPLY=()\n"
    "    while IFS= read -r c; do COMPREPLY+=(\"$c\"); done < <(\n"
    "        \"${words[0]/#~\\//$HOME/}\" completion words -- \"${words[@]:1}\" \"$word\" "
    "2>/dev/null)\n"
    "    case ${COMPREPLY[0]-} in\n"
    "    -DIR) COMPREPLY=(); compopt -o dirnames ;;\n"
    "    -FILE) COMPREPLY=(); compopt -o default ;;\n"
    "    *)\n"
    "        [[ $quote ]] && return\n"
    "        [[ $word == *[:=]* ]] && "
    "COMPREPLY=(\"${COMPREPLY[@]#\"${word%\"${word##*[:=]}\"}\"}\")\n"
    "        COMPREPLY=(\"${COMPREPLY[@]// /\\\\ }\") ;;\n"
    "    esac\n"
    "}\n"
    "complete -o bashdefault -F _weft weft\n";

/* compadd quotes by itself; the words are asked for as they are without their quotes. */
static const char zsh_script[] =
    "#compdef weft\n"
    "# completion of weft for zsh: put it as _weft into a directory of $fpath\n"
    "_weft() {\n"
    "    local -a found\n"
    "    found=(${(f)\"$(${~${(Q)words[1]}} completion words -- "
    "\"${(@Q)words[2,CURRENT-1]}\" \"${(Q)PREFIX}\" 2>/dev/null)\"})\n"
    "    case ${found[1]} in\n"
    "    -DIR) _directories ;;\n"
    "    -FILE) _files ;;\n"
    "    *) compadd -a found ;;\n"
    "    esac\n"
    "}\n"
    "if [[ $funcstack[1] == _weft ]]; then _weft \"$@\"; else compdef _weft weft; fi\n";

/* ---- candidates ---------------------------------------------------------------------------- */

static void offer(const char *candidate, const char *typed)
{
    if (str_starts_with(str_from(candidate), str_from(typed)))
        puts(candidate);
}

static void offer_options(struct session *s, const struct option_help *o, const char *typed)
{
    for (; o && o->name; o++)
        offer(arena_printf(&s->arena, "--%s", o->name).ptr, typed);
}

/* A key at midnight is offered without the hour: shells take ':' and blanks apart. */
static const char *short_key(struct session *s, const char *text)
{
    struct str key = str_from(text);

    return str_ends_with(key, STR(" 00:00:00"))
               ? arena_cstr(&s->arena, str_sub(key, 0, key.len - 9))
               : text;
}

/* The items of a list action; nothing when the server cannot be asked: a completion says no errors.
 * keyword "": all, else those that have it in their name. */
static json_t *live_items(struct session *s, const char *action, const char *filter,
                          const char *keyword)
{
    struct failure failure;
    json_t *params, *response, *items;

    if (!s->client || !s->project || resolve_project(s) != EXIT_DONE)
        return NULL;
    params = json_pack("{s:s,s:i}", "ProjectId", s->project, "PageSize", NAMES_MAX);
    if (keyword[0])
        json_object_set_new(params, filter, json_string(keyword));
    if (session_try(s, VERSION_2025, action, params, &response, &failure) != EXIT_DONE)
        return NULL;
    items = json_incref(json_object_get(json_object_get(response, "Data"), "Items"));
    json_decref(response);
    return items;
}

static void offer_tasks(struct session *s, const char *typed)
{
    json_t *items = live_items(s, "ListTasks", "TaskName", typed);
    const json_t *item;
    size_t i;

    json_array_foreach(items, i, item) offer(text_of(item, "TaskName"), typed);
    json_decref(items);
}

/* The task in the beginning of a key, by id or name; "" when it is not there to its end, or not
 * known to be. */
static const char *task_of_key(struct session *s, const char *typed)
{
    struct str key = str_from(typed);
    ptrdiff_t at = str_rfind_char(key, '_');

    if (at > 0 && strspn(typed + at + 1, "0123456789-: ") == strlen(typed + at + 1))
        return arena_cstr(&s->arena, str_sub(key, 0, (size_t)at));
    return strspn(typed, "0123456789") == strlen(typed) ? "" : typed;
}

/* By the names of their tasks, and by their ids once a part of one is there. */
static void offer_instances(struct session *s, const char *typed)
{
    json_t *items = live_items(s, "ListTaskInstances", "Keyword", task_of_key(s, typed));
    const json_t *item;
    size_t i;

    json_array_foreach(items, i, item)
    {
        const char *key = short_key(s, text_of(item, "InstanceKey")), *time = strrchr(key, '_');
        if (typed[0])
            offer(key, typed);
        if (time)
            offer(arena_printf(&s->arena, "%s%s", text_of(item, "TaskName"), time).ptr, typed);
    }
    json_decref(items);
}

static void offer_words(struct session *s, const struct command *c, int at, const char *typed)
{
    const char *verb;
    char text[32];

    switch (command_words(c)) {
    case WORDS_TASKS:
        offer_tasks(s, typed);
        break;
    case WORDS_INSTANCES:
        offer_instances(s, typed);
        break;
    case WORDS_DIRECTORY:
        puts("-DIR");
        break;
    case WORDS_VERBS:
        for (size_t i = 0; at == 0 && (verb = command_verb(c, i, text)) != NULL; i++)
            offer(verb, typed);
        break;
    default:
        break;
    }
}

static const struct option_help *find_option(const struct option_help *o, const char *name)
{
    for (; o && o->name; o++)
        if (strcmp(name, o->name) == 0)
            return o;
    return NULL;
}

/* The option that a word names and that takes the next one as its value, or NULL. */
static const struct option_help *takes_value(const struct command *c, const char *word)
{
    const struct option_help *o = NULL;

    if (strncmp(word, "--", 2) == 0)
        o = find_option(c->options, word + 2);
    if (!o && strncmp(word, "--", 2) == 0)
        o = find_option(common_options, word + 2);
    return o && o->argument ? o : NULL;
}

static void offer_value(const struct option_help *o)
{
    if (strcmp(o->argument, "DIR") == 0)
        puts("-DIR");
    else if (strcmp(o->argument, "FILE") == 0)
        puts("-FILE");
}

static void offer_commands(const char *typed)
{
    const struct command *c;

    for (size_t i = 0; (c = command_at(i)) != NULL; i++)
        offer(c->name, typed);
}

/* The line behind `weft`, whose last word is being typed. */
static void offer_all(struct session *s, const char *const *words, int n)
{
    const struct command *c;
    const struct option_help *option;
    const char *typed = n > 0 ? words[n - 1] : "";
    int at = 0;

    if (n <= 1) {
        offer_commands(typed);
        for (const struct program *p = programs; p->name; p++)
            offer(p->name, typed);
        offer("help", typed);
        return;
    }
    if (n == 2 && strcmp(words[0], "help") == 0)
        offer_commands(typed);
    c = command_find(words[0]);
    if (!c)
        return;
    for (int i = 1; i < n - 1; i++) {
        option = takes_value(c, words[i]);
        if (option && ++i == n - 1) {
            offer_value(option);
            return;
        }
        at += strncmp(words[i], "--", 2) != 0 && !option;
    }
    if (typed[0] == '-') {
        offer_options(s, c->options, typed);
        offer_options(s, common_options, typed);
    } else if (at < c->words_max) {
        offer_words(s, c, at, typed);
    }
}

static int run(struct session *s)
{
    const char *what = s->args.words[0];

    if (strcmp(what, "bash") == 0)
        fputs(bash_script, stdout);
    else if (strcmp(what, "zsh") == 0)
        fputs(zsh_script, stdout);
    else if (strcmp(what, "words") == 0)
        offer_all(s, s->args.words + 1, s->args.n_words - 1);
    else
        return session_fail(s, EXIT_USAGE, "completion bash | completion zsh");
    return EXIT_DONE;
}

const struct command command_completion = { .name = "completion",
                                            .usage = "completion bash|zsh",
                                            .help = "print the completion script of a shell",
                                            .words_min = 1,
                                            .words_max = ARGS_MAX,
                                            .runs_alone = true,
                                            .run = run };
