/* model/for_each.h - the code of a for-each task: its text once for every row of an array, as one
 * Shell script.
 *
 * docs/reference/semantics.md 5.8.  The rows of a value are its lines, or, in a value of one line,
 * what stands between its commas; empty ones do not count.  In the text ${key} is the row,
 * ${key[0]} ... its cells and ${key.index} its number from 0.  The rows run one after the other,
 * and the first that fails ends the script with its status.
 */
#ifndef MODEL_FOR_EACH_H
#define MODEL_FOR_EACH_H

#include "model/parameter.h"

enum { FOR_EACH_ROWS_MAX = 1000 };

/* Append the script.  text: other parameters are substituted already.  E_LIMIT: more rows, or more
 * than PARAMETER_BYTES_MAX. */
enum err_code for_each_script(struct str text, struct str key, struct str value, struct buf *out,
                              struct err *e) MUST_USE;

#endif
