/* cli/json_place.h - where in a JSON text a value stands, and how two values differ.  Pure. */
#ifndef CLI_JSON_PLACE_H
#define CLI_JSON_PLACE_H

#include <jansson.h>

#include "base/str.h"

/* The line, from 1 on, of the value that a dotted path such as "Tasks.0.Name" leads to, or of the
 * last one on the way that is there.  text parses as JSON. */
int json_line(struct str text, struct str path);

/* One leaf, or one value that only one side has (the other is NULL). */
typedef void json_difference(void *ctx, const char *path, const json_t *before,
                             const json_t *after);
/* Members of objects by name, elements of lists by index.  path: where they stand, "" on top. */
void json_compare(const json_t *before, const json_t *after, const char *path,
                  json_difference *take, void *ctx);

#endif
