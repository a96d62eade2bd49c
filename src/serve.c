/* serve.c - `weft serve`: opens the store, starts the engine and the gateway, and ends them in
 * order. */
#include "serve.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/fixture.h"
#include "api/gateway.h"
#include "cal/zone.h"
#include "engine/alarm.h"
#include "engine/loop.h"
#include "engine/objects.h"
#include "root_key.h"
#include "send/sender.h"
#include "serve_config.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/log.h"
#include "sys/process.h"
#include "sys/zoneinfo.h"

struct server {
    struct serve_config config;
    struct arena arena;
    struct store *store;
    struct engine_loop *loop;
    struct sender *sender;
    struct engine *engine; /* atomic; NULL until it is started: for the sender's thread */
    struct gateway *gateway;
    struct services services;
    struct resource_files resources;
    struct root_key key;
};

static enum err_code set_log(const struct serve_config *config, struct err *e)
{
    static const struct {
        const char *name;
        enum log_level level;
    } levels[] = {
        { "debug", LOG_DEBUG }, { "info", LOG_INFO }, { "warn", LOG_WARN }, { "error", LOG_ERROR }
    };

    log_set_json(config->log_json);
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (strcmp(config->log_level, levels[i].name) == 0) {
            log_set_level(levels[i].level);
            return E_OK;
        }
    return err_set(e, E_RANGE, "log-level is debug, info, warn or error, not '%s'",
                   config->log_level);
}

static const char *below(struct server *s, const char *name)
{
    return arena_printf(&s->arena, "%s/%s", s->config.data, name).ptr;
}

/* Others may pass through the folder (attempts run in a folder below it as another user), but not
 * look into it. */
static enum err_code open_store(struct server *s, struct err *e)
{
    /* A copy that was restored may have come with the modes of another place. */
    static const char *const secret[] = { "weft.db", "weft.db-wal", "weft.db-shm", "root.key" };
    enum err_code rc = dir_make_durable(s->config.data, 0711, e);

    for (size_t i = 0; i < ARRAY_LEN(secret) && rc == E_OK; i++)
        rc = file_make_private(below(s, secret[i]), e);
    if (rc == E_OK && (rc = store_open(below(s, "weft.db"), &s->store, e)) != E_OK &&
        !strstr(e->text, below(s, "weft.db")))
        err_prefix(e, below(s, "weft.db"));
    if (rc == E_OK)
        rc = root_key_get(below(s, "root.key"), &s->key, e);
    if (rc == E_OK)
        rc = root_key_store(s->store, &s->key, clock_wall(), e);
    mem_wipe(s->key.secret, sizeof(s->key.secret)); /* the keyring has it from the store */
    return rc;
}

static enum err_code open_resources(struct server *s, struct err *e)
{
    s->resources.file_max = s->config.resource_max_mb << 20;
    s->resources.project_max = s->config.resource_total_mb << 20;
    return resource_files_open(s->config.data, &s->arena, &s->resources, e);
}

/* ---- alarms -------------------------------------------------------------------------------- */

/* The password is nobody's argument: it is read from the environment, which is then overwritten, or
 * from a file. */
static enum err_code smtp_password(struct server *s, const char **ret, struct err *e)
{
    static const char name[] = "WEFT_SMTP_PASSWORD";
    const char *given = env_get(name);
    enum err_code rc = E_OK;

    *ret = NULL;
    if (s->config.smtp_password_file) {
        struct buf text;
        buf_init(&text, 4096);
        rc = file_read(s->config.smtp_password_file, &text, e);
        struct str rest = buf_str(&text);
        if (rc == E_OK)
            *ret = arena_cstr(&s->arena, str_trim(str_split(&rest, '\n')));
        if (text.ptr)
            mem_wipe(text.ptr, text.len);
        buf_done(&text);
    } else if (given && given[0]) {
        *ret = arena_cstr(&s->arena, str_from(given));
    }
    env_forget(name);
    return rc;
}

static bool on_result(void *ctx, const struct letter_result *r)
{
    struct engine *g = __atomic_load_n(&((struct server *)ctx)->engine, __ATOMIC_ACQUIRE);

    return g && alarms_result_post(g, r);
}

static bool send_letter(void *ctx, const struct letter *l)
{
    return sender_send(((struct server *)ctx)->sender, l);
}

static enum err_code start_sender(struct server *s, struct err *e)
{
    struct sender_config config = { .smtp = s->config.smtp,
                                    .smtp_from = s->config.smtp_from,
                                    .smtp_user = s->config.smtp_user,
                                    .mail_domain = s->config.mail_domain,
                                    .hosts = s->config.alarm_hosts,
                                    .result = on_result,
                                    .ctx = s };
    enum err_code rc = smtp_password(s, &config.smtp_password, e);

    return rc == E_OK ? sender_start(&config, &s->sender, e) : rc;
}

static enum err_code start_engine(struct server *s, struct err *e)
{
    char self[4096], host[256] = "localhost";
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (n < 0)
        return err_errno(e, E_IO, "finding this program's own file");
    self[n] = '\0';
    gethostname(host, sizeof(host) - 1);
    struct engine_loop_config config = { .store = s->store,
                                         .runner_dir = below(s, "runner"),
                                         .weft_path = arena_cstr(&s->arena, str_from(self)),
                                         .run_as = s->config.run_as,
                                         .as_root_user = s->config.as_root,
                                         .node = s->config.node
                                                     ? s->config.node
                                                     : arena_cstr(&s->arena, str_from(host)),
                                         .default_slots = (int)s->config.slots,
                                         .backfill_share = (int)s->config.backfill_share,
                                         .slow_commit = DUR_MS(s->config.slow_ms),
                                         .keep = DUR_S(s->config.keep_days * 86400),
                                         .resources = &s->resources,
                                         .letters = { s, send_letter } };
    enum err_code rc = engine_loop_start(&config, &s->loop, e);
    if (rc == E_OK)
        __atomic_store_n(&s->engine, engine_loop_engine(s->loop), __ATOMIC_RELEASE);
    if (rc == E_OK)
        s->services = (struct services){ .store = s->store,
                                         .engine = engine_loop_engine(s->loop),
                                         .data_dir = s->config.data,
                                         .runner_dir = config.runner_dir,
                                         .node = config.node,
                                         .alarm_hosts = s->config.alarm_hosts,
                                         .resources = &s->resources,
                                         .started_at = clock_wall() };
    return rc;
}

static enum err_code load_fixture(struct server *s, struct err *e)
{
    struct fixture_counts counts;
    struct buf text;
    enum err_code rc;

    if (!s->config.fixture)
        return E_OK;
    buf_init(&text, 64 << 20);
    rc = file_read(s->config.fixture, &text, e);
    if (rc == E_OK)
        rc = fixture_load(&s->services, buf_str(&text), &counts, e);
    buf_done(&text);
    if (rc != E_OK)
        fprintf(stderr, "weft serve: the fixture %s is not loaded\n", s->config.fixture);
    if (rc == E_OK)
        log_info("serve", "fixture %s: %d objects made, %d were there", s->config.fixture,
                 counts.made, counts.present);
    return rc;
}

/* Who may read /metrics, and the token that they need. */
static enum err_code set_metrics(struct server *s, struct gateway_config *config, struct err *e)
{
    static const char *const names[] = { "local", "any", "off" };
    size_t who = 0;
    struct buf text;
    enum err_code rc = E_OK;

    while (who < ARRAY_LEN(names) && strcmp(s->config.metrics, names[who]) != 0)
        who++;
    if (who == ARRAY_LEN(names))
        return err_set(e, E_RANGE, "metrics is local, any or off, not '%s'", s->config.metrics);
    config->metrics = (enum metrics_for)who;
    if (!s->config.metrics_token)
        return E_OK;
    buf_init(&text, 4096);
    rc = file_read(s->config.metrics_token, &text, e);
    struct str token = str_trim(buf_str(&text));
    if (rc == E_OK && token.len < 16)
        rc = err_set(e, E_RANGE, "metrics-token: %s has fewer than 16 characters",
                     s->config.metrics_token);
    if (rc == E_OK)
        config->metrics_token = arena_cstr(&s->arena, token);
    buf_done(&text);
    return rc;
}

static enum err_code start_gateway(struct server *s, struct err *e)
{
    const char **hosts = ARENA_ARRAY(&s->arena, const char *, strlen(s->config.hosts) + 2);
    struct str rest = str_from(s->config.hosts);
    int n = 0;

    while (rest.ptr) {
        struct str name = str_trim(str_split(&rest, ','));
        if (!str_is_empty(name))
            hosts[n++] = arena_cstr(&s->arena, name);
    }
    struct gateway_config config = { .listen = s->config.listen,
                                     .tls_cert = s->config.tls_cert,
                                     .tls_key = s->config.tls_key,
                                     .extra_hosts = hosts,
                                     .regions = s->config.regions,
                                     .rate_limit = (int)s->config.rate_limit,
                                     .threads = (int)s->config.threads,
                                     .connections_max = (int)s->config.connections,
                                     .slow_call = DUR_MS(s->config.slow_ms) };
    enum err_code rc = set_metrics(s, &config, e);
    return rc != E_OK ? rc : gateway_start(&config, &s->services, &s->gateway, e);
}

static void announce(const struct server *s)
{
    struct str host = str_from(s->config.listen);
    ptrdiff_t colon = str_rfind_char(host, ':');

    if (colon >= 0)
        host = str_sub(host, 0, (size_t)colon);
    printf("weft " WEFT_VERSION " listening on %s://%.*s:%d  data in %s\n",
           s->config.tls_cert ? "https" : "http", STR_ARG(host), gateway_port(s->gateway),
           s->config.data);
    if (s->key.made)
        printf("root keys were made: %s/root.key\n", s->config.data);
    fflush(stdout);
}

/* Signals that end the server are taken here only; every thread started later inherits the mask. */
/* Bodies, answers and documents come and go by the megabyte.  The allocator would keep them for the
 * next ones, in holes that fit ever fewer of them; so they go back to the system as soon as they
 * are free, and what a server holds is what its limits say. */
static void return_large_blocks(void)
{
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

static void block_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, set, NULL);
    sigset_t pipe_only;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_only, NULL);
}

static void stop(struct server *s)
{
    gateway_stop(s->gateway);
    sender_stop(s->sender); /* no results any more, and no letters are taken */
    engine_loop_stop(s->loop);
    sender_free(s->sender);
    store_close(s->store);
    resource_files_close(&s->resources);
    arena_done(&s->arena);
}

int serve_main(int argc, char **argv)
{
    struct server s = { .resources = RESOURCE_FILES_NONE };
    struct err e = ERR_INIT;
    sigset_t ending;
    bool help;
    int got, status = 1;

    process_hide();
    arena_init(&s.arena);
    if (serve_config_read(argc, argv, &s.arena, &s.config, &help, &e) != E_OK) {
        fprintf(stderr, "weft serve: %s\n", e.text);
        arena_done(&s.arena);
        return 2;
    }
    if (help) {
        struct buf text;
        buf_init(&text, 1 << 16);
        serve_config_help(&text);
        fwrite(text.ptr, 1, text.len, stdout);
        buf_done(&text);
        arena_done(&s.arena);
        return 0;
    }
    block_signals(&ending);
    return_large_blocks();
    zone_set_loader(zoneinfo_read, NULL);
    enum err_code rc = set_log(&s.config, &e);
    if (rc == E_OK)
        rc = open_store(&s, &e);
    if (rc == E_OK)
        rc = open_resources(&s, &e);
    if (rc == E_OK)
        rc = start_sender(&s, &e);
    if (rc == E_OK)
        rc = start_engine(&s, &e);
    if (rc == E_OK)
        rc = load_fixture(&s, &e);
    if (rc == E_OK)
        rc = start_gateway(&s, &e);
    if (rc == E_OK) {
        /* Last, so that a start that fails leaves no runner behind. */
        engine_loop_connect(s.loop);
        announce(&s);
        sigwait(&ending, &got);
        log_info("serve",
                 "ending; running tasks go on, and with them the runner, which "
                 "`weft runner --dir %s --stop` ends",
                 s.services.runner_dir);
        status = 0;
    } else {
        fprintf(stderr, "weft serve: %s%s%s\n", e.path, e.path[0] ? ": " : "", e.text);
    }
    stop(&s);
    return status;
}
