/* test/core/image.h - the durable side of a core under test: a small store that applies effects.
 *
 * Everything that changed since the last commit can be taken back by image_crash, so a test may end
 * the server between any two steps.  It answers the core's port; like the engine it applies what
 * the core said so far first.
 */
#ifndef TEST_CORE_IMAGE_H
#define TEST_CORE_IMAGE_H

#include "base/arena.h"
#include "base/map.h"
#include "core/core.h"

struct image_round {
    struct instance i;
}; /* a round that was closed */
struct image_case {
    struct str id, project_id, event_name;
    struct civil data_time;
    struct wall fired_at, expires_at;
    int consumed;
    bool single, general;
    bool gone;                    /* forgotten */
    struct instance_key consumer; /* the last one */
};
struct image_consumption {
    size_t at_case; /* its place in the list below */
    struct instance_key key;
    bool gone; /* with the instance */
};
struct image_attempt {
    uint64_t fence;
    struct instance_key key;
    int round, number;
};
struct image_miss {
    int64_t task_id;
    struct civil planned, data_time;
    enum miss_reason reason;
};
struct image_schedule {
    int64_t task_id;
    struct civil high_water; /* in the zone that it was settled in */
    struct wall settled_at;
    bool has_high_water;
    enum task_status status;
};

/* Branches that were decided: a row for each way that is not taken. */
struct image_refusal {
    int64_t branch, down;
};

struct image_undo;
struct image {
    struct arena arena;
    struct core *core;     /* borrowed; whose effects are applied; NULL: only image_apply is used */
    size_t flushed, finds; /* finds: how often an instance was asked for */
    uint64_t fence;

    struct instance *instances;
    size_t n_instances, cap_instances;
    struct pair_map by_key; /* -> index + 1 */
    struct image_round *rounds;
    size_t n_rounds, cap_rounds;
    struct image_case *cases;
    size_t n_cases, cap_cases;
    struct image_consumption *consumptions;
    size_t n_consumptions, cap_consumptions;
    struct image_attempt *attempts;
    size_t n_attempts, cap_attempts;
    struct image_miss *misses;
    size_t n_misses, cap_misses;
    struct image_schedule *schedules;
    size_t n_schedules, cap_schedules;
    struct image_refusal refusals[8]; /* set by the test; tasks of branches that fail: down 0 */
    int n_refusals;
    struct plan_fact plan; /* of every plan */
    struct {
        size_t instances, rounds, attempts, cases;
    } gone; /* of those above, forgotten: they keep their places */
    struct image_undo *undo;
    size_t n_undo, cap_undo;

    /* Called for each effect as it is applied, before it is; may be NULL. */
    void (*on_effect)(void *ctx, const struct effect *e);
    void *ctx;
};

void image_init(struct image *im);
void image_done(struct image *im);
struct core_port image_port(struct image *im);
/* Apply the effects that came since the last call. */
void image_flush(struct image *im);
/* One that the core did not say: another hand's change of the store. */
void image_apply(struct image *im, const struct effect *e);
/* Flush (where there is a core), and make everything durable.  The core's effects are cleared by
 * the caller. */
void image_commit(struct image *im);
/* Back to the last commit. */
void image_crash(struct image *im);

const struct instance *image_get(const struct image *im, struct instance_key key);
struct image_schedule *image_schedule(struct image *im,
                                      int64_t task_id); /* made when it is not there */
void image_schedule_set(struct image *im, const struct image_schedule *s);
void image_case_add(struct image *im, const struct image_case *c); /* texts are copied */
void image_delete_task(struct image *im, int64_t task_id);         /* its instances too */
/* An instance that is over, with its rounds and attempts, and a case leave the history. */
void image_forget(struct image *im, struct instance_key key);
void image_forget_case(struct image *im, struct str id);
/* Every non-terminal instance. */
void image_restore(const struct image *im, struct core *c);

#endif
