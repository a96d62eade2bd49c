/* api/call_metrics.c - what the gateway counts of itself. */
#include "api/call_metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/map.h"

enum { PLACES = 4096, SERIES_MAX = 2000, CODE_MAX = 96 };

struct series {
    const struct schema_action *schema;
    char code[CODE_MAX];
    struct metric n;
};

struct call_metrics {
    pthread_mutex_t lock;                    /* guards adding */
    _Atomic(struct series *) places[PLACES]; /* open addressing; one that is set stays */
    int n_series;
    struct series other;
    struct histogram time[CALL_KIND_N_];
    struct metric rate_limited, connections_refused;
};

static const struct histogram_bounds call_time_bounds = {
    12, { 250, 500, 1000, 2500, 5000, 10000, 25000, 100000, 500000, 1000000, 5000000, 30000000 }
};
static const char *const kind_names[CALL_KIND_N_] = { "read", "write", "none" };

struct call_metrics *call_metrics_new(void)
{
    struct call_metrics *m = NEW(struct call_metrics);

    pthread_mutex_init(&m->lock, NULL);
    memcpy(m->other.code, "other", sizeof("other"));
    return m;
}

void call_metrics_free(struct call_metrics *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < PLACES; i++)
        mem_free(atomic_load(&m->places[i]));
    pthread_mutex_destroy(&m->lock);
    mem_free(m);
}

/* The series, or *ret_place where it would stand. */
static struct series *find(struct call_metrics *m, const struct schema_action *schema,
                           const char *code, size_t *ret_place)
{
    size_t at = (hash_u64((uint64_t)(uintptr_t)schema) ^ hash_bytes(code, strlen(code))) % PLACES;
    struct series *s;

    while ((s = atomic_load_explicit(&m->places[at], memory_order_acquire)) != NULL) {
        if (s->schema == schema && strncmp(s->code, code, CODE_MAX - 1) == 0)
            return s;
        at = (at + 1) % PLACES; /* the table is never more than half full */
    }
    *ret_place = at;
    return NULL;
}

static struct series *series_of(struct call_metrics *m, const struct schema_action *schema,
                                const char *code)
{
    size_t at;
    struct series *s = find(m, schema, code, &at);

    if (s)
        return s;
    pthread_mutex_lock(&m->lock);
    s = find(m, schema, code, &at);
    if (!s && m->n_series == SERIES_MAX) {
        s = &m->other;
    } else if (!s) {
        s = NEW(struct series);
        s->schema = schema;
        memcpy(s->code, code, strnlen(code, CODE_MAX - 1));
        m->n_series++;
        atomic_store_explicit(&m->places[at], s, memory_order_release);
    }
    pthread_mutex_unlock(&m->lock);
    return s;
}

void call_metrics_count(struct call_metrics *m, const struct schema_action *schema,
                        enum call_kind kind, const char *code, struct dur took)
{
    metric_add(&series_of(m, schema, code)->n, 1);
    histogram_add(&m->time[kind], &call_time_bounds, took.us);
}

void call_metrics_rate_limited(struct call_metrics *m)
{
    metric_add(&m->rate_limited, 1);
}

void call_metrics_connection_refused(struct call_metrics *m)
{
    metric_add(&m->connections_refused, 1);
}

/* ---- text ---------------------------------------------------------------------------------- */

static void write_series(struct buf *out, const struct series *s)
{
    const struct metric_label labels[] = {
        { "action", s->schema ? str_from(s->schema->name) : STR("") },
        { "version", s->schema ? str_from(s->schema->version) : STR("") },
        { "code", str_from(s->code) }
    };

    metric_sample(out, "weft_api_calls_total", labels, ARRAY_LEN(labels), METRIC_PLAIN,
                  metric_get(&s->n));
}

void call_metrics_write(const struct call_metrics *m, struct buf *out)
{
    metric_family(out, "weft_api_calls_total", METRIC_COUNTER,
                  "API calls that were answered, by action, version and code.");
    for (size_t i = 0; i < PLACES; i++) {
        const struct series *s = atomic_load_explicit(&m->places[i], memory_order_acquire);
        if (s)
            write_series(out, s);
    }
    if (metric_get(&m->other.n) > 0)
        write_series(out, &m->other);
    metric_family(out, "weft_api_call_duration_seconds", METRIC_HISTOGRAM,
                  "From the request line to the answer; a write until its commit.");
    for (int k = 0; k < CALL_KIND_N_; k++) {
        const struct metric_label kind = { "kind", str_from(kind_names[k]) };
        metric_histogram(out, "weft_api_call_duration_seconds", &kind, 1, METRIC_SECONDS,
                         &call_time_bounds, &m->time[k]);
    }
    metric_single(out, "weft_api_rate_limited_calls_total", METRIC_COUNTER,
                  "Calls that were refused by the rate limit.", METRIC_PLAIN,
                  metric_get(&m->rate_limited));
    metric_single(out, "weft_http_connections_refused_total", METRIC_COUNTER,
                  "Connections that were refused because all places were taken.", METRIC_PLAIN,
                  metric_get(&m->connections_refused));
}
