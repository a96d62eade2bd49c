/* cli/cli.c - finds the command, reads the options that all share, and prints the help. */
#include "cli/cli.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/command.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/process.h"

static const struct command *const commands[] = {
    &command_api,       &command_tasks,   &command_instances, &command_show,    &command_explain,
    &command_logs,      &command_submit,  &command_backfill,  &command_preview, &command_ledger,
    &command_upstreams, &command_start,   &command_pause,     &command_stop,    &command_kill,
    &command_rerun,     &command_succeed, &command_fire,      &command_keys,    &command_members,
    &command_alarms,
    &command_audit,
};

static const struct option_help common[] = {
    { "endpoint", "URL", "the server (WEFT_ENDPOINT) [http://127.0.0.1:8099]" },
    { "secret-id", "ID", "the key (WEFT_SECRET_ID)" },
    { "secret-key", "KEY", "its secret (WEFT_SECRET_KEY, which is better)" },
    { "data", "DIR", "take the key from DIR/root.key when none is given (WEFT_DATA) [weft-data]" },
    { "region", "NAME", "region to name in calls (WEFT_REGION) [ap-guangzhou]" },
    { "project", "ID", "the project (WEFT_PROJECT)" },
    { "language", "L", "messages in en-US or zh-CN (WEFT_LANGUAGE) [en-US]" },
    { "insecure", NULL, "accept any TLS certificate" },
    { "json", NULL, "answers as JSON, for programs" },
    { "help", NULL, "this text" },
    { NULL, NULL, NULL },
};

static void print_options(FILE *out, const struct option_help *o)
{
    for (; o && o->name; o++)
        fprintf(out, "  --%s%s%-*s %s\n", o->name, o->argument ? " " : "",
                (int)(18 - strlen(o->name) - (o->argument ? 1 : 0)), o->argument ? o->argument : "",
                o->help);
}

static void print_help(FILE *out)
{
    fputs("weft - runs WeData tasks anywhere\n\n"
          "  weft serve [options]        the server; weft serve --help\n"
          "  weft runner --dir DIR       the runner (the server starts one by itself)\n"
          "  weft backup NEW-DIR         a copy of a server's data; weft backup --help\n",
          out);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        fprintf(out, "  weft %-40s %s\n", commands[i]->usage, commands[i]->help);
    fputs("  weft version\n\nOptions of all client commands; the name in brackets is the "
          "environment variable:\n",
          out);
    print_options(out, common);
    fputs("\nweft COMMAND --help shows the command's own options.  Exit status: 0 done, 1 the "
          "server refused,\n"
          "2 wrong usage, 3 no answer.\n",
          out);
}

static void print_command_help(const struct command *c, FILE *out)
{
    fprintf(out, "usage: weft %s\n\n%s\n", c->usage, c->help);
    if (c->options) {
        fputs("\nOptions:\n", out);
        print_options(out, c->options);
    }
    fputs("\nThe options of all client commands are in weft help.\n", out);
}

static const char *setting(const struct session *s, const char *option, const char *env,
                           const char *otherwise)
{
    const char *value = args_get(&s->args, option);

    if (!value)
        value = env_get(env);
    return value && value[0] ? value : otherwise;
}

/* DIR/root.key has the lines WEFT_SECRET_ID=... and WEFT_SECRET_KEY=... */
static void read_root_key(struct session *s, struct client_config *config)
{
    struct str path =
        arena_printf(&s->arena, "%s/root.key", setting(s, "data", "WEFT_DATA", "weft-data"));
    struct buf text;

    buf_init(&text, 65536);
    if (file_read(path.ptr, &text, NULL) == E_OK) {
        struct str rest = buf_str(&text);
        while (rest.ptr) {
            struct str line = str_trim(str_split(&rest, '\n'));
            struct str name = str_split(&line, '=');
            if (str_eq_c(name, "WEFT_SECRET_ID"))
                config->secret_id = arena_cstr(&s->arena, line);
            else if (str_eq_c(name, "WEFT_SECRET_KEY"))
                config->secret_key = arena_cstr(&s->arena, line);
        }
    }
    buf_done(&text);
}

/* Out of the command line and the environment, where `ps` and /proc would show it. */
static const char *take_secret(struct session *s)
{
    const char *given = args_get(&s->args, "secret-key"), *value = given;

    if (!value)
        value = env_get("WEFT_SECRET_KEY");
    if (!value || !value[0])
        return NULL;
    value = arena_cstr(&s->arena, str_from(value));
    for (int i = 0; i < s->args.n_options; i++)
        if (strcmp(s->args.names[i], "secret-key") == 0)
            mem_wipe((char *)(uintptr_t)s->args.values[i], strlen(s->args.values[i]));
    env_forget("WEFT_SECRET_KEY");
    return value;
}

static enum err_code open_client(struct session *s, struct err *e)
{
    struct client_config config = { .endpoint = setting(s, "endpoint", "WEFT_ENDPOINT",
                                                        "http://127.0.0.1:8099"),
                                    .secret_id = setting(s, "secret-id", "WEFT_SECRET_ID", NULL),
                                    .secret_key = take_secret(s),
                                    .region = setting(s, "region", "WEFT_REGION", "ap-guangzhou"),
                                    .language = setting(s, "language", "WEFT_LANGUAGE", "en-US"),
                                    .insecure = args_has(&s->args, "insecure") };

    if (!config.secret_id || !config.secret_key)
        read_root_key(s, &config);
    if (!config.secret_id || !config.secret_key)
        return err_set(
            e, E_REQUIRED,
            "no key: set WEFT_SECRET_ID and WEFT_SECRET_KEY, or give --data DIR of a server "
            "on this machine (its root.key must be readable)");
    return client_new(&config, &s->client, e);
}

static int usage_error(const struct command *c, const char *text)
{
    fprintf(stderr, "weft: %s\nusage: weft %s\n", text, c->usage);
    return EXIT_USAGE;
}

static int run_command(const struct command *c, int argc, char **argv)
{
    struct session s = { .client = NULL };
    struct err e = ERR_INIT;
    int status;

    process_hide();
    if (args_parse(argc, argv, c->options, common, &s.args, &e) != E_OK)
        return usage_error(c, e.text);
    if (args_has(&s.args, "help")) {
        print_command_help(c, stdout);
        return EXIT_DONE;
    }
    if (s.args.n_words < c->words_min)
        return usage_error(c, "something is missing; the usage says what");
    if (s.args.n_words > c->words_max)
        return usage_error(
            c,
            "there are too many words; one with a blank, such as an instance's key, needs quotes");
    arena_init(&s.arena);
    s.json = args_has(&s.args, "json");
    s.project = setting(&s, "project", "WEFT_PROJECT", NULL);
    if (c->needs_project && !s.project)
        status = usage_error(c, "which project? --project ID or WEFT_PROJECT");
    else if (open_client(&s, &e) != E_OK)
        status = usage_error(c, e.text);
    else
        status = c->run(&s);
    client_free(s.client);
    arena_done(&s.arena);
    return status;
}

int cli_main(int argc, char **argv)
{
    const char *name = argc >= 2 ? argv[1] : "help";

    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        print_help(argc >= 2 ? stdout : stderr);
        return argc >= 2 ? EXIT_DONE : EXIT_USAGE;
    }
    if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0) {
        puts("weft " WEFT_VERSION);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (strcmp(name, commands[i]->name) != 0)
            continue;
        curl_global_init(CURL_GLOBAL_DEFAULT);
        int status = run_command(commands[i], argc - 2, argv + 2);
        curl_global_cleanup();
        return status;
    }
    fprintf(stderr, "weft: there is no command '%s'; see weft help\n", name);
    return EXIT_USAGE;
}
