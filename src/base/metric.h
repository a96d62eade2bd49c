/* base/metric.h - numbers that a program counts of itself, and how Prometheus reads them.
 *
 * A metric is a struct that its owner embeds; zero is its valid start, and it lives as long as its
 * owner.  Any thread may count and read, nobody waits: every number is one relaxed atomic, so a
 * reader sees each of them whole, and several of them as of nearly one moment.  What only one
 * thread counts uses the _own forms, which cost no locked instruction.
 *
 * Whole numbers only.  Times are microseconds here and seconds in the text; bytes are bytes.
 *
 * The text is version 0.0.4 of the exposition format.  A family is written once: metric_family,
 * then its samples, one for each set of labels.  Names and label names are constants of the
 * program; label values may be anything, and are escaped.
 */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include "base/buf.h"

/* A number that only grows, or one that is set: a counter or a gauge. */
struct metric {
    _Atomic int64_t n;
};

void metric_add(struct metric *m, int64_t n);
void metric_own_add(struct metric *m, int64_t n);
void metric_set(struct metric *m, int64_t n);
int64_t metric_get(const struct metric *m);

enum { HISTOGRAM_BOUNDS_MAX = 20 };
/* Upper bounds, growing; what is above the last one is counted as well. */
struct histogram_bounds {
    int n;
    int64_t at[HISTOGRAM_BOUNDS_MAX];
};
struct histogram {
    _Atomic int64_t counts[HISTOGRAM_BOUNDS_MAX + 1]; /* each between two bounds */
    _Atomic int64_t sum;
};
void histogram_add(struct histogram *h, const struct histogram_bounds *b, int64_t value);
void histogram_own_add(struct histogram *h, const struct histogram_bounds *b, int64_t value);
int64_t histogram_count(const struct histogram *h);

/* ---- text ---------------------------------------------------------------------------------- */

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };
enum metric_unit { METRIC_PLAIN, METRIC_SECONDS }; /* METRIC_SECONDS: counted in microseconds */

struct metric_label {
    const char *name;
    struct str value;
};

/* HELP and TYPE.  name: "weft_..."; help: one line. */
void metric_family(struct buf *out, const char *name, enum metric_kind kind, const char *help);
void metric_sample(struct buf *out, const char *name, const struct metric_label *labels, int n,
                   enum metric_unit unit, int64_t value);
void metric_histogram(struct buf *out, const char *name, const struct metric_label *labels, int n,
                      enum metric_unit unit, const struct histogram_bounds *b,
                      const struct histogram *h);
/* Family and its only sample. */
void metric_single(struct buf *out, const char *name, enum metric_kind kind, const char *help,
                   enum metric_unit unit, int64_t value);

#endif
