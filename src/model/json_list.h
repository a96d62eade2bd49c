/* model/json_list.h - lists of texts in JSON of libjansson. */
#ifndef MODEL_JSON_LIST_H
#define MODEL_JSON_LIST_H

#include <jansson.h>

/* A member that lists texts, one of which stands in it again, loses the repetition; the first stays
 * where it is.  A member that is no list stays as it is. */
void json_list_once(json_t *object, const char *name);

#endif
