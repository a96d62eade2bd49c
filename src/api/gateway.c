/* api/gateway.c - the life of the gateway: its snapshots, its keys, its start and its end. */
#include "api/gateway.h"

#include <unistd.h>

#include "api/audit.h"
#include "api/gateway_int.h"
#include "sys/clock.h"
#include "sys/log.h"

/* ---- snapshots and keys -------------------------------------------------------------------- */

enum err_code gateway_view_take(struct gateway *g, struct view **ret, struct err *e)
{
    struct view *v = NULL;
    enum err_code rc = E_OK;

    pthread_mutex_lock(&g->views_lock);
    if (g->n_views > 0)
        v = g->views[--g->n_views];
    pthread_mutex_unlock(&g->views_lock);
    if (!v)
        rc = reader_open(g->services.store, &v, e);
    if (rc == E_OK)
        rc = reader_begin(v, e);
    if (rc != E_OK) {
        if (v)
            reader_close(v);
        return rc;
    }
    *ret = v;
    return E_OK;
}

void gateway_view_give(struct gateway *g, struct view *v)
{
    reader_end(v);
    pthread_mutex_lock(&g->views_lock);
    g->views = mem_grow(g->views, &g->cap_views, g->n_views + 1, sizeof(struct view *));
    g->views[g->n_views++] = v;
    pthread_mutex_unlock(&g->views_lock);
}

/* The caller holds keys_lock, or is alone. */
static enum err_code keys_read(struct gateway *g, struct err *e)
{
    struct view *v;
    enum err_code rc = gateway_view_take(g, &v, e);

    if (rc == E_OK) {
        rc = keyring_load(g->keys, v, e);
        gateway_view_give(g, v);
    }
    atomic_store(&g->keys_unread, rc != E_OK);
    return rc;
}

/* A change is committed; if it cannot be read, the keys that were known may be deleted ones. */
static void keys_reload(void *ctx)
{
    struct gateway *g = ctx;
    struct err e = ERR_INIT;

    pthread_mutex_lock(&g->keys_lock);
    if (keys_read(g, &e) != E_OK)
        log_error("gateway", "cannot read the keys, no call is accepted until they can be: %s",
                  e.text);
    pthread_mutex_unlock(&g->keys_lock);
}

enum err_code gateway_keys_require(struct gateway *g, struct err *e)
{
    enum err_code rc = E_OK;

    if (!atomic_load(&g->keys_unread))
        return E_OK;
    pthread_mutex_lock(&g->keys_lock);
    if (atomic_load(&g->keys_unread)) {
        rc = keys_read(g, e);
        if (rc == E_OK)
            log_warn("gateway", "the keys can be read again");
    }
    pthread_mutex_unlock(&g->keys_lock);
    return rc;
}

/* ---- life ---------------------------------------------------------------------------------- */

static void gateway_free(struct gateway *g)
{
    for (size_t i = 0; i < g->n_views; i++)
        reader_close(g->views[i]);
    mem_free(g->views);
    keyring_free(g->keys);
    rate_limit_free(g->limit);
    rate_limit_free(g->refused);
    connections_free(g->connections);
    copier_free(g->copier);
    call_metrics_free(g->calls);
    pthread_mutex_destroy(&g->views_lock);
    pthread_mutex_destroy(&g->keys_lock);
    mem_free(g);
}

enum err_code gateway_start(const struct gateway_config *config, const struct services *services,
                            struct gateway **ret, struct err *e)
{
    struct gateway *g = NEW(struct gateway);

    g->config = *config;
    if (g->config.connections_max == 0)
        g->config.connections_max = 1000;
    g->services = *services;
    g->services.keys_changed = keys_reload;
    g->services.keys_ctx = g;
    g->auth.extra_hosts = config->extra_hosts;
    g->keys = keyring_new();
    g->calls = call_metrics_new();
    g->limit = rate_limit_new(config->rate_limit);
    g->refused = rate_limit_new(AUDIT_REFUSED_PER_SECOND);
    pthread_mutex_init(&g->views_lock, NULL);
    pthread_mutex_init(&g->keys_lock, NULL);
    enum err_code rc = keys_read(g, e);
    if (rc == E_OK)
        rc = connections_new(g->config.connections_max, &g->connections, e);
    if (rc == E_OK)
        rc = copier_new(&g->copier, e);
    if (rc == E_OK)
        rc = gateway_http_start(g, e);
    if (rc != E_OK) {
        gateway_free(g);
        return rc;
    }
    *ret = g;
    return E_OK;
}

int gateway_port(const struct gateway *g)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(g->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

void gateway_stop(struct gateway *g)
{
    if (!g)
        return;
    /* New connections are closed at once from now on; what is under way is answered.  MHD must not
     * be stopped with suspended connections; the engine completes every command, however long its
     * commit takes.  (MHD_quiesce_daemon is not for daemons with several threads: it ends the
     * program when one of them stops listening at the same moment.) */
    atomic_store(&g->stopping, true);
    struct mono until = mono_add(clock_mono(), DUR_S(STOP_SECONDS));
    while (atomic_load(&g->suspended) > 0 ||
           (atomic_load(&g->under_way) > 0 && clock_mono().us < until.us))
        usleep(1000); /* lint: the end of the program, nothing else to do */
    MHD_stop_daemon(g->daemon);
    gateway_free(g);
}
