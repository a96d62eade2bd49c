/* engine/task_outline.h - submitted tasks as far as the choice of instances needs them, each read
 * once.
 *
 * An outline is the half of a definition that the scheduler holds (model/task_pack.h): schedule and
 * dependencies, and neither code nor parameters, of which there may be megabytes.  For who looks at
 * the same tasks again and again within one transaction or one snapshot: what changes after the
 * first look is not seen.  Any view; one thread at a time.
 */
#ifndef ENGINE_TASK_OUTLINE_H
#define ENGINE_TASK_OUTLINE_H

#include "base/map.h"
#include "model/task.h"
#include "store/store.h"

struct task_outline {
    struct task_spec spec;
    int64_t
        *downstream; /* tasks that depend on it, in the submitted graph; for task_outline_down */
    size_t n_downstream;
    bool has_downstream; /* they were looked for */
};

struct task_outlines {
    struct view *view;
    struct arena arena_;
    struct pair_map known_; /* task -> outline, in the arena */
};

void task_outlines_init(struct task_outlines *o, struct view *v);
void task_outlines_done(struct task_outlines *o);
/* For a long series of looks: forget what was read, if that has become much. */
void task_outlines_trim(struct task_outlines *o);
/* Borrowed until trim or done.  *ret is NULL for a task that is not submitted, or was deleted. */
enum err_code task_outline_get(struct task_outlines *o, int64_t task_id, struct task_outline **ret,
                               struct err *e) MUST_USE;
/* The same, and its downstream tasks are there. */
enum err_code task_outline_down(struct task_outlines *o, int64_t task_id, struct task_outline **ret,
                                struct err *e) MUST_USE;

#endif
