/* model/expression.c - the conditions of branches: a recursive descent that evaluates as it reads.
 *
 * Where Python would not evaluate (the right side of `and` after a false left one) the text is read
 * with `skip` set: its syntax counts, its values do not.
 */
#include "model/expression.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

enum kind { KIND_NONE, KIND_BOOL, KIND_INT, KIND_FLOAT, KIND_TEXT, KIND_LIST };

struct value {
    enum kind kind;
    int64_t number; /* BOOL, INT */
    double real;
    struct str text;
    const struct value *items;
    int n_items;
};

enum { ITEMS_MAX = 1000 };

struct reading {
    struct str text;
    size_t at;
    int depth, skip;
    struct arena arena;
    struct err *e;
};

static enum err_code read_or(struct reading *r, struct value *ret);

static enum err_code wrong(struct reading *r, enum err_code code, const char *what)
{
    return err_user(r->e, code, "", "%s at character %d of the condition",
                    "条件表达式第 %2$d 个字符处有误：%1$s", what, (int)r->at + 1);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static void skip_spaces(struct reading *r)
{
    while (r->at < r->text.len && strchr(" \t\r\n", r->text.ptr[r->at]) && r->text.ptr[r->at])
        r->at++;
}

static char peek(struct reading *r)
{
    skip_spaces(r);
    return r->at < r->text.len ? r->text.ptr[r->at] : '\0';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (c & 0x80);
}

/* The operator or bracket is next: take it. */
static bool take(struct reading *r, const char *token)
{
    skip_spaces(r);
    if (!str_starts_with(str_sub(r->text, r->at, r->text.len), str_from(token)))
        return false;
    r->at += strlen(token);
    return true;
}

/* The word is next, and ends there: take it. */
static bool take_word(struct reading *r, const char *word)
{
    size_t at = r->at;

    if (!take(r, word))
        return false;
    if (r->at < r->text.len && is_word(r->text.ptr[r->at])) {
        r->at = at;
        return false;
    }
    return true;
}

/* ---- values ---------------------------------------------------------------------------------- */

static struct value of_bool(bool b)
{
    return (struct value){ .kind = KIND_BOOL, .number = b };
}
static struct value of_int(int64_t n)
{
    return (struct value){ .kind = KIND_INT, .number = n };
}
static struct value of_float(double d)
{
    return (struct value){ .kind = KIND_FLOAT, .real = d };
}

static bool is_whole(const struct value *v)
{
    return v->kind == KIND_INT || v->kind == KIND_BOOL;
}
static bool is_number(const struct value *v)
{
    return is_whole(v) || v->kind == KIND_FLOAT;
}
static double real_of(const struct value *v)
{
    return v->kind == KIND_FLOAT ? v->real : (double)v->number;
}

static bool truth(const struct value *v)
{
    switch (v->kind) {
    case KIND_NONE:
        return false;
    case KIND_FLOAT:
        return v->real != 0;
    case KIND_TEXT:
        return v->text.len > 0;
    case KIND_LIST:
        return v->n_items > 0;
    default:
        return v->number != 0;
    }
}

static bool equal(const struct value *a, const struct value *b)
{
    if (is_whole(a) && is_whole(b))
        return a->number == b->number;
    if (is_number(a) && is_number(b))
        return real_of(a) == real_of(b);
    if (a->kind != b->kind)
        return false;
    if (a->kind == KIND_TEXT)
        return str_eq(a->text, b->text);
    if (a->kind != KIND_LIST)
        return true; /* None */
    for (int i = 0; i < a->n_items && a->n_items == b->n_items; i++)
        if (!equal(&a->items[i], &b->items[i]))
            return false;
    return a->n_items == b->n_items;
}

/* <0, 0, >0; false: Python gives no order to these. */
static bool compare(const struct value *a, const struct value *b, int *ret)
{
    if (is_whole(a) && is_whole(b)) {
        *ret = a->number < b->number ? -1 : a->number > b->number;
        return true;
    }
    if (is_number(a) && is_number(b)) {
        double x = real_of(a), y = real_of(b);
        *ret = x < y ? -1 : x > y;
        return true;
    }
    if (a->kind != KIND_TEXT || b->kind != KIND_TEXT)
        return false;
    *ret = str_cmp(a->text, b->text);
    return true;
}

/* ---- operands -------------------------------------------------------------------------------- */

static enum err_code read_number(struct reading *r, struct value *ret)
{
    size_t from = r->at;
    bool real = false;
    char digits[64];
    int64_t whole;

    while (r->at < r->text.len) {
        char c = r->text.ptr[r->at];
        bool sign = (c == '+' || c == '-') && r->at > from && strchr("eE", r->text.ptr[r->at - 1]);
        if (!is_word(c) && c != '.' && !sign)
            break;
        real |= c == '.' || c == 'e' || c == 'E';
        r->at++;
    }
    struct str s = str_sub(r->text, from, r->at - from);
    if (s.len >= sizeof(digits))
        return wrong(r, E_SYNTAX, "a number is too long");
    snprintf(digits, sizeof(digits), "%.*s", STR_ARG(s));
    if (!real && str_to_i64(s, &whole)) {
        *ret = of_int(whole);
        return E_OK;
    }
    char *end;
    double d = strtod(digits, &end);
    if (!real || *end != '\0' || strpbrk(digits, "xXnNpP"))
        return wrong(r, E_SYNTAX, "a number is not understood");
    *ret = of_float(d);
    return E_OK;
}

static enum err_code read_text(struct reading *r, struct value *ret)
{
    char quote = r->text.ptr[r->at++], *out = arena_alloc(&r->arena, r->text.len - r->at + 1);
    size_t n = 0;

    while (r->at < r->text.len && r->text.ptr[r->at] != quote) {
        char c = r->text.ptr[r->at++];
        if (c == '\n')
            return wrong(r, E_SYNTAX, "a text is not closed");
        if (c == '\\' && r->at < r->text.len) {
            char escaped = r->text.ptr[r->at++];
            if (!strchr("\\'\"nt", escaped) || escaped == '\0')
                out[n++] = '\\'; /* as Python: what is no escape stays */
            c = escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
        }
        out[n++] = c;
    }
    if (r->at >= r->text.len)
        return wrong(r, E_SYNTAX, "a text is not closed");
    r->at++;
    *ret = (struct value){ .kind = KIND_TEXT, .text = str_make(out, n) };
    return E_OK;
}

/* After the opening bracket.  In round brackets one value without a comma is the value itself. */
static enum err_code read_items(struct reading *r, const char *close, struct value *ret)
{
    struct value *items = ARENA_ARRAY(&r->arena, struct value, 4);
    int n = 0, cap = 4;
    bool comma = false;

    while (!take(r, close)) {
        if (n > 0 && !comma)
            return wrong(r, E_SYNTAX, "a comma or a closing bracket is missing");
        if (n == ITEMS_MAX)
            return wrong(r, E_LIMIT, "a list is too long");
        if (n == cap) {
            struct value *more = ARENA_ARRAY(&r->arena, struct value, 2 * (size_t)cap);
            memcpy(more, items, (size_t)n * sizeof(*items));
            items = more;
            cap *= 2;
        }
        enum err_code rc = read_or(r, &items[n++]);
        if (rc != E_OK)
            return rc;
        comma = take(r, ",");
    }
    if (n == 1 && !comma && *close == ')')
        *ret = items[0];
    else
        *ret = (struct value){ .kind = KIND_LIST, .items = items, .n_items = n };
    return E_OK;
}

static enum err_code to_number(struct reading *r, const struct value *v, bool whole,
                               struct value *ret)
{
    struct str s = str_trim(v->text);
    int64_t number;
    char digits[64], *end;

    if (is_whole(v)) {
        *ret = whole ? of_int(v->number) : of_float((double)v->number);
        return E_OK;
    }
    if (v->kind == KIND_FLOAT) {
        if (whole && !(v->real > -9e18 && v->real < 9e18))
            return wrong(r, E_RANGE, "a number is too large");
        *ret = whole ? of_int((int64_t)v->real) : *v;
        return E_OK;
    }
    if (v->kind != KIND_TEXT || s.len == 0 || s.len >= sizeof(digits))
        return wrong(r, E_RANGE, "the value is no number");
    if (str_starts_with(s, STR("+")))
        s = str_sub(s, 1, s.len);
    if (str_to_i64(s, &number)) {
        *ret = whole ? of_int(number) : of_float((double)number);
        return E_OK;
    }
    snprintf(digits, sizeof(digits), "%.*s", STR_ARG(s));
    double d = strtod(digits, &end);
    if (whole || *end != '\0' || strpbrk(digits, "xXnNpP"))
        return wrong(r, E_RANGE, "the value is no number");
    *ret = of_float(d);
    return E_OK;
}

static enum err_code to_text(struct reading *r, const struct value *v, struct value *ret)
{
    struct str s = v->text;
    char digits[40];

    if (v->kind == KIND_LIST)
        return wrong(r, E_RANGE, "a list has no text");
    if (v->kind == KIND_NONE)
        s = STR("None");
    if (v->kind == KIND_BOOL)
        s = v->number ? STR("True") : STR("False");
    if (v->kind == KIND_INT)
        s = arena_printf(&r->arena, "%lld", (long long)v->number);
    if (v->kind == KIND_FLOAT) {
        for (int precision = 1; precision <= 17; precision++) {
            snprintf(digits, sizeof(digits), "%.*g", precision, v->real);
            if (strtod(digits, NULL) == v->real)
                break;
        }
        s = arena_printf(&r->arena, "%s%s", digits, strpbrk(digits, ".en") ? "" : ".0");
    }
    *ret = (struct value){ .kind = KIND_TEXT, .text = s };
    return E_OK;
}

static enum err_code length_of(struct reading *r, const struct value *v, struct value *ret)
{
    if (v->kind == KIND_LIST)
        *ret = of_int(v->n_items);
    else if (v->kind == KIND_TEXT && str_is_utf8(v->text))
        *ret = of_int((int64_t)str_code_points(v->text));
    else
        return wrong(r, E_RANGE, "only a text or a list has a length");
    return E_OK;
}

static enum err_code absolute(struct reading *r, const struct value *v, struct value *ret)
{
    if (!is_number(v) || (is_whole(v) && v->number == INT64_MIN))
        return wrong(r, E_RANGE, "abs() takes a number");
    *ret = is_whole(v) ? of_int(v->number < 0 ? -v->number : v->number) : of_float(fabs(v->real));
    return E_OK;
}

enum function { F_INT, F_FLOAT, F_STR, F_LEN, F_ABS, F_BOOL, F_N_ };
static const char *const functions[F_N_] = { "int", "float", "str", "len", "abs", "bool" };

static enum err_code call(struct reading *r, enum function f, struct value *ret)
{
    struct value v;
    enum err_code rc;

    if (!take(r, "("))
        return wrong(r, E_SYNTAX, "a bracket is missing");
    rc = read_or(r, &v);
    if (rc == E_OK && !take(r, ")"))
        rc = wrong(r, E_SYNTAX, "a closing bracket is missing");
    if (rc != E_OK || r->skip) {
        *ret = of_int(0);
        return rc;
    }
    switch (f) {
    case F_INT:
        return to_number(r, &v, true, ret);
    case F_FLOAT:
        return to_number(r, &v, false, ret);
    case F_STR:
        return to_text(r, &v, ret);
    case F_LEN:
        return length_of(r, &v, ret);
    case F_ABS:
        return absolute(r, &v, ret);
    default:
        *ret = of_bool(truth(&v));
        return E_OK;
    }
}

static enum err_code read_operand(struct reading *r, struct value *ret)
{
    char c = peek(r);

    if ((c >= '0' && c <= '9') || c == '.')
        return read_number(r, ret);
    if (c == '\'' || c == '"')
        return read_text(r, ret);
    if (take(r, "("))
        return read_items(r, ")", ret);
    if (take(r, "["))
        return read_items(r, "]", ret);
    for (int f = 0; f < F_N_; f++)
        if (take_word(r, functions[f]))
            return call(r, (enum function)f, ret);
    if (take_word(r, "True") || take_word(r, "False")) {
        *ret = of_bool(r->text.ptr[r->at - 2] == 'u');
        return E_OK;
    }
    if (take_word(r, "None")) {
        *ret = (struct value){ .kind = KIND_NONE };
        return E_OK;
    }
    return wrong(r, E_SYNTAX,
                 c == '\0'    ? "it ends where a value should stand"
                 : is_word(c) ? "a name stands there; texts stand in quotes"
                              : "a value should stand there");
}

/* ---- operators, weakest last ----------------------------------------------------------------- */

static enum err_code read_sign(struct reading *r, struct value *ret)
{
    bool minus = false;
    enum err_code rc;

    skip_spaces(r);
    if (!take(r, "+") && !(minus = take(r, "-")))
        return read_operand(r, ret);
    if (++r->depth > EXPRESSION_DEPTH_MAX)
        return wrong(r, E_LIMIT, "it is nested too deeply");
    rc = read_sign(r, ret);
    r->depth--;
    if (rc != E_OK || r->skip)
        return rc;
    if (!is_number(ret) || (is_whole(ret) && ret->number == INT64_MIN))
        return wrong(r, E_RANGE, "a sign stands before something that is no number");
    if (is_whole(ret))
        *ret = of_int(minus ? -ret->number : ret->number);
    else if (minus)
        ret->real = -ret->real;
    return E_OK;
}

static enum err_code whole_arithmetic(struct reading *r, const char *op, int64_t a, int64_t b,
                                      struct value *ret)
{
    int64_t n = 0;
    bool overflow = false;

    if (strcmp(op, "+") == 0) {
        overflow = __builtin_add_overflow(a, b, &n);
    } else if (strcmp(op, "-") == 0) {
        overflow = __builtin_sub_overflow(a, b, &n);
    } else if (strcmp(op, "*") == 0) {
        overflow = __builtin_mul_overflow(a, b, &n);
    } else if (b == -1) { /* the one quotient that does not fit */
        overflow = strcmp(op, "//") == 0 && __builtin_sub_overflow((int64_t)0, a, &n);
    } else { /* Python rounds down */
        int64_t q = a / b - (a % b != 0 && (a % b < 0) != (b < 0));
        n = strcmp(op, "//") == 0 ? q : a - q * b;
    }
    if (overflow)
        return wrong(r, E_RANGE, "a number is too large");
    *ret = of_int(n);
    return E_OK;
}

static enum err_code arithmetic(struct reading *r, const char *op, const struct value *a,
                                const struct value *b, struct value *ret)
{
    if (a->kind == KIND_TEXT && b->kind == KIND_TEXT && *op == '+') {
        if (a->text.len + b->text.len > EXPRESSION_BYTES_MAX)
            return wrong(r, E_LIMIT, "a text is too long");
        *ret = (struct value){ .kind = KIND_TEXT,
                               .text = arena_printf(&r->arena, "%.*s%.*s", STR_ARG(a->text),
                                                    STR_ARG(b->text)) };
        return E_OK;
    }
    if (!is_number(a) || !is_number(b))
        return wrong(r, E_RANGE, "arithmetic with something that is no number");
    if ((*op == '/' || *op == '%') && real_of(b) == 0)
        return wrong(r, E_RANGE, "a division by zero");
    if (is_whole(a) && is_whole(b) && strcmp(op, "/") != 0)
        return whole_arithmetic(r, op, a->number, b->number, ret);
    double x = real_of(a), y = real_of(b);
    *ret = of_float(strcmp(op, "+") == 0    ? x + y
                    : strcmp(op, "-") == 0  ? x - y
                    : strcmp(op, "*") == 0  ? x * y
                    : strcmp(op, "/") == 0  ? x / y
                    : strcmp(op, "//") == 0 ? floor(x / y)
                                            : x - floor(x / y) * y);
    return E_OK;
}

typedef enum err_code reader(struct reading *r, struct value *ret);

/* left to right: next { op next } */
static enum err_code read_chain(struct reading *r, const char *const *ops, reader *next,
                                struct value *ret)
{
    enum err_code rc = next(r, ret);

    while (rc == E_OK) {
        const char *const *op = ops;
        struct value right, left = *ret;
        while (*op && !take(r, *op))
            op++;
        if (!*op)
            return E_OK;
        rc = next(r, &right);
        if (rc == E_OK && !r->skip)
            rc = arithmetic(r, *op, &left, &right, ret);
    }
    return rc;
}

static enum err_code read_product(struct reading *r, struct value *ret)
{
    static const char *const ops[] = { "*", "//", "/", "%", NULL };

    return read_chain(r, ops, read_sign, ret);
}

static enum err_code read_sum(struct reading *r, struct value *ret)
{
    static const char *const ops[] = { "+", "-", NULL };

    return read_chain(r, ops, read_product, ret);
}

enum comparison { EQ, NE, LE, GE, LT, GT, IN, NOT_IN, NO_COMPARISON };

static enum comparison take_comparison(struct reading *r)
{
    static const char *const signs[] = { "==", "!=", "<=", ">=", "<", ">" };
    size_t at;

    for (int i = 0; i < IN; i++)
        if (take(r, signs[i]))
            return (enum comparison)i;
    if (take_word(r, "in"))
        return IN;
    at = r->at;
    if (take_word(r, "not") && take_word(r, "in"))
        return NOT_IN;
    r->at = at;
    return NO_COMPARISON;
}

static enum err_code contains(struct reading *r, const struct value *all, const struct value *one,
                              bool *ret)
{
    *ret = false;
    if (all->kind == KIND_TEXT && one->kind == KIND_TEXT) {
        *ret = one->text.len == 0 || str_find(all->text, one->text) >= 0;
        return E_OK;
    }
    if (all->kind != KIND_LIST)
        return wrong(r, E_RANGE, "`in` looks into a list or, for a text, into a text");
    for (int i = 0; i < all->n_items; i++)
        *ret |= equal(&all->items[i], one);
    return E_OK;
}

static enum err_code holds(struct reading *r, enum comparison op, const struct value *a,
                           const struct value *b, bool *ret)
{
    int order = 0;

    if (op == EQ || op == NE) {
        *ret = equal(a, b) == (op == EQ);
        return E_OK;
    }
    if (op == IN || op == NOT_IN) {
        enum err_code rc = contains(r, b, a, ret);
        *ret = *ret == (op == IN);
        return rc;
    }
    if (!compare(a, b, &order))
        return wrong(r, E_RANGE, "values of different kinds have no order");
    *ret = op == LT ? order < 0 : op == LE ? order <= 0 : op == GT ? order > 0 : order >= 0;
    return E_OK;
}

/* a < b < c means a < b and b < c; what follows a false one is not evaluated. */
static enum err_code read_comparison(struct reading *r, struct value *ret)
{
    enum err_code rc = read_sum(r, ret);
    int skipped = 0;
    bool all = true, any = false;

    while (rc == E_OK) {
        struct value right;
        enum comparison op = take_comparison(r);
        if (op == NO_COMPARISON)
            break;
        any = true;
        rc = read_sum(r, &right);
        if (rc == E_OK && !r->skip)
            rc = holds(r, op, ret, &right, &all);
        if (!all && !r->skip) {
            r->skip++;
            skipped++;
        }
        if (rc == E_OK)
            *ret = right;
    }
    r->skip -= skipped;
    if (rc == E_OK && any)
        *ret = of_bool(all);
    return rc;
}

static enum err_code read_not(struct reading *r, struct value *ret)
{
    enum err_code rc;

    if (!take_word(r, "not"))
        return read_comparison(r, ret);
    if (++r->depth > EXPRESSION_DEPTH_MAX)
        return wrong(r, E_LIMIT, "it is nested too deeply");
    rc = read_not(r, ret);
    r->depth--;
    if (rc == E_OK)
        *ret = of_bool(!truth(ret));
    return rc;
}

/* The value is that of the operand that decided. */
static enum err_code read_logic(struct reading *r, const char *word, bool decides, reader *next,
                                struct value *ret)
{
    enum err_code rc = next(r, ret);
    int skipped = 0;

    while (rc == E_OK && take_word(r, word)) {
        struct value right;
        if (truth(ret) == decides && !r->skip) {
            r->skip++;
            skipped++;
        }
        rc = next(r, &right);
        if (rc == E_OK && !r->skip)
            *ret = right;
    }
    r->skip -= skipped;
    return rc;
}

static enum err_code read_and(struct reading *r, struct value *ret)
{
    return read_logic(r, "and", false, read_not, ret);
}

static enum err_code read_or(struct reading *r, struct value *ret)
{
    enum err_code rc;

    if (++r->depth > EXPRESSION_DEPTH_MAX)
        return wrong(r, E_LIMIT, "it is nested too deeply");
    rc = read_logic(r, "or", true, read_and, ret);
    r->depth--;
    return rc;
}

static enum err_code read_all(struct str text, int skip, bool *ret, struct err *e)
{
    struct reading r = { .text = text, .skip = skip, .e = e };
    struct value v = { .kind = KIND_NONE };
    enum err_code rc;

    if (text.len > EXPRESSION_BYTES_MAX)
        return err_user(e, E_LIMIT, "", "the condition is longer than %d bytes",
                        "条件表达式超过 %d 字节", EXPRESSION_BYTES_MAX);
    arena_init(&r.arena);
    rc = read_or(&r, &v);
    if (rc == E_OK && peek(&r) != '\0')
        rc = wrong(&r, E_SYNTAX, "it should end there");
    else if (rc == E_OK && r.at < text.len)
        rc = wrong(&r, E_SYNTAX, "a NUL byte stands there");
    if (rc == E_OK)
        *ret = truth(&v);
    arena_done(&r.arena);
    return rc;
}

enum err_code expression_evaluate(struct str text, bool *ret, struct err *e)
{
    return read_all(text, 0, ret, e);
}

enum err_code expression_check(struct str text, struct err *e)
{
    bool ignored;

    return read_all(text, 1, &ignored, e);
}
