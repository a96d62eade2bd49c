/* model/result.h - what a task printed, as the two-dimensional result that its output parameters
 * look into.
 *
 * docs/reference/semantics.md 6.3.  Every line of standard output that is not empty is a row, its
 * columns are separated by commas; both are counted from 0, rows from the end when negative.
 *
 *   $[n][m]   a cell           $[n]      the first cell of row n
 *   $[n][*]   a row            $[*][m]   a column: the cells with commas between them
 *   $[*][*]   everything: rows as they are, with newlines between them
 *
 * A cell that is not there is empty.
 */
#ifndef MODEL_RESULT_H
#define MODEL_RESULT_H

#include "base/buf.h"

enum {
    RESULT_PRINTED_MAX = 1 << 20, /* bytes of standard output that a result is made of */
    RESULT_VALUE_MAX = 64 << 10   /* bytes of a value */
};

struct result_path {
    bool all_rows, all_columns;
    int row, column;
};

/* Text that begins with "$[" means to be one; other text is a constant. */
bool result_path_is_meant(struct str text);
/* False: it is none. */
bool result_path_parse(struct str text, struct result_path *ret);
/* Append what the path names. */
void result_take(struct str printed, const struct result_path *path, struct buf *out);
/* Append what stands behind "name=" in the lines that begin so, joined with ';', each without the
 * quotes around it (the event hook, 4.3). */
void result_take_assigned(struct str printed, struct str name, struct buf *out);

#endif
