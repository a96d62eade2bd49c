/* base/pack.c - numbers and texts one after another in one text. */
#include "base/pack.h"

void pack_number(struct buf *out, int64_t v)
{
    buf_add_i64(out, v);
    buf_add_char(out, ' ');
}

void pack_text(struct buf *out, struct str text)
{
    pack_number(out, (int64_t)text.len);
    buf_add_str(out, text);
    buf_add_char(out, ' ');
}

/* As buf_add_i64 writes it: a sign only where it is needed. */
int64_t unpack_number(struct unpack *u, int64_t least, int64_t most)
{
    bool negative = u->rest.len > 0 && u->rest.ptr[0] == '-';
    size_t at = negative;
    int64_t v = 0; /* negative, as there is one more of these */

    for (; at < u->rest.len && u->rest.ptr[at] >= '0' && u->rest.ptr[at] <= '9'; at++)
        if (__builtin_mul_overflow(v, 10, &v) ||
            __builtin_sub_overflow(v, u->rest.ptr[at] - '0', &v))
            u->bad = true;
    if (at == (size_t)negative || at >= u->rest.len || u->rest.ptr[at] != ' ' ||
        (!negative && __builtin_sub_overflow((int64_t)0, v, &v)) || v < least || v > most)
        u->bad = true;
    if (u->bad)
        return least;
    u->rest = str_sub(u->rest, at + 1, SIZE_MAX);
    return v;
}

struct str unpack_text(struct unpack *u)
{
    int64_t len = unpack_number(u, 0, INT64_MAX);
    struct str text;

    if (u->bad || (uint64_t)len >= u->rest.len || u->rest.ptr[len] != ' ') {
        u->bad = true;
        return STR("");
    }
    text = str_sub(u->rest, 0, (size_t)len);
    u->rest = str_sub(u->rest, (size_t)len + 1, SIZE_MAX);
    return text;
}

bool unpack_ended(const struct unpack *u)
{
    return !u->bad && u->rest.len == 0;
}
