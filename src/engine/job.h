/* engine/job.h - requests of operators that are answered before they are done.
 *
 * docs/reference/semantics.md 5.9.  A job is one command: each of its sub-operations either happens
 * in it, or fails with a reason, or has been set going and is done when the round of its instance
 * has ended.  Only those last are remembered one by one; how far a job is, is derived from the
 * instances whenever somebody asks, so a job needs nobody to carry it on and survives every
 * restart.  One exception: what the deletion of a large plan is to end (deletion.h) is counted when
 * it is done.
 */
#ifndef ENGINE_JOB_H
#define ENGINE_JOB_H

#include "engine/engine.h"
#include "model/instance.h"

enum job_type {
    JOB_PAUSE,
    JOB_STOP,
    JOB_KILL,
    JOB_RERUN,
    JOB_SET_SUCCESS,
    JOB_DELETE_PLAN,
    JOB_TYPE_N_
};
const char *job_type_name(enum job_type t);

/* A job in the making; engine thread, inside a transaction.  Text in the engine's arena. */
struct job {
    struct engine *g;
    struct str id, project_id, uin;
    enum job_type type;
    struct buf error, error_zh;
    int64_t succeeded, failed, pending, to_come;
};
/* Writes it down, with doc, the request, so that what it makes can refer to it. */
enum err_code job_begin(struct job *j, struct engine *g, enum job_type type, struct str project_id,
                        struct str uin, struct str doc, struct err *e) MUST_USE;
void job_success(struct job *j);
/* what: whose sub-operation; reason: for people, in both languages. */
void job_failure(struct job *j, struct str what, const char *reason, const char *reason_zh);
/* It is done when this round of the instance has ended. */
enum err_code job_pending(struct job *j, struct instance_key key, int32_t round,
                          struct err *e) MUST_USE;
/* So many more follow, and are told by job_go_on. */
void job_to_come(struct job *j, int64_t n);
/* Its counts are complete. */
enum err_code job_finish(struct job *j, struct err *e) MUST_USE;
/* Frees the memory, whatever happened. */
void job_done(struct job *j);
/* n more of what was to come are done; last: all of it is, whoever ended the rest. */
enum err_code job_go_on(struct engine *g, struct str id, int64_t n, bool last,
                        struct err *e) MUST_USE;

/* Why some of it failed; empty: nothing did.  Jobs of before have English only. */
struct str job_error(const struct job_row *job, bool chinese);

/* How far it is; any view, any thread. */
enum job_status { JOB_RUNNING, JOB_SUCCESS, JOB_FAIL, JOB_PART_SUCCESS };
const char *job_status_name(enum job_status s);
struct job_progress {
    enum job_status status;
    int64_t finished, succeeded;
    struct wall updated_at;
};
/* Is its sub-operation done?  An instance that left the history was.  *ret_ended: 0 us for such. */
enum err_code job_item_look(struct view *v, struct arena *a, const struct job_item_row *item,
                            bool *ret, struct wall *ret_ended, struct err *e) MUST_USE;
enum err_code job_look(struct view *v, struct arena *a, const struct job_row *job,
                       struct job_progress *ret, struct err *e) MUST_USE;

#endif
