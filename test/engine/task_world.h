/* test/engine/task_world.h - the real engine over the memory store with one project, two workflows,
 * and what tasks can name; commands run one per turn.
 *
 * Nothing is started: attempts that the engine begins stay without an answer.
 */
#ifndef TEST_ENGINE_TASK_WORLD_H
#define TEST_ENGINE_TASK_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "engine/cmd_task.h"
#include "engine/job.h"
#include "engine/turn.h"

#define PROJECT "1"
#define OTHER_PROJECT "2"
#define WORKFLOW "w1"
#define CALENDAR "cal"

/* What the engine told the runner. */
struct world_call {
    char kind; /* 'b'egin, 'k'ill, 'a'ck */
    uint64_t fence;
    bool resent, refused;
};
enum { WORLD_CALLS_MAX = 64 };

struct world {
    struct store *store;
    struct engine *engine;
    struct wall now;     /* 2026-03-04 05:06:07.089 in UTC+8 at the start */
    char version_id[64]; /* of the last submit */
    struct arena arena;  /* texts of rows that were read */
    struct world_call calls[WORLD_CALLS_MAX];
    int n_calls;
};

void world_init(struct world *w);
void world_done(struct world *w);

/* One command in a turn of its own at w->now. */
typedef enum err_code world_step(struct world *w, struct engine *g, void *ctx, struct err *e);
enum err_code world_run(struct world *w, world_step *step, void *ctx, struct err *e);
void world_advance(struct world *w, struct dur d); /* lets time pass, and the engine work */
void world_restart(struct world *w); /* another engine over the same store, without a runner */

/* A task as a client writes it; NULL texts are left out.  config and scheduler are the members of
 * their blocks. */
struct wish {
    int64_t id; /* create: 0 takes a new one */
    const char *name, *project, *workflow, *folder, *type, *config, *scheduler;
};
enum err_code world_create(struct world *w, const struct wish *wish, int64_t *ret, struct err *e);
enum err_code world_change(struct world *w, const struct wish *wish, struct err *e);
enum err_code world_submit(struct world *w, int64_t id, struct err *e);
enum err_code world_submit_as(struct world *w, int64_t id, enum task_status status, struct err *e);
/* Change and submit in one turn. */
enum err_code world_publish(struct world *w, const struct wish *wish, struct err *e);
enum err_code world_delete(struct world *w, int64_t id, bool gentle, struct err *e);

/* Those that must succeed: they fail the test with the text. */
int64_t must_create(struct world *w, const char *name, const char *scheduler);
void must_change(struct world *w, int64_t id, const char *name, const char *scheduler);
void must_submit(struct world *w, int64_t id);
/* Fails the test unless code and path are these and both languages have a text. */
void must_fail(enum err_code rc, const struct err *e, enum err_code code, const char *path);

struct task_row world_row(struct world *w, int64_t id); /* fails the test when there is none */
bool world_has(struct world *w, int64_t id);
int64_t world_count(struct world *w, const struct table *t);
int64_t world_in_state(struct world *w, enum instance_state s);
struct civil world_day(int number); /* of January 2026 */
/* The task's instance of that day; fails the test when there is none. */
struct instance_row world_instance(struct world *w, int64_t task, int number);
/* How far the job is; fails the test when there is none. */
struct job_progress world_job(struct world *w, struct str id, int64_t *ret_total);
int64_t world_edges(struct world *w, int64_t down, int64_t up, bool in_ops); /* 0: any task */

/* "UpstreamDependencyConfigList":[{"TaskId":"<id>",<rest>}] in a static buffer. */
const char *upstream(int64_t id, const char *rest);

#endif
