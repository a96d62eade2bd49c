/* model/expression.c - the conditions of branches: a recursive descent that evaluates as it reads.
 *
 * Where Python would not evaluate (the right side of `and` after a false left one) the text is read
 * with `skip` set: its syntax counts, its values do not.
 */
#include "model/expression.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "model/expression_value.h"

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

/* What was to be done with values, if nothing is to be said against it. */
static enum err_code done(struct reading *r, const char *complaint)
{
    return complaint ? wrong(r, E_RANGE, complaint) : E_OK;
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
        if (digits[0] == '0' && whole != 0)
            return wrong(r, E_SYNTAX, "a number begins with 0");
        *ret = value_int(whole);
        return E_OK;
    }
    char *end;
    double d = strtod(digits, &end);
    if (!real || *end != '\0' || strpbrk(digits, "xXnNpP"))
        return wrong(r, E_SYNTAX, "a number is not understood");
    *ret = value_float(d);
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
    *ret = value_text(str_make(out, n));
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
        *ret = (struct value){ .kind = VALUE_LIST, .items = items, .n_items = n };
    return E_OK;
}

static enum err_code call(struct reading *r, enum value_function f, struct value *ret)
{
    struct value v;
    enum err_code rc;

    if (!take(r, "("))
        return wrong(r, E_SYNTAX, "a bracket is missing");
    rc = read_or(r, &v);
    if (rc == E_OK && !take(r, ")"))
        rc = wrong(r, E_SYNTAX, "a closing bracket is missing");
    if (rc == E_OK && !r->skip)
        return done(r, value_call(f, &v, &r->arena, ret));
    *ret = value_int(0);
    return rc;
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
    for (int f = 0; f < VALUE_FUNCTIONS; f++)
        if (take_word(r, value_function_names[f]))
            return call(r, (enum value_function)f, ret);
    if (take_word(r, "True") || take_word(r, "False")) {
        *ret = value_bool(r->text.ptr[r->at - 2] == 'u');
        return E_OK;
    }
    if (take_word(r, "None")) {
        *ret = (struct value){ .kind = VALUE_NONE };
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
    return done(r, value_sign(minus, ret, ret));
}

typedef enum err_code reader(struct reading *r, struct value *ret);

struct sign {
    const char *text; /* NULL: the end */
    int op;
};

/* left to right: next { op next } */
static enum err_code read_chain(struct reading *r, const struct sign *signs, reader *next,
                                struct value *ret)
{
    enum err_code rc = next(r, ret);

    while (rc == E_OK) {
        const struct sign *sign = signs;
        struct value right, left = *ret;
        while (sign->text && !take(r, sign->text))
            sign++;
        if (!sign->text)
            return E_OK;
        rc = next(r, &right);
        if (rc == E_OK && !r->skip)
            rc = done(
                r, value_arithmetic((enum value_operator)sign->op, &left, &right, &r->arena, ret));
    }
    return rc;
}

static enum err_code read_product(struct reading *r, struct value *ret)
{
    static const struct sign signs[] = {
        { "*", OP_MUL }, { "//", OP_FLOOR }, { "/", OP_DIV }, { "%", OP_MOD }, { NULL, 0 }
    };

    return read_chain(r, signs, read_sign, ret);
}

static enum err_code read_sum(struct reading *r, struct value *ret)
{
    static const struct sign signs[] = { { "+", OP_ADD }, { "-", OP_SUB }, { NULL, 0 } };

    return read_chain(r, signs, read_product, ret);
}

static bool take_comparison(struct reading *r, enum value_comparison *ret)
{
    static const struct sign signs[] = { { "==", CMP_EQ }, { "!=", CMP_NE }, { "<=", CMP_LE },
                                         { ">=", CMP_GE }, { "<", CMP_LT },  { ">", CMP_GT } };
    size_t at;

    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (take(r, signs[i].text)) {
            *ret = (enum value_comparison)signs[i].op;
            return true;
        }
    *ret = CMP_IN;
    if (take_word(r, "in"))
        return true;
    at = r->at;
    *ret = CMP_NOT_IN;
    if (take_word(r, "not") && take_word(r, "in"))
        return true;
    r->at = at;
    return false;
}

/* a < b < c means a < b and b < c; what follows a false one is not evaluated. */
static enum err_code read_comparison(struct reading *r, struct value *ret)
{
    enum err_code rc = read_sum(r, ret);
    int skipped = 0;
    bool all = true, any = false;

    while (rc == E_OK) {
        struct value right;
        enum value_comparison op;
        if (!take_comparison(r, &op))
            break;
        any = true;
        rc = read_sum(r, &right);
        if (rc == E_OK && !r->skip)
            rc = done(r, value_compare(op, ret, &right, &all));
        if (!all && !r->skip) {
            r->skip++;
            skipped++;
        }
        if (rc == E_OK)
            *ret = right;
    }
    r->skip -= skipped;
    if (rc == E_OK && any)
        *ret = value_bool(all);
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
        *ret = value_bool(!value_truth(ret));
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
        if (value_truth(ret) == decides && !r->skip) {
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
    struct value v = { .kind = VALUE_NONE };
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
        *ret = value_truth(&v);
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
