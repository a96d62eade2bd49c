/* engine/purge_int.h - what the parts of the purge share: one file for each kind of history.
 *
 * Each walks its kind from the beginning to the end in steps.  A step is bounded in what it looks
 * at and in what it takes away, and leaves in g->purge where the next one goes on.
 */
#ifndef ENGINE_PURGE_INT_H
#define ENGINE_PURGE_INT_H

#include "engine/engine_int.h"
#include "engine/purge.h"

enum { PURGE_ROWS = 200 }; /* rows that hang on one that goes, in a step; more go in the next */

/* One step of a walk, in the open transaction.  *ret: it is at the end. */
typedef enum err_code purge_walk(struct engine *g, bool *ret, struct err *e);

purge_walk purge_plans, purge_jobs; /* purge_request.c */
purge_walk purge_instances;         /* purge_instance.c; what they consumed, and misses */
purge_walk purge_cases;             /* purge_event.c; and who took them */
purge_walk purge_messages;          /* purge_alarm.c; and their deliveries */
purge_walk purge_audit;             /* purge.c */

/* Done with the row of this id: the next step goes on behind it. */
void purge_pass(struct engine *g, struct str id);
/* The row itself goes; the observer is told. */
enum err_code purge_row(struct engine *g, const struct table *t, const void *row,
                        struct err *e) MUST_USE;
/* Some of the rows of a table in which a column has this value. *ret: none is left. */
enum err_code purge_rows_of(struct engine *g, const struct query *q, bool *ret,
                            struct err *e) MUST_USE;

#endif
