/* api/schema_int.h - the generated tables, for schema.c only. */
#ifndef API_SCHEMA_INT_H
#define API_SCHEMA_INT_H

#include "api/schema.h"

extern const struct schema_action schema_action_table[]; /* sorted by version, then name */
extern const size_t schema_action_count;
extern const char *const schema_version_table[];
extern const size_t schema_version_count;

#endif
