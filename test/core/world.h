/* test/core/world.h - a core with a clock, an image for its durable side and tasks made in one
 * line, for tests.
 *
 * The clock starts on Monday 2026-01-05 00:00:00 UTC; every task is in UTC, in project "p",
 * parallel, with one try.
 */
#ifndef TEST_CORE_WORLD_H
#define TEST_CORE_WORLD_H

#include "image.h"

enum { WORLD_LOG_MAX = 4096, WORLD_TASKS_MAX = 64 };

struct world_log {
    enum effect_kind kind;
    struct instance i;
    uint64_t fence;
    int64_t task_id;
    enum miss_reason miss;
};
struct world {
    struct image image;
    struct core *core;
    struct arena arena;
    struct wall now;
    struct core_task tasks[WORLD_TASKS_MAX]; /* as they were put last; for restarts */
    int n_tasks;
    const int64_t *peers; /* of the tasks that are put from now on (2.9) */
    int n_peers;
    struct {
        struct str id;
        int slots;
    } groups[8];
    int n_groups;
    /* core_config.backfill_share, plan_release and looks of the cores that are made from now on */
    int share, release, looks;
    struct world_log log[WORLD_LOG_MAX]; /* effects since world_forget */
    int n_log;
};

void world_init(struct world *w);
void world_done(struct world *w);
struct wall world_at(const char *civil); /* of UTC */
struct instance_key world_key(int64_t task_id, const char *data_time);

/* Midnight of a day of the month, "2026-01"; the text is good for three further calls. */
const char *world_date(const char *month, int day);

struct task_spec *world_spec(struct world *w, enum cycle cycle, const char *cron);
struct task_spec *world_daily(struct world *w, enum self_depend self); /* at noon */
void world_upstream(struct world *w, struct task_spec *spec, struct task_upstream up);
/* A rule without offsets. */
struct task_upstream world_on(int64_t task_id, enum dep_main main, enum dep_sub sub);
struct task_upstream world_on_list(int64_t task_id, enum dep_main main, int offset);
void world_listen(struct world *w, struct task_spec *spec, const char *event,
                  enum event_sub_type sub_type, bool broadcast, int64_t max_wait_minutes);
void world_put(struct world *w, int64_t id, const struct task_spec *spec);
void world_put_from(struct world *w, int64_t id, const struct task_spec *spec,
                    const char *live_from);
void world_group(struct world *w, const char *id, int slots);

/* Advance once, verify, commit; true: there is more to do now. */
bool world_step(struct world *w);
/* Advance until nothing is left to do, verify, commit. */
void world_settle(struct world *w);
void world_to(struct world *w, const char *civil); /* the clock, then settle */
void world_crash(struct world *w);                 /* lose what is not committed, load, settle */
void world_fire(struct world *w, const char *event, const char *data_time, bool single);
void world_fire_for(struct world *w, const char *event, const char *data_time, bool single,
                    bool general, int minutes);
void world_end(struct world *w, struct instance_key key, enum attempt_result result);
void world_backfill(struct world *w, int64_t id, const char *data_time, unsigned flags,
                    const char *plan); /* no settle */
void world_forget(struct world *w);

/* "NONE" when it does not exist. */
const char *world_state(const struct world *w, struct instance_key key);
#define assert_state(w, task_id, data_time, name)                                                  \
    assert_string_equal(world_state(w, world_key(task_id, data_time)), name)
const struct instance *world_instance(const struct world *w, int64_t id, const char *data_time);
int world_count(const struct world *w, enum effect_kind kind);
/* What the instance waits for: kinds in order, as text "EVENT UPSTREAM SLOT:2". */
const char *world_why(struct world *w, int64_t id, const char *data_time);

#endif
