/* api/fill.h - members that an answer declares and has no value for are null, also in what is shown
 * as it was given.
 *
 * The schema says which members there are (api/schema.h).
 */
#ifndef API_FILL_H
#define API_FILL_H

#include "api/schema.h"

/* What stands at a dotted path of the answer of an action, such as "Data.Items"; lists are passed
 * through.  The path is a fault of the program where there is none. */
const struct schema_object *fill_of(const struct schema_action *action, const char *path);

/* Every declared member that the object has not becomes null, and so in the objects and the lists
 * of objects that it has. */
void fill_object(const struct schema_object *object, json_t *value);
/* The same in the objects and the lists below it only; the object itself gets no members. */
void fill_below(const struct schema_object *object, json_t *value);

#endif
