/* model/expression.h - the conditions of branches: boolean expressions in the notation of Python.
 *
 * docs/reference/semantics.md 5.8.  What there is, with Python's precedence and meaning:
 *
 *   or   and   not   == != < <= > >= in "not in" (may be chained)   + -   * / // %   unary + -
 *   numbers, 'text' and "text" (escapes \\ \' \" \n \t), True, False, None, (a, b) and [a, b]
 *   int() float() str() len() abs() bool()
 *
 * Whole numbers have 64 bits.  No names, attributes or other calls: a condition decides, it does
 * nothing.
 */
#ifndef MODEL_EXPRESSION_H
#define MODEL_EXPRESSION_H

#include "base/err.h"
#include "base/str.h"

enum { EXPRESSION_BYTES_MAX = 64 << 10, EXPRESSION_DEPTH_MAX = 64 };

/* Whether its value counts as true.  E_SYNTAX, E_RANGE (an operation that the values do not allow),
 * E_LIMIT with a text that names the place (empty path). */
enum err_code expression_evaluate(struct str text, bool *ret, struct err *e) MUST_USE;
/* Only whether it is an expression.  E_SYNTAX, E_LIMIT. */
enum err_code expression_check(struct str text, struct err *e) MUST_USE;

#endif
