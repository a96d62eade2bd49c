/* model/expression_value.c - see expression_value.h. */
#include "model/expression_value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/expression.h"

static const char *const too_large = "a number is too large";
static const char *const no_number = "the value is no number";
/* Whole numbers lie from -2^63 to below this. */
static const double beyond = 9223372036854775808.0;

struct value value_bool(bool b)
{
    return (struct value){ .kind = VALUE_BOOL, .number = b };
}
struct value value_int(int64_t n)
{
    return (struct value){ .kind = VALUE_INT, .number = n };
}
struct value value_float(double d)
{
    return (struct value){ .kind = VALUE_FLOAT, .real = d };
}
struct value value_text(struct str s)
{
    return (struct value){ .kind = VALUE_TEXT, .text = s };
}

static bool is_whole(const struct value *v)
{
    return v->kind == VALUE_INT || v->kind == VALUE_BOOL;
}
static bool is_number(const struct value *v)
{
    return is_whole(v) || v->kind == VALUE_FLOAT;
}
static double real_of(const struct value *v)
{
    return v->kind == VALUE_FLOAT ? v->real : (double)v->number;
}

bool value_truth(const struct value *v)
{
    switch (v->kind) {
    case VALUE_NONE:
        return false;
    case VALUE_FLOAT:
        return v->real != 0;
    case VALUE_TEXT:
        return v->text.len > 0;
    case VALUE_LIST:
        return v->n_items > 0;
    default:
        return v->number != 0;
    }
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

static const char *whole_arithmetic(enum value_operator op, int64_t a, int64_t b, struct value *ret)
{
    int64_t n = 0;
    bool overflow = false;

    if (op == OP_ADD) {
        overflow = __builtin_add_overflow(a, b, &n);
    } else if (op == OP_SUB) {
        overflow = __builtin_sub_overflow(a, b, &n);
    } else if (op == OP_MUL) {
        overflow = __builtin_mul_overflow(a, b, &n);
    } else if (b == -1) { /* the one quotient that does not fit */
        overflow = op == OP_FLOOR && __builtin_sub_overflow((int64_t)0, a, &n);
    } else { /* Python rounds down */
        bool down = a % b != 0 && (a % b < 0) != (b < 0);
        n = op == OP_FLOOR ? a / b - down : a % b + (down ? b : 0);
    }
    if (overflow)
        return too_large;
    *ret = value_int(n);
    return NULL;
}

/* The remainder has the sign of the divisor, and the quotient is what is left without it: dividing
 * first would round 1 // 0.1 up to 10. */
static double real_remainder(double a, double b)
{
    double rest = fmod(a, b);

    if (rest == 0)
        return copysign(0, b);
    return (rest < 0) != (b < 0) ? rest + b : rest;
}

static double real_quotient(double a, double b)
{
    double rest = fmod(a, b), q = (a - rest) / b;

    if (rest != 0 && (rest < 0) != (b < 0))
        q -= 1;
    return q - floor(q) > 0.5 ? floor(q) + 1 : floor(q);
}

static double real_arithmetic(enum value_operator op, double a, double b)
{
    switch (op) {
    case OP_ADD:
        return a + b;
    case OP_SUB:
        return a - b;
    case OP_MUL:
        return a * b;
    case OP_DIV:
        return a / b;
    case OP_FLOOR:
        return real_quotient(a, b);
    default:
        return real_remainder(a, b);
    }
}

const char *value_arithmetic(enum value_operator op, const struct value *a, const struct value *b,
                             struct arena *arena, struct value *ret)
{
    if (a->kind == VALUE_TEXT && b->kind == VALUE_TEXT && op == OP_ADD) {
        if (a->text.len + b->text.len > EXPRESSION_BYTES_MAX)
            return "a text is too long";
        *ret = value_text(arena_printf(arena, "%.*s%.*s", STR_ARG(a->text), STR_ARG(b->text)));
        return NULL;
    }
    if (!is_number(a) || !is_number(b))
        return "arithmetic with something that is no number";
    if (op >= OP_DIV && real_of(b) == 0)
        return "a division by zero";
    if (is_whole(a) && is_whole(b) && op != OP_DIV)
        return whole_arithmetic(op, a->number, b->number, ret);
    *ret = value_float(real_arithmetic(op, real_of(a), real_of(b)));
    return NULL;
}

const char *value_sign(bool minus, const struct value *v, struct value *ret)
{
    if (!is_number(v))
        return "a sign stands before something that is no number";
    if (v->kind == VALUE_FLOAT)
        *ret = value_float(minus ? -v->real : v->real);
    else if (minus && v->number == INT64_MIN)
        return too_large;
    else
        *ret = value_int(minus ? -v->number : v->number);
    return NULL;
}

/* ---- comparisons ----------------------------------------------------------------------------- */

enum order { LESS = -1, SAME, MORE, NO_ORDER };

/* Exact, as in Python: a double cannot hold every whole number. */
static enum order order_whole_real(int64_t a, double b)
{
    if (isnan(b))
        return NO_ORDER;
    if (b >= beyond || b < -beyond)
        return b < 0 ? MORE : LESS;
    int64_t whole = (int64_t)b;
    if (a != whole)
        return a < whole ? LESS : MORE;
    double rest = b - (double)whole;
    return rest > 0 ? LESS : rest < 0 ? MORE : SAME;
}

static enum order order_numbers(const struct value *a, const struct value *b)
{
    if (is_whole(a) && is_whole(b))
        return a->number < b->number ? LESS : a->number > b->number ? MORE : SAME;
    if (is_whole(a))
        return order_whole_real(a->number, b->real);
    if (is_whole(b)) {
        enum order o = order_whole_real(b->number, a->real);
        return o == LESS ? MORE : o == MORE ? LESS : o;
    }
    return a->real < b->real    ? LESS
           : a->real > b->real  ? MORE
           : a->real == b->real ? SAME
                                : NO_ORDER; /* not a number */
}

static bool equal(const struct value *a, const struct value *b)
{
    if (is_number(a) && is_number(b))
        return order_numbers(a, b) == SAME;
    if (a->kind != b->kind)
        return false;
    if (a->kind == VALUE_TEXT)
        return str_eq(a->text, b->text);
    if (a->kind != VALUE_LIST)
        return true; /* None */
    for (int i = 0; i < a->n_items && a->n_items == b->n_items; i++)
        if (!equal(&a->items[i], &b->items[i]))
            return false;
    return a->n_items == b->n_items;
}

static const char *contains(const struct value *all, const struct value *one, bool *ret)
{
    *ret = false;
    if (all->kind == VALUE_TEXT && one->kind == VALUE_TEXT) {
        *ret = one->text.len == 0 || str_find(all->text, one->text) >= 0;
        return NULL;
    }
    if (all->kind != VALUE_LIST)
        return "`in` looks into a list or, for a text, into a text";
    for (int i = 0; i < all->n_items; i++)
        *ret |= equal(&all->items[i], one);
    return NULL;
}

const char *value_compare(enum value_comparison op, const struct value *a, const struct value *b,
                          bool *ret)
{
    enum order o;

    if (op == CMP_EQ || op == CMP_NE) {
        *ret = equal(a, b) == (op == CMP_EQ);
        return NULL;
    }
    if (op == CMP_IN || op == CMP_NOT_IN) {
        const char *complaint = contains(b, a, ret);
        *ret = *ret == (op == CMP_IN);
        return complaint;
    }
    if (is_number(a) && is_number(b)) {
        o = order_numbers(a, b);
    } else if (a->kind == VALUE_TEXT && b->kind == VALUE_TEXT) {
        int cmp = str_cmp(a->text, b->text);
        o = cmp < 0 ? LESS : cmp > 0 ? MORE : SAME;
    } else {
        return "only two numbers or two texts have an order";
    }
    *ret = o != NO_ORDER && (op == CMP_LT   ? o == LESS
                             : op == CMP_LE ? o != MORE
                             : op == CMP_GT ? o == MORE
                                            : o != LESS);
    return NULL;
}

/* ---- functions ------------------------------------------------------------------------------- */

const char *const value_function_names[VALUE_FUNCTIONS] = { "int", "float", "str",
                                                            "len", "abs",   "bool" };

static const char *number_of_text(struct str s, bool whole, struct value *ret)
{
    int64_t number;
    char digits[64], *end;

    s = str_trim(s);
    if (s.len == 0 || s.len >= sizeof(digits))
        return no_number;
    if (str_starts_with(s, STR("+")))
        s = str_sub(s, 1, s.len);
    if (str_to_i64(s, &number)) {
        *ret = whole ? value_int(number) : value_float((double)number);
        return NULL;
    }
    snprintf(digits, sizeof(digits), "%.*s", STR_ARG(s));
    double d = strtod(digits, &end);
    if (whole || *end != '\0' || strpbrk(digits, "xXnNpP"))
        return no_number;
    *ret = value_float(d);
    return NULL;
}

static const char *to_number(const struct value *v, bool whole, struct value *ret)
{
    if (v->kind == VALUE_TEXT)
        return number_of_text(v->text, whole, ret);
    if (!is_number(v))
        return no_number;
    if (!whole)
        *ret = value_float(real_of(v));
    else if (is_whole(v))
        *ret = value_int(v->number);
    else if (v->real >= -beyond && v->real < beyond)
        *ret = value_int((int64_t)v->real);
    else
        return too_large;
    return NULL;
}

/* The fewest digits that mean this number; an exponent where Python writes one. */
static struct str text_of_real(double d, struct arena *arena)
{
    char digits[40];
    int precision = 0;
    int64_t exponent = 0;

    if (!isfinite(d))
        return isnan(d) ? STR("nan") : d < 0 ? STR("-inf") : STR("inf");
    do
        snprintf(digits, sizeof(digits), "%.*e", precision, d);
    while (strtod(digits, NULL) != d && ++precision < 17);
    const char *after_e = strchr(digits, 'e') + 1;
    check(str_to_i64(str_from(after_e + (*after_e == '+')), &exponent));
    if (exponent < -4 || exponent >= 16)
        return arena_str(arena, str_from(digits));
    return arena_printf(arena, "%.*f", precision > exponent ? precision - (int)exponent : 1, d);
}

static const char *to_text(const struct value *v, struct arena *arena, struct value *ret)
{
    switch (v->kind) {
    case VALUE_NONE:
        *ret = value_text(STR("None"));
        return NULL;
    case VALUE_BOOL:
        *ret = value_text(v->number ? STR("True") : STR("False"));
        return NULL;
    case VALUE_INT:
        *ret = value_text(arena_printf(arena, "%lld", (long long)v->number));
        return NULL;
    case VALUE_FLOAT:
        *ret = value_text(text_of_real(v->real, arena));
        return NULL;
    case VALUE_TEXT:
        *ret = *v;
        return NULL;
    default:
        return "a list has no text";
    }
}

static const char *length_of(const struct value *v, struct value *ret)
{
    if (v->kind == VALUE_LIST)
        *ret = value_int(v->n_items);
    else if (v->kind == VALUE_TEXT && str_is_utf8(v->text))
        *ret = value_int((int64_t)str_code_points(v->text));
    else
        return "only a text or a list has a length";
    return NULL;
}

static const char *absolute(const struct value *v, struct value *ret)
{
    if (!is_number(v))
        return "abs() takes a number";
    return value_sign(v->kind == VALUE_FLOAT ? signbit(v->real) : v->number < 0, v, ret);
}

const char *value_call(enum value_function f, const struct value *v, struct arena *arena,
                       struct value *ret)
{
    switch (f) {
    case F_INT:
        return to_number(v, true, ret);
    case F_FLOAT:
        return to_number(v, false, ret);
    case F_STR:
        return to_text(v, arena, ret);
    case F_LEN:
        return length_of(v, ret);
    case F_ABS:
        return absolute(v, ret);
    default:
        *ret = value_bool(value_truth(v));
        return NULL;
    }
}
