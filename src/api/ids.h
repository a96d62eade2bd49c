/* api/ids.h - lists of ids in requests. */
#ifndef API_IDS_H
#define API_IDS_H

#include "api/action.h"
#include "model/instance.h"

/* The task ids of a list of 1 to max, each once, in the call's arena.  E_RANGE, E_LIMIT under the
 * list; E_MISSING under its entry: text that is no id names no task. */
enum err_code ids_tasks(struct call *c, const char *list, int max, int64_t **ret,
                        int *ret_n) MUST_USE;
/* The same for instance keys; E_SYNTAX under the entry that is none. */
enum err_code ids_instances(struct call *c, const char *list, int max, struct instance_key **ret,
                            int *ret_n) MUST_USE;
/* The request as text, in the call's arena. */
struct str request_text(struct call *c);

#endif
