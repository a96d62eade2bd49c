/* test/fuzz/fuzz_time.c - time expressions (docs/reference/semantics.md 6.1): what is none leaves
 * nothing, what is one is made of the letters of a format, and means one thing. */
#include "fuzz.h"

#include "base/mem.h"
#include "cal/time_expression.h"

enum { MEANT_MAX = 24 }; /* bytes of the longest token, a timestamp in milliseconds */

static bool is_ascii_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What an expression is made of. */
static bool is_written(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 127)
            return false;
    return true;
}

/* A format puts digits where its tokens stand and leaves the rest as it is. */
static bool is_plain(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < ' ' || (is_ascii_letter(c) && c != 'T'))
            return false;
    }
    return text.len > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct str text = str_make((const char *)bytes, n);
    struct time_point at = { { 1767283200 }, { 1767283200 }, zone_default() };
    struct time_point leap = { { 1709164800 }, { 1709251199 }, zone_utc() };
    struct buf data, planned;

    buf_init(&data, SIZE_MAX);
    buf_init(&planned, SIZE_MAX);
    bool good = time_expression_render(text, TIME_BASE_DATA, &at, &data);
    check(time_expression_render(text, TIME_BASE_PLANNED, &at, &planned) == good);
    check(str_eq(buf_str(&data), buf_str(&planned))); /* the two times are the same */
    check(good ? is_plain(buf_str(&data)) : data.len == 0);
    check(data.len <= n + MEANT_MAX && (!good || is_written(text)));
    buf_reset(&data);
    good = time_expression_render(text, TIME_BASE_DATA, &leap, &data);
    check(good ? is_plain(buf_str(&data)) : data.len == 0);
    buf_done(&data);
    buf_done(&planned);
    return 0;
}
