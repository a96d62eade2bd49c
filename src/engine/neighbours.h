/* engine/neighbours.h - the direct neighbours of an instance in the submitted graph.
 *
 * docs/reference/semantics.md 3.4, 5.10.  Any view, any thread.  Who asks for many instances in one
 * transaction or snapshot asks with the same outlines: each task is read once.
 */
#ifndef ENGINE_NEIGHBOURS_H
#define ENGINE_NEIGHBOURS_H

#include "core/core.h"
#include "engine/task_outline.h"

/* Zero-initialise; items are owned (mem_free). */
struct instance_keys {
    struct instance_key *items;
    size_t n, cap;
};

/* Append the instances that the instance selects, that are there; in the order of its dependencies.
 * None for an instance of a deleted task. */
enum err_code neighbours_upstream(struct task_outlines *tasks, struct instance_key key,
                                  struct instance_keys *ret, struct err *e) MUST_USE;
/* Append the instances that select it. */
enum err_code neighbours_downstream(struct task_outlines *tasks, struct instance_key key,
                                    struct instance_keys *ret, struct err *e) MUST_USE;

#endif
