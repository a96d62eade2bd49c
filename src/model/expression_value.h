/* model/expression_value.h - the values of a branch's condition, and what Python does with them.
 *
 * docs/reference/semantics.md 5.8.  Pure.  Whole numbers have 64 bits; tuples and lists are one
 * kind. Texts and lists lie in the caller's arena, or in the text that was read.
 *
 * What can be refused returns a complaint, a constant sentence without a full stop for the author
 * of the condition, or NULL where *ret is set.
 */
#ifndef MODEL_EXPRESSION_VALUE_H
#define MODEL_EXPRESSION_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum value_kind { VALUE_NONE, VALUE_BOOL, VALUE_INT, VALUE_FLOAT, VALUE_TEXT, VALUE_LIST };

struct value {
    enum value_kind kind;
    int64_t number; /* BOOL, INT */
    double real;
    struct str text;
    const struct value *items;
    int n_items;
};

struct value value_bool(bool b);
struct value value_int(int64_t n);
struct value value_float(double d);
struct value value_text(struct str s);

/* Whether it counts as true. */
bool value_truth(const struct value *v);

enum value_operator { OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_FLOOR, OP_MOD };
const char *value_arithmetic(enum value_operator op, const struct value *a, const struct value *b,
                             struct arena *arena, struct value *ret);
/* -v, or +v. */
const char *value_sign(bool minus, const struct value *v, struct value *ret);

enum value_comparison { CMP_EQ, CMP_NE, CMP_LE, CMP_GE, CMP_LT, CMP_GT, CMP_IN, CMP_NOT_IN };
const char *value_compare(enum value_comparison op, const struct value *a, const struct value *b,
                          bool *ret);

enum value_function { F_INT, F_FLOAT, F_STR, F_LEN, F_ABS, F_BOOL, VALUE_FUNCTIONS };
extern const char *const value_function_names[VALUE_FUNCTIONS];
const char *value_call(enum value_function f, const struct value *v, struct arena *arena,
                       struct value *ret);

#endif
