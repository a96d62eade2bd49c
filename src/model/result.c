/* model/result.c - what a task printed, as a two-dimensional result. */
#include "model/result.h"

#include "base/str.h"

enum { INDEX_MAX = 999999 };

bool result_path_is_meant(struct str text)
{
    return str_starts_with(str_trim(text), STR("$["));
}

/* "[n]" or "[*]" at the beginning. */
static bool take_index(struct str *rest, bool *ret_all, int *ret)
{
    ptrdiff_t end = str_find_char(*rest, ']');
    int64_t index;

    if (end < 2 || rest->ptr[0] != '[')
        return false;
    struct str inner = str_sub(*rest, 1, (size_t)end - 1);
    *rest = str_sub(*rest, (size_t)end + 1, rest->len);
    *ret_all = str_eq_c(inner, "*");
    *ret = 0;
    if (*ret_all)
        return true;
    if (!str_to_i64(inner, &index) || index > INDEX_MAX || index < -INDEX_MAX)
        return false;
    *ret = (int)index;
    return true;
}

bool result_path_parse(struct str text, struct result_path *ret)
{
    struct result_path p = { .column = 0 };
    struct str rest = str_trim(text);

    if (!result_path_is_meant(text))
        return false;
    rest = str_sub(rest, 1, rest.len);
    if (!take_index(&rest, &p.all_rows, &p.row))
        return false;
    if (rest.len == 0 && p.all_rows)
        return false;
    if (rest.len > 0 && !take_index(&rest, &p.all_columns, &p.column))
        return false;
    if (rest.len > 0 || p.column < 0)
        return false;
    *ret = p;
    return true;
}

/* The next line that is not empty, without its end.  False: there is none. */
static bool next_row(struct str *rest, struct str *ret)
{
    while (rest->ptr && rest->len > 0) {
        struct str line = str_split(rest, '\n');
        if (str_ends_with(line, STR("\r")))
            line.len--;
        if (str_trim(line).len > 0) {
            *ret = line;
            return true;
        }
    }
    return false;
}

static struct str cell_of(struct str row, int column)
{
    struct str cell = { NULL, 0 };

    for (int i = 0; i <= column && row.ptr; i++) {
        cell = str_split(&row, ',');
        if (i < column && !row.ptr)
            return (struct str){ NULL, 0 };
    }
    return cell;
}

static int count_rows(struct str printed)
{
    struct str row;
    int n = 0;

    while (next_row(&printed, &row))
        n++;
    return n;
}

void result_take(struct str printed, const struct result_path *path, struct buf *out)
{
    int wanted = path->row < 0 ? count_rows(printed) + path->row : path->row;
    struct str row;

    for (int i = 0; next_row(&printed, &row); i++) {
        if (!path->all_rows && i != wanted)
            continue;
        if (path->all_rows && i > 0)
            buf_add_char(out, path->all_columns ? '\n' : ',');
        buf_add_str(out, path->all_columns ? row : cell_of(row, path->column));
        if (!path->all_rows)
            return;
    }
}

static struct str without_quotes(struct str s)
{
    bool quoted =
        s.len >= 2 && (s.ptr[0] == '"' || s.ptr[0] == '\'') && s.ptr[s.len - 1] == s.ptr[0];

    return quoted ? str_sub(s, 1, s.len - 2) : s;
}

void result_take_assigned(struct str printed, struct str name, struct buf *out)
{
    struct str row;
    bool first = true;

    while (next_row(&printed, &row)) {
        struct str value = str_trim(row);
        if (!str_starts_with(value, name))
            continue;
        value = str_sub(value, name.len, value.len);
        if (!str_starts_with(value, STR("=")))
            continue;
        if (!first)
            buf_add_char(out, ';');
        first = false;
        buf_add_str(out, without_quotes(str_sub(value, 1, value.len)));
    }
}
