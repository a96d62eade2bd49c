/* test/fuzz/fuzz_logs.c - pages of a log: whatever the cursor, the filter and the size of a page,
 * every whole line is given once, in order, and reading comes to its end.
 *
 *   input: two bytes (size of a page, cursor), then the file
 */
#include "fuzz.h"

#include "base/mem.h"
#include "run/log_line.h"
#include "run/log_page.h"

enum { PAGE_SPAN = 64, WINDOW_ROOM = 4096 };

static bool take_page(struct str file, int64_t cursor, enum log_filter filter, size_t bytes_max,
                      struct buf *out, struct logs_page *ret)
{
    int64_t at = cursor > 0 ? cursor - 1 : 0;
    struct log_window w = { .bytes = str_sub(file, (size_t)at, bytes_max + WINDOW_ROOM),
                            .at = at,
                            .size = (int64_t)file.len };
    struct err e = ERR_INIT;

    if (log_page_take(&w, cursor, filter, bytes_max, out, ret, &e) == E_OK)
        return true;
    check(e.code == E_LIMIT);
    return false;
}

static void check_walk(struct str file, enum log_filter filter, size_t bytes_max, struct buf *out)
{
    struct logs_page page = { .next = 0 };
    size_t turns = 0;

    buf_reset(out);
    do {
        int64_t from = page.next;
        check(take_page(file, from, filter, bytes_max, out, &page));
        check(page.next > from || page.at_end);
        check(++turns <= file.len + 2);
    } while (!page.at_end);
    check(page.next == str_rfind_char(file, '\n') + 1);
}

/* The pages together are the lines that pass, as one large page gives them. */
static void check_pages(struct str file, size_t bytes_max, int walked_filter)
{
    struct logs_page page;
    struct buf whole, walked;
    size_t sum = 0;

    buf_init(&whole, SIZE_MAX);
    buf_init(&walked, SIZE_MAX);
    for (int f = LOG_FILTER_ALL; f <= LOG_FILTER_ERROR; f++) {
        buf_reset(&whole);
        check(take_page(file, 0, (enum log_filter)f, WINDOW_ROOM, &whole, &page) && page.at_end);
        if (f == walked_filter) {
            check_walk(file, (enum log_filter)f, bytes_max, &walked);
            check(str_eq(buf_str(&whole), buf_str(&walked)));
        }
        sum += f == LOG_FILTER_ALL ? 0 : whole.len;
        if (f == LOG_FILTER_ALL)
            check(str_eq(buf_str(&whole),
                         str_sub(file, 0, (size_t)(str_rfind_char(file, '\n') + 1))));
    }
    check(sum <= file.len); /* a line passes one of the other filters at most */
    buf_done(&whole);
    buf_done(&walked);
}

/* From inside a line it goes on with the next one; a page that is too small says so. */
static void check_cursor(struct str file, int64_t cursor)
{
    struct logs_page page = { .next = -1 };
    struct buf out;

    buf_init(&out, SIZE_MAX);
    check(take_page(file, cursor, LOG_FILTER_ALL, WINDOW_ROOM, &out, &page));
    check(page.next >= cursor && page.at_end);
    check(out.len == 0 ||
          str_eq(buf_str(&out), str_sub(file, (size_t)page.next - out.len, out.len)));
    if (out.len > 0 && page.next > (int64_t)out.len)
        check(file.ptr[(size_t)page.next - out.len - 1] == '\n');
    buf_done(&out);
    buf_init(&out, 8);
    page.next = -1;
    if (!take_page(file, cursor, LOG_FILTER_ALL, WINDOW_ROOM, &out, &page))
        check(page.next == -1 && out.len == 0);
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct str file;

    if (n < 2 || n > WINDOW_ROOM)
        return 0;
    file = str_make((const char *)bytes + 2, n - 2);
    check(log_word_detect(file, LOG_WORD_INFO) < LOG_WORD_N_);
    check(log_word_of_line(file) <= LOG_WORD_N_);
    check_pages(file, 1 + bytes[0] % PAGE_SPAN, bytes[1] % (LOG_FILTER_ERROR + 1));
    check_cursor(file, bytes[1]);
    return 0;
}
