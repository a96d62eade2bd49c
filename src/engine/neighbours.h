/* engine/neighbours.h - the direct neighbours of an instance in the submitted graph.
 *
 * docs/reference/semantics.md 3.4, 5.10.  Any view, any thread.
 */
#ifndef ENGINE_NEIGHBOURS_H
#define ENGINE_NEIGHBOURS_H

#include "core/core.h"
#include "store/store.h"

/* Zero-initialise; items are owned (mem_free). */
struct instance_keys {
    struct instance_key *items;
    size_t n, cap;
};

/* Append the instances that the instance selects, that are there; in the order of its dependencies.
 * None for an instance of a deleted task. */
enum err_code neighbours_upstream(struct view *v, struct arena *a, struct instance_key key,
                                  struct instance_keys *ret, struct err *e) MUST_USE;
/* Append the instances that select it. */
enum err_code neighbours_downstream(struct view *v, struct arena *a, struct instance_key key,
                                    struct instance_keys *ret, struct err *e) MUST_USE;

#endif
