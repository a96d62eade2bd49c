/* model/dep_table.h - the allowed pairs of docs/reference/semantics.md 3.3, as data. */
#ifndef MODEL_DEP_TABLE_H
#define MODEL_DEP_TABLE_H

#include "model/dependency.h"

enum { DEP_PRESETS_MAX = 6 };

/* The unit of the RANGE_ and LIST_ pairs. */
enum dep_custom { DEP_CUSTOM_NONE, DEP_CUSTOM_DAY, DEP_CUSTOM_HOUR, DEP_CUSTOM_MINUTE };

struct dep_row {
    enum dep_sub presets[DEP_PRESETS_MAX]; /* in the order of the table; the rest is DEP_SUB_NONE */
    enum dep_custom custom;
};

/* Never NULL; a row without presets means that such tasks cannot depend on each other. */
const struct dep_row *dep_table_row(enum cycle down, enum cycle up);
/* The main value that a sub value belongs to; not for DEP_SUB_NONE. */
enum dep_main dep_table_main(enum dep_sub sub);

#endif
