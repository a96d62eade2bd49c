/* base/metric.c - numbers that a program counts of itself, and how Prometheus reads them. */
#include "base/metric.h"

#include <inttypes.h>
#include <stdatomic.h>

void metric_add(struct metric *m, int64_t n)
{
    atomic_fetch_add_explicit(&m->n, n, memory_order_relaxed);
}

static void own_add(_Atomic int64_t *to, int64_t n)
{
    atomic_store_explicit(to, atomic_load_explicit(to, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

void metric_own_add(struct metric *m, int64_t n)
{
    own_add(&m->n, n);
}

void metric_set(struct metric *m, int64_t n)
{
    atomic_store_explicit(&m->n, n, memory_order_relaxed);
}

int64_t metric_get(const struct metric *m)
{
    return atomic_load_explicit(&m->n, memory_order_relaxed);
}

static int place(const struct histogram_bounds *b, int64_t value)
{
    int i = 0;

    while (i < b->n && value > b->at[i])
        i++;
    return i;
}

void histogram_add(struct histogram *h, const struct histogram_bounds *b, int64_t value)
{
    atomic_fetch_add_explicit(&h->counts[place(b, value)], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&h->sum, value, memory_order_relaxed);
}

void histogram_own_add(struct histogram *h, const struct histogram_bounds *b, int64_t value)
{
    own_add(&h->counts[place(b, value)], 1);
    own_add(&h->sum, value);
}

static int64_t count_at(const struct histogram *h, int i)
{
    return atomic_load_explicit(&h->counts[i], memory_order_relaxed);
}

int64_t histogram_count(const struct histogram *h)
{
    int64_t n = 0;

    for (int i = 0; i <= HISTOGRAM_BOUNDS_MAX; i++)
        n += count_at(h, i);
    return n;
}

/* ---- text ---------------------------------------------------------------------------------- */

static void write_number(struct buf *out, enum metric_unit unit, int64_t value)
{
    uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;

    if (unit == METRIC_PLAIN) {
        buf_add_i64(out, value);
        return;
    }
    if (value < 0)
        buf_add_char(out, '-');
    buf_add_u64(out, size / 1000000);
    uint64_t rest = size % 1000000;
    int digits = 6;
    while (rest > 0 && rest % 10 == 0) {
        rest /= 10;
        digits--;
    }
    if (rest > 0)
        buf_printf(out, ".%0*" PRIu64, digits, rest);
}

static void write_value(struct buf *out, struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (c == '\n')
            buf_add_c(out, "\\n");
        else if (c == '\\' || c == '"') {
            buf_add_char(out, '\\');
            buf_add_char(out, c);
        } else
            buf_add_char(out, c);
    }
}

static void write_labels(struct buf *out, const struct metric_label *labels, int n,
                         const char *bound)
{
    char before = '{';

    for (int i = 0; i < n; i++) {
        buf_printf(out, "%c%s=\"", before, labels[i].name);
        write_value(out, labels[i].value);
        buf_add_char(out, '"');
        before = ',';
    }
    if (bound)
        buf_printf(out, "%cle=\"%s\"", before, bound);
    if (n > 0 || bound)
        buf_add_char(out, '}');
}

void metric_family(struct buf *out, const char *name, enum metric_kind kind, const char *help)
{
    static const char *const kinds[] = { "counter", "gauge", "histogram" };

    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kinds[kind]);
}

void metric_sample(struct buf *out, const char *name, const struct metric_label *labels, int n,
                   enum metric_unit unit, int64_t value)
{
    buf_add_c(out, name);
    write_labels(out, labels, n, NULL);
    buf_add_char(out, ' ');
    write_number(out, unit, value);
    buf_add_char(out, '\n');
}

static void write_bucket(struct buf *out, const char *name, const struct metric_label *labels,
                         int n, const char *bound, int64_t count)
{
    buf_printf(out, "%s_bucket", name);
    write_labels(out, labels, n, bound);
    buf_printf(out, " %" PRId64 "\n", count);
}

/* The sum is read first: counts that came meanwhile may be a little ahead of it. */
void metric_histogram(struct buf *out, const char *name, const struct metric_label *labels, int n,
                      enum metric_unit unit, const struct histogram_bounds *b,
                      const struct histogram *h)
{
    int64_t sum = atomic_load_explicit(&h->sum, memory_order_relaxed), count = 0;
    struct buf bound;

    buf_init(&bound, 64);
    for (int i = 0; i < b->n; i++) {
        count += count_at(h, i);
        buf_reset(&bound);
        write_number(&bound, unit, b->at[i]);
        write_bucket(out, name, labels, n, bound.ptr, count);
    }
    buf_done(&bound);
    count += count_at(h, b->n);
    write_bucket(out, name, labels, n, "+Inf", count);
    buf_printf(out, "%s_sum", name);
    write_labels(out, labels, n, NULL);
    buf_add_char(out, ' ');
    write_number(out, unit, sum);
    buf_printf(out, "\n%s_count", name);
    write_labels(out, labels, n, NULL);
    buf_printf(out, " %" PRId64 "\n", count);
}

void metric_single(struct buf *out, const char *name, enum metric_kind kind, const char *help,
                   enum metric_unit unit, int64_t value)
{
    metric_family(out, name, kind, help);
    metric_sample(out, name, NULL, 0, unit, value);
}
