/* cli/table.h - columns of text for people: aligned by their widest cell, wide characters counted
 * as two. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdio.h>

#include "base/arena.h"

enum { TABLE_COLUMNS_MAX = 12 };
struct table_text {
    struct arena *arena;
    const char *titles[TABLE_COLUMNS_MAX];
    int n_columns;
    const char **cells;
    size_t n_rows, cap;
};

void table_init(struct table_text *t, struct arena *a,
                const char *const *titles); /* NULL-terminated */
/* One cell per column, copied; NULL shows "-". */
void table_row(struct table_text *t, const char *const *cells);
void table_print(const struct table_text *t, FILE *out);

#endif
