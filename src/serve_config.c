/* serve_config.c - the settings of `weft serve`. */
#include "serve_config.h"

#include <string.h>

#include "sys/env.h"
#include "sys/file.h"

enum option_kind { OPTION_TEXT, OPTION_NUMBER, OPTION_SWITCH };

struct option_def {
    const char *name; /* --name, and the key in the file */
    const char *env;
    enum option_kind kind;
    size_t offset;
    const char *otherwise; /* default, as text; NULL: none */
    int64_t min, max;
    const char *argument, *help;
};

#define TEXT(field, name, env, otherwise, argument, help)                                          \
    {                                                                                              \
        name, env, OPTION_TEXT, offsetof(struct serve_config, field), otherwise, 0, 0, argument,   \
            help                                                                                   \
    }
#define NUMBER(field, name, env, otherwise, min, max, help)                                        \
    {                                                                                              \
        name, env, OPTION_NUMBER, offsetof(struct serve_config, field), otherwise, min, max, "N",  \
            help                                                                                   \
    }
#define SWITCH(field, name, env, help)                                                             \
    {                                                                                              \
        name, env, OPTION_SWITCH, offsetof(struct serve_config, field), NULL, 0, 1, NULL, help     \
    }

static const struct option_def options[] = {
    TEXT(listen, "listen", "WEFT_LISTEN", "127.0.0.1:8099", "HOST:PORT",
         "address of the API; port 0 takes a free one"),
    TEXT(data, "data", "WEFT_DATA", "weft-data", "DIR",
         "folder of the store, the keys and the logs"),
    TEXT(fixture, "fixture", "WEFT_FIXTURE", NULL, "FILE",
         "load this fixture (JSON) at start; loading twice is harmless"),
    TEXT(tls_cert, "tls-cert", "WEFT_TLS_CERT", NULL, "FILE", "certificate (PEM): serve HTTPS"),
    TEXT(tls_key, "tls-key", "WEFT_TLS_KEY", NULL, "FILE", "its private key (PEM)"),
    TEXT(hosts, "hosts", "WEFT_HOSTS", "wedata.tencentcloudapi.com", "NAME,NAME",
         "further host names that a client may have signed"),
    TEXT(regions, "regions", "WEFT_REGIONS", NULL, "NAME,NAME",
         "regions that are served; default: any"),
    NUMBER(rate_limit, "rate-limit", "WEFT_RATE_LIMIT", "20", 0, 1000000,
           "requests per second, action and account; 0: no limit"),
    NUMBER(threads, "threads", "WEFT_THREADS", "0", 0, 256,
           "gateway threads; 0: one per core, at least 2"),
    NUMBER(connections, "connections", "WEFT_CONNECTIONS", "1000", 1, 100000,
           "most connections at once"),
    NUMBER(slots, "slots", "WEFT_SLOTS", "8", 1, 10000,
           "attempts at once in the default resource group"),
    NUMBER(backfill_share, "backfill-share", "WEFT_BACKFILL_SHARE", "50", 1, 100,
           "percent of the slots of each group that backfills hold at most"),
    TEXT(run_as, "run-as", "WEFT_RUN_AS", NULL, "USER",
         "user for attempts when the server is root, or a range such as 2000000000-2000065535: "
         "each its "
         "own; default: nobody"),
    SWITCH(as_root, "as-root", "WEFT_AS_ROOT", "let attempts keep root when the server is root"),
    TEXT(node, "node", "WEFT_NODE", NULL, "NAME", "name of this machine; default: its host name"),
    TEXT(metrics, "metrics", "WEFT_METRICS", "local", "WHO",
         "who may read /metrics: local (this machine), any, or off"),
    TEXT(metrics_token, "metrics-token", "WEFT_METRICS_TOKEN", NULL, "FILE",
         "whoever reads /metrics must have the bearer token in this file, from wherever it comes"),
    NUMBER(keep_days, "keep-days", "WEFT_KEEP_DAYS", "0", 0, 36500,
           "history that is older in days is removed; 0: all is kept"),
    NUMBER(resource_max_mb, "resource-max", "WEFT_RESOURCE_MAX", "1024", 1, 1048576,
           "megabytes of one resource file"),
    NUMBER(resource_total_mb, "resource-total", "WEFT_RESOURCE_TOTAL", "10240", 1, 16777216,
           "megabytes of all resource files of a project, and of its uploads in a bucket"),
    NUMBER(slow_ms, "slow-ms", "WEFT_SLOW_MS", "1000", 0, 3600000,
           "calls and commits that take as many milliseconds are logged; 0: none"),
    TEXT(smtp, "smtp", "WEFT_SMTP", NULL, "URL",
         "server that takes alarms by mail: smtp://HOST:PORT or smtps://HOST:PORT"),
    TEXT(smtp_from, "smtp-from", "WEFT_SMTP_FROM", NULL, "ADDRESS", "whom these mails come from"),
    TEXT(smtp_user, "smtp-user", "WEFT_SMTP_USER", NULL, "NAME",
         "user at the mail server; the password is in WEFT_SMTP_PASSWORD or in a file"),
    TEXT(smtp_password_file, "smtp-password-file", "WEFT_SMTP_PASSWORD_FILE", NULL, "FILE",
         "its first line is the password of smtp-user"),
    TEXT(mail_domain, "mail-domain", "WEFT_MAIL_DOMAIN", NULL, "NAME",
         "account 100 gets mail at 100@NAME; default: only addresses get mail"),
    TEXT(alarm_hosts, "alarm-hosts", "WEFT_ALARM_HOSTS", NULL, "NAME,.NAME",
         "hosts that alarms may be sent to by HTTP, or what their names end with; default: any"),
    TEXT(log_level, "log-level", "WEFT_LOG_LEVEL", "info", "LEVEL", "debug, info, warn or error"),
    SWITCH(log_json, "log-json", "WEFT_LOG_JSON", "log lines as JSON, else as logfmt"),
};

static bool switch_value(const char *text, bool *ret)
{
    static const char *const yes[] = { "1", "true", "yes", "on" }, *const no[] = { "0", "false",
                                                                                   "no", "off",
                                                                                   "" };

    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        if (str_ieq(str_from(text), str_from(yes[i])))
            return *ret = true;
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        if (str_ieq(str_from(text), str_from(no[i])))
            return *ret = false, true;
    return false;
}

static enum err_code option_set(const struct option_def *o, const char *text, const char *where,
                                struct serve_config *config, struct err *e)
{
    void *field = (char *)config + o->offset;
    int64_t number;

    switch (o->kind) {
    case OPTION_TEXT:
        *(const char **)field = text;
        return E_OK;
    case OPTION_NUMBER:
        if (!str_to_i64(str_from(text), &number) || number < o->min || number > o->max)
            return err_set(e, E_RANGE, "%s: %s takes a whole number from %lld to %lld, not '%s'",
                           where, o->name, (long long)o->min, (long long)o->max, text);
        *(int64_t *)field = number;
        return E_OK;
    case OPTION_SWITCH:
        if (!switch_value(text, field))
            return err_set(e, E_RANGE, "%s: %s takes true or false, not '%s'", where, o->name,
                           text);
        return E_OK;
    }
    return E_OK;
}

static const struct option_def *option_find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (str_eq_c(name, options[i].name))
            return &options[i];
    return NULL;
}

static enum err_code read_file(const char *path, struct arena *a, struct serve_config *config,
                               struct err *e)
{
    struct buf text;
    enum err_code rc;
    int line_number = 0;

    buf_init(&text, 1 << 20);
    rc = file_read(path, &text, e);
    struct str rest = buf_str(&text);
    while (rc == E_OK && rest.ptr) {
        struct str line = str_trim(str_split(&rest, '\n'));
        line_number++;
        if (str_is_empty(line) || line.ptr[0] == '#')
            continue;
        struct str name = str_trim(str_split(&line, '='));
        struct str where = arena_printf(a, "%s:%d", path, line_number);
        const struct option_def *o = option_find(name);
        if (!o || !line.ptr)
            rc = err_set(
                e, E_SYNTAX,
                "%s: '%.*s' is not a setting; lines are 'name = value' with the names of --help",
                where.ptr, STR_ARG(name));
        else
            rc = option_set(o, arena_cstr(a, str_trim(line)), where.ptr, config, e);
    }
    buf_done(&text);
    return rc;
}

static enum err_code read_environment(struct serve_config *config, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        const char *text = env_get(options[i].env);
        if (!text)
            continue;
        enum err_code rc = option_set(&options[i], text, options[i].env, config, e);
        if (rc != E_OK)
            return rc;
    }
    return E_OK;
}

/* The flag at argv[*at]; its value may stand behind '=' or in the next argument. */
static enum err_code read_flag(int argc, char **argv, int *at, struct arena *a,
                               struct serve_config *config, struct err *e)
{
    struct str rest = str_from(argv[*at]);

    if (!str_starts_with(rest, STR("--")))
        return err_set(e, E_SYNTAX, "'%s' is not an option; see weft serve --help", argv[*at]);
    rest = str_sub(rest, 2, rest.len);
    struct str name = str_split(&rest, '=');
    const struct option_def *o = option_find(name);
    if (!o)
        return err_set(e, E_SYNTAX, "there is no option --%.*s; see weft serve --help",
                       STR_ARG(name));
    if (o->kind == OPTION_SWITCH && !rest.ptr)
        return option_set(o, "true", "command line", config, e);
    if (rest.ptr)
        return option_set(o, arena_cstr(a, rest), "command line", config, e);
    if (*at + 1 >= argc)
        return err_set(e, E_SYNTAX, "--%s needs %s behind it", o->name, o->argument);
    return option_set(o, argv[++*at], "command line", config, e);
}

/* --config FILE is looked for first: everything else beats it. */
static const char *config_path(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], "--config") == 0)
            return argv[i + 1];
    return env_get("WEFT_CONFIG");
}

/* "HOST:PORT" or "[HOST]:PORT".  Without a host it would mean every address, which is to be said.
 */
static enum err_code check_listen(const char *text, struct err *e)
{
    struct str all = str_from(text);
    ptrdiff_t colon = str_rfind_char(all, ':');
    int64_t port;

    if (colon <= 0)
        return err_set(e, E_SYNTAX,
                       "listen takes HOST:PORT, such as 127.0.0.1:8099 (0.0.0.0 is every address), "
                       "not '%s'",
                       text);
    if (!str_to_i64(str_sub(all, (size_t)colon + 1, all.len), &port) || port < 0 || port > 65535)
        return err_set(e, E_RANGE, "listen takes a port from 0 to 65535, not '%s'",
                       text + colon + 1);
    return E_OK;
}

static enum err_code check_together(const struct serve_config *c, struct err *e)
{
    static const char *const levels[] = { "debug", "info", "warn", "error" };
    bool known = false;

    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        known = known || strcmp(c->log_level, levels[i]) == 0;
    if (!known)
        return err_set(e, E_RANGE, "log-level is debug, info, warn or error, not '%s'",
                       c->log_level);
    if (!c->tls_cert != !c->tls_key)
        return err_set(e, E_RANGE, "tls-cert and tls-key go together");
    return check_listen(c->listen, e);
}

enum err_code serve_config_read(int argc, char **argv, struct arena *a, struct serve_config *ret,
                                bool *ret_help, struct err *e)
{
    const char *path = config_path(argc, argv);
    enum err_code rc = E_OK;

    *ret = (struct serve_config){ 0 };
    *ret_help = false;
    for (size_t i = 0; i < ARRAY_LEN(options) && rc == E_OK; i++)
        if (options[i].otherwise)
            rc = option_set(&options[i], options[i].otherwise, "default", ret, e);
    if (rc == E_OK && path)
        rc = read_file(path, a, ret, e);
    if (rc == E_OK)
        rc = read_environment(ret, e);
    for (int i = 1; i < argc && rc == E_OK; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            *ret_help = true;
        else if (strcmp(argv[i], "--config") == 0)
            i++;
        else
            rc = read_flag(argc, argv, &i, a, ret, e);
    }
    return rc == E_OK && !*ret_help ? check_together(ret, e) : rc;
}

void serve_config_help(struct buf *out)
{
    buf_add_c(
        out, "weft serve - the server: WeData's API, the scheduler and its store in one process\n\n"
             "usage: weft serve [options]\n\n"
             "Every option is also an environment variable and a line 'name = value' of the file "
             "named by\n"
             "--config FILE (WEFT_CONFIG).  A flag beats the environment, the environment beats "
             "the file.\n\n");
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        const struct option_def *o = &options[i];
        struct buf flag;
        buf_init(&flag, 256);
        buf_printf(&flag, "--%s%s%s", o->name, o->argument ? " " : "",
                   o->argument ? o->argument : "");
        buf_printf(out, "  %-24s %s", flag.ptr, o->help);
        if (o->otherwise)
            buf_printf(out, " [%s]", o->otherwise);
        buf_printf(out, "\n  %-24s %s\n", "", o->env);
        buf_done(&flag);
    }
    buf_add_c(out, "\nRoot keys come from WEFT_SECRET_ID and WEFT_SECRET_KEY, else they are made "
                   "once and kept in\n"
                   "DIR/root.key (mode 0600).  SIGTERM or Ctrl-C ends the server; running tasks go "
                   "on and are found\n"
                   "again at the next start.\n");
}
