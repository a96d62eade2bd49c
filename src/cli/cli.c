/* cli/cli.c - finds the command, reads the options that all share, and opens the client. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/commands.h"
#include "cli/resolve.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/process.h"

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

/* Half a key that somebody set, and root.key in its place, would be another account than was meant.
 */
static enum err_code half_a_key(const struct client_config *config, struct err *e)
{
    return err_set(e, E_REQUIRED,
                   "half a key: --secret-id (WEFT_SECRET_ID) and --secret-key (WEFT_SECRET_KEY) "
                   "must both be set, and %s is not",
                   config->secret_id ? "the secret key" : "the id");
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

    if (!config.secret_id != !config.secret_key)
        return half_a_key(&config, e);
    if (!config.secret_id)
        read_root_key(s, &config);
    if (!config.secret_id || !config.secret_key)
        return err_set(
            e, E_REQUIRED,
            "no key: set WEFT_SECRET_ID and WEFT_SECRET_KEY, or give --data DIR of a server "
            "on this machine (its root.key must be readable)");
    return client_new(&config, &s->client, e);
}

static int usage_error(const struct session *s, const struct command *c, const char *text)
{
    int status = session_fail(s, EXIT_USAGE, "%s", text);

    if (!s->json)
        fprintf(stderr, "usage: weft %s\n", c->usage);
    return status;
}

/* --json is every command's switch, unless it has an option of that name itself.  Looked for before
 * the line is parsed: what is wrong with it is told in the form that was asked for. */
static bool wants_json(const struct command *c, int argc, char **argv)
{
    bool wanted = false;

    for (const struct option_help *o = c->options; o && o->name; o++)
        if (strcmp(o->name, "json") == 0)
            return false;
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0 || strncmp(argv[i], "--json=", 7) == 0)
            wanted = strcmp(argv[i], "--json=false") != 0;
    return wanted;
}

static int run_opened(struct session *s, const struct command *c)
{
    struct err e = ERR_INIT;

    s->project = setting(s, "project", "WEFT_PROJECT", NULL);
    if (c->needs_project && !s->project)
        return usage_error(s, c, "which project? --project ID or WEFT_PROJECT");
    enum err_code rc = open_client(s, &e);
    if (rc != E_OK && !c->runs_alone)
        return rc == E_REQUIRED || rc == E_SYNTAX ? usage_error(s, c, e.text)
                                                  : session_fail(s, EXIT_UNREACHABLE, "%s", e.text);
    /* What runs alone must not wait for a server, and asks by itself where it needs one. */
    int status = s->client && !c->runs_alone ? resolve_project(s) : EXIT_DONE;
    return status == EXIT_DONE ? c->run(s) : status;
}

static int run_command(const struct command *c, int argc, char **argv)
{
    struct session s = { .json = wants_json(c, argc, argv) };
    struct err e = ERR_INIT;

    process_hide();
    if (args_parse(argc, argv, c->options, common_options, &s.args, &e) != E_OK)
        return usage_error(&s, c, e.text);
    if (args_has(&s.args, "help")) {
        help_print_command(c, stdout);
        return EXIT_DONE;
    }
    if (s.args.n_words < c->words_min)
        return usage_error(&s, c, "something is missing; the usage says what");
    if (s.args.n_words > c->words_max)
        return usage_error(
            &s, c,
            "there are too many words; one with a blank, such as an instance's key, needs quotes");
    arena_init(&s.arena);
    int status = run_opened(&s, c);
    client_free(s.client);
    arena_done(&s.arena);
    return status;
}

static int no_command(const char *name)
{
    const char *near = command_near(name);

    fprintf(stderr, "weft: there is no command '%s'; %s%s%s\n", name, near ? "did you mean " : "",
            near ? near : "see weft help", near ? "?" : "");
    return EXIT_USAGE;
}

static int help(int argc, char **argv)
{
    const char *about = argc >= 3 ? argv[2] : NULL;
    const struct command *c = about ? command_find(about) : NULL;

    if (!about || strcmp(about, "help") == 0)
        help_print(argc >= 2 ? stdout : stderr);
    else if (strcmp(about, "--man") == 0)
        help_print_manual(stdout);
    else if (c)
        help_print_command(c, stdout);
    else if (program_find(about))
        help_print_program(program_find(about), stdout);
    else
        return no_command(about);
    return argc >= 2 ? EXIT_DONE : EXIT_USAGE;
}

int cli_main(int argc, char **argv)
{
    const char *name = argc >= 2 ? argv[1] : "help";
    const struct command *c = command_find(name);

    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help(argc, argv);
    if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0) {
        puts("weft " WEFT_VERSION);
        return EXIT_DONE;
    }
    return c ? run_command(c, argc - 2, argv + 2) : no_command(name);
}
