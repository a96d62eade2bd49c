/* cli/commands.c - the table of the client commands. */
#include "cli/commands.h"

#include <string.h>

#include "cli/suggest.h"

/* In the order of the help. */
static const struct command *const commands[] = {
    &command_status,     &command_tasks,   &command_instances, &command_show,    &command_explain,
    &command_logs,       &command_submit,  &command_backfill,  &command_trigger, &command_plan,
    &command_plans,      &command_cancel,  &command_preview,   &command_ledger,  &command_upstreams,
    &command_start,      &command_pause,   &command_stop,      &command_kill,    &command_rerun,
    &command_succeed,    &command_jobs,    &command_fire,      &command_export,  &command_apply,
    &command_alarms,     &command_members, &command_keys,      &command_audit,   &command_api,
    &command_completion,
};

const struct option_help common_options[] = {
    { "endpoint", "URL", "the server (WEFT_ENDPOINT) [http://127.0.0.1:8099]" },
    { "secret-id", "ID", "the key (WEFT_SECRET_ID)" },
    { "secret-key", "KEY", "its secret (WEFT_SECRET_KEY, which is better)" },
    { "data", "DIR", "take the key from DIR/root.key when none is given (WEFT_DATA) [weft-data]" },
    { "region", "NAME", "region to name in calls (WEFT_REGION) [ap-guangzhou]" },
    { "project", "ID", "the project, by id or name (WEFT_PROJECT)" },
    { "language", "L", "messages in en-US or zh-CN (WEFT_LANGUAGE) [en-US]" },
    { "insecure", NULL, "accept any TLS certificate" },
    { "json", NULL, "answers and errors as JSON, for programs" },
    { "help", NULL, "this text" },
    { NULL, NULL, NULL },
};

const struct command *command_at(size_t i)
{
    return i < ARRAY_LEN(commands) ? commands[i] : NULL;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

const struct program programs[] = {
    { "serve", "serve [options]", "the server" },
    { "runner", "runner --dir DIR", "the runner (the server starts one by itself)" },
    { "backup", "backup NEW-DIR", "a copy of a server's folder of data" },
    { "version", "version", "the version" },
    { NULL, NULL, NULL },
};

const struct program *program_find(const char *name)
{
    for (const struct program *p = programs; p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

const char *command_near(const char *name)
{
    struct suggestion s;

    suggest_begin(&s, str_from(name));
    suggest_offer(&s, "help");
    for (const struct program *p = programs; p->name; p++)
        suggest_offer(&s, p->name);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        suggest_offer(&s, commands[i]->name);
    return suggest_best(&s);
}

/* The first word of the usage behind the command's name. */
static struct str first_word(const struct command *c)
{
    struct str usage = str_from(c->usage);

    str_split(&usage, ' ');
    return usage.ptr ? str_split(&usage, ' ') : STR("");
}

enum word_kind command_words(const struct command *c)
{
    struct str word = first_word(c);

    if (word.len > 0 && word.ptr[0] == '[')
        word = str_sub(word, 1, word.len);
    if (str_starts_with(word, STR("TASK")))
        return WORDS_TASKS;
    if (str_starts_with(word, STR("INSTANCE")))
        return WORDS_INSTANCES;
    if (str_eq_c(word, "DIR"))
        return WORDS_DIRECTORY;
    return str_find_char(word, '|') >= 0 ? WORDS_VERBS : WORDS_NONE;
}

const char *command_verb(const struct command *c, size_t i, char out[32])
{
    struct str rest = str_from(c->usage), verb = STR("");

    str_split(&rest, ' ');
    for (size_t at = 0; at <= i; at++) {
        if (!rest.ptr)
            return NULL;
        verb = str_split(&rest, '|');
    }
    struct str word = str_split(&verb, ' ');
    if (word.len == 0 || word.len > 31)
        return NULL;
    memcpy(out, word.ptr, word.len);
    out[word.len] = '\0';
    return out;
}
