/* cli/cmd_completion.c - `weft completion`: scripts for shells, and the candidates that they ask
 * for.
 *
 * A script only asks `weft completion words` for what may stand at the end of a line; what commands
 * and options there are is in the table, what tasks and instances there are is on the server.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"

enum { NAMES_MAX = 100 };

static const char bash_script[] =
    "# completion of weft for bash: source it, or put it into "
    "/usr/share/bash-completion/completions/weft\n"
    "_weft() {\n"
    "    local line; COMPREPLY=()\n"
    "    while IFS= read -r line; do COMPREPLY+=(\"$line\"); done < <(\n"
    "        \"${COMP_WORDS[0]}\" completion words -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" "
    "2>/dev/null)\n"
    "    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == -DIR ]] && {\n"
    "        COMPREPLY=(); compopt -o dirnames; return; }\n"
    "    COMPREPLY=(\"${COMPREPLY[@]// /\\\\ }\")\n"
    "}\n"
    "complete -o nospace -o bashdefault -F _weft weft\n";

static const char zsh_script[] =
    "#compdef weft\n"
    "# completion of weft for zsh: put it as _weft into a directory of $fpath\n"
    "_weft() {\n"
    "    local -a found\n"
    "    found=(\"${(@f)$(${words[1]} completion words -- \"${(@)words[2,CURRENT]}\" "
    "2>/dev/null)}\")\n"
    "    if [[ ${found[1]} == -DIR ]]; then _directories; else compadd -a found; fi\n"
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

/* What the server has; nothing when it cannot be asked: a completion says no errors. */
static void offer_live(struct session *s, const char *action, const char *name, const char *typed)
{
    struct failure failure;
    json_t *response;
    const json_t *item;
    size_t i;

    if (!s->client || !s->project ||
        session_try(s, VERSION_2025, action,
                    json_pack("{s:s,s:i}", "ProjectId", s->project, "PageSize", NAMES_MAX),
                    &response, &failure) != EXIT_DONE)
        return;
    json_array_foreach(json_object_get(json_object_get(response, "Data"), "Items"), i, item)
        offer(short_key(s, text_of(item, name)), typed);
    json_decref(response);
}

static void offer_words(struct session *s, const struct command *c, int at, const char *typed)
{
    const char *verb;
    char text[32];

    switch (command_words(c)) {
    case WORDS_TASKS:
        offer_live(s, "ListTasks", "TaskName", typed);
        break;
    case WORDS_INSTANCES:
        offer_live(s, "ListTaskInstances", "InstanceKey", typed);
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

static bool takes_value(const struct option_help *o, const char *word)
{
    for (; o && o->name; o++)
        if (strcmp(word, o->name) == 0)
            return o->argument != NULL;
    return false;
}

/* The line behind `weft`, whose last word is being typed. */
static void offer_all(struct session *s, const char *const *words, int n)
{
    const struct command *c;
    const char *typed = n > 0 ? words[n - 1] : "";
    int at = 0;

    if (n <= 1) {
        for (size_t i = 0; (c = command_at(i)) != NULL; i++)
            offer(c->name, typed);
        for (const struct program *p = programs; p->name; p++)
            offer(p->name, typed);
        offer("help", typed);
        return;
    }
    c = command_find(words[0]);
    if (!c)
        return;
    for (int i = 1; i < n - 1; i++) {
        const char *name = strncmp(words[i], "--", 2) == 0 ? words[i] + 2 : NULL;
        bool value = name && (takes_value(c->options, name) || takes_value(common_options, name));
        if (value && ++i == n - 1)
            return; /* the value of an option is anything */
        at += name == NULL;
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
