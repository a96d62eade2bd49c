/* api/version_spec.h - one version of a task as typed values, for answers that look at its
 * schedule. */
#ifndef API_VERSION_SPEC_H
#define API_VERSION_SPEC_H

#include "base/jw.h"
#include "model/task.h"
#include "store/store.h"

/* The version, its schedule's calendar resolved; text and calendar live in the arena.
 * *ret_calendar_at: when the calendar was last changed, for only the present calendar is kept;
 * WALL_NONE: the version follows none; WALL_FAR: the calendar is gone and the schedule is without
 * it (an old version's; a draft's cannot be deleted).  E_MISSING: there is no such version. */
enum err_code version_spec_load(struct view *v, int64_t task_id, int32_t num, struct arena *a,
                                struct task_spec *ret, struct wall *ret_calendar_at,
                                struct err *e) MUST_USE;

/* "V3" as a member; null for 0. */
void version_no_write(struct jw *w, const char *key, int32_t num);

#endif
