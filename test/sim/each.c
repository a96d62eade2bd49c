/* test/sim/each.c - see each.h. */
#include "each.h"

#include "values.h"

struct str each_random(struct sim *s)
{
    const char *between = sim_chance(s, 50) ? "\n" : ",";
    int64_t n = sim_below(s, 4);
    struct buf out;

    buf_init(&out, 4096);
    for (int64_t k = 0; k < n; k++) {
        struct str row = value_random(s, 'e');
        buf_printf(&out, "%s%.*s", k > 0 ? between : "", STR_ARG(row));
        if (*between == '\n' && sim_chance(s, 50))
            buf_add_str(&out, STR(",cell"));
        if (sim_chance(s, 30)) /* an empty row */
            buf_add_str(&out, str_from(between));
    }
    struct str copy = arena_str(&s->arena, buf_str(&out));
    buf_done(&out);
    return copy;
}

/* What stands behind the array's name in a placeholder: "" the row, ".index", "[3]". */
static bool behind_name(struct str array, struct str name, struct str *ret)
{
    *ret = str_sub(name, array.len, name.len);
    return array.ptr && str_starts_with(name, array) &&
           (ret->len == 0 || str_eq(*ret, STR(".index")) ||
            (ret->ptr[0] == '[' && str_ends_with(*ret, STR("]"))));
}

bool each_is_of_row(struct str array, struct str name)
{
    struct str what;

    return behind_name(array, name, &what);
}

/* ---- what is to be executed ------------------------------------------------------------------ */

/* False: the row has no such cell. */
static bool cell_of(struct str row, int64_t at, struct str *ret)
{
    while (row.ptr && at-- >= 0) {
        *ret = str_split(&row, ',');
        if (at < 0)
            return true;
    }
    return false;
}

static bool put_of_row(struct buf *out, struct str what, struct str row, int index)
{
    struct str cell;
    int64_t at;

    if (what.len == 0) {
        buf_add_str(out, row);
    } else if (what.ptr[0] == '.') {
        buf_printf(out, "%d", index);
    } else {
        if (!str_to_i64(str_sub(what, 1, what.len - 2), &at) || !cell_of(row, at, &cell))
            return false;
        buf_add_str(out, cell);
    }
    return true;
}

static void put_code(struct buf *out, struct str code, struct str array, struct str row, int index)
{
    for (size_t at = 0; at < code.len;) {
        struct str rest = str_sub(code, at, code.len), what;
        ptrdiff_t end = str_find_char(rest, '}');
        if (str_starts_with(rest, STR("${")) && end >= 0 &&
            behind_name(array, str_sub(rest, 2, (size_t)end - 2), &what) &&
            put_of_row(out, what, row, index)) {
            at += (size_t)end + 1;
        } else {
            buf_add_char(out, code.ptr[at++]);
        }
    }
}

/* A last line is the same with and without its end. */
static void put_row(struct buf *out, int index, struct str code)
{
    if (str_ends_with(code, STR("\n")))
        code.len--;
    buf_printf(out, "row %d, %zu bytes: %.*s\n", index, code.len, STR_ARG(code));
}

static int count_lines(struct str text)
{
    int n = 0;

    while (text.ptr)
        n += str_split(&text, '\n').len > 0;
    return n;
}

struct str each_codes(struct arena *a, struct str code, struct str array, struct str value)
{
    char between = count_lines(value) > 1 ? '\n' : ',';
    struct buf out, one;
    int index = 0;

    buf_init(&out, 1 << 20);
    buf_init(&one, 1 << 20);
    while (value.ptr) {
        struct str row = str_split(&value, between);
        if (str_ends_with(row, STR("\n")))
            row.len--;
        if (row.len == 0)
            continue;
        buf_reset(&one);
        put_code(&one, code, array, row, index);
        put_row(&out, index++, buf_str(&one));
    }
    struct str copy = arena_str(a, buf_str(&out));
    buf_done(&one);
    buf_done(&out);
    return copy;
}

/* ---- what a script executes ------------------------------------------------------------------ */

/* Up to the line that is the mark; false: there is none. */
static bool take_document(struct str *script, struct str mark, struct str *ret)
{
    const char *from = script->ptr;

    while (script->len > 0) {
        const char *line_from = script->ptr;
        struct str line = str_split(script, '\n');
        if (str_eq(line, mark)) {
            *ret = str_make(from, (size_t)(line_from - from));
            return true;
        }
    }
    return false;
}

bool each_read(struct arena *a, struct str script, struct str *ret)
{
    const struct str cat = STR("cat >row.sh <<'");
    struct str code;
    struct buf out;
    bool good = true;
    int index = 0;

    buf_init(&out, 1 << 20);
    while (script.len > 0 && good) {
        struct str line = str_split(&script, '\n');
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        good = str_starts_with(line, cat) && str_ends_with(line, STR("'")) &&
               take_document(&script, str_sub(line, cat.len, line.len - 1 - cat.len), &code) &&
               str_eq(str_split(&script, '\n'), STR("/bin/bash row.sh || exit"));
        if (good)
            put_row(&out, index++, code);
    }
    *ret = arena_str(a, buf_str(&out));
    buf_done(&out);
    return good;
}
