/* test/run/t_logs.c - lines of logs: their form, writing them, reading them by cursor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/prng.h"
#include "run/log_line.h"
#include "run/log_writer.h"
#include "run/logs.h"
#include "sys/file.h"

static char dir[64];

static int set_up(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/weft-logs-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return dir_remove_all(dir, NULL) == E_OK ? 0 : -1;
}

static void test_time__is_printed_in_utc_plus_8(void **state)
{
    static const struct {
        int64_t us;
        const char *text;
    } rows[] = {
        { 0, "1970-01-01 08:00:00.000" },
        { 1735689599999999, "2025-01-01 07:59:59.999" },
        { 1709136000000000, "2024-02-29 00:00:00.000" },
        { 951753600123456, "2000-02-29 00:00:00.123" },
        { 4107513599000000, "2100-02-28 23:59:59.000" },
        { 4107513600000000, "2100-03-01 00:00:00.000" },
        { 1767196799000000, "2025-12-31 23:59:59.000" },
        { 1767196800001000, "2026-01-01 00:00:00.001" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char out[LOG_TIME_LEN + 1] = "";
        log_time_print((struct wall){ rows[i].us }, out);
        assert_string_equal(out, rows[i].text);
    }
}

static void test_level__is_found_at_the_beginning(void **state)
{
    static const struct {
        const char *text;
        enum log_word word;
    } rows[] = {
        { "INFO x", LOG_WORD_INFO },
        { "DEBUG", LOG_WORD_DEBUG },
        { "WARN: x", LOG_WORD_WARN },
        { "WARNING:root:x", LOG_WORD_WARN },
        { "ERROR\tx", LOG_WORD_ERROR },
        { "FATAL - x", LOG_WORD_FATAL },
        { "[ERROR] x", LOG_WORD_ERROR },
        { "  WARN x", LOG_WORD_WARN },
        { "2025-01-01 00:00:00 ERROR x", LOG_WORD_ERROR },
        { "2025-01-01 00:00:00,123 - WARN - x", LOG_WORD_WARN },
        { "2025-01-01T00:00:00.123Z DEBUG x", LOG_WORD_DEBUG },
        { "2025-01-01T00:00:00.123+08:00 [DEBUG] x", LOG_WORD_DEBUG },
        { "[2025/01/01 00:00:00] [ERROR] x", LOG_WORD_ERROR },
        { "00:00:00 FATAL x", LOG_WORD_FATAL },
        /* and not found */
        { "", LOG_WORD_N_ },
        { "x ERROR", LOG_WORD_N_ },
        { "INFORMATION", LOG_WORD_N_ },
        { "ERRORS", LOG_WORD_N_ },
        { "error x", LOG_WORD_N_ },
        { "TERROR", LOG_WORD_N_ },
        { "-- ERROR", LOG_WORD_N_ },
        { "5ERROR", LOG_WORD_N_ },
        { "2025-01-01 00:00:00 main ERROR x", LOG_WORD_N_ },
        { "WARN_ING", LOG_WORD_N_ },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int usual = 0; usual < LOG_WORD_N_; usual++) {
            enum log_word want = rows[i].word == LOG_WORD_N_ ? (enum log_word)usual : rows[i].word;
            if (log_word_detect(str_from(rows[i].text), (enum log_word)usual) != want)
                fail_msg("'%s'", rows[i].text);
        }
}

static void log_begin(struct log_writer *w, uint64_t fence, int64_t max)
{
    struct err e = ERR_INIT;
    struct buf path;

    buf_init(&path, 4096);
    logs_path(dir, fence, &path);
    if (log_writer_open(w, path.ptr, max, &e) != E_OK)
        fail_msg("%s", e.text);
    buf_done(&path);
}

static const char *read_all(uint64_t fence, int64_t cursor, enum log_filter filter,
                            size_t bytes_max, struct logs_page *page)
{
    static struct buf out;
    struct err e = ERR_INIT;

    buf_done(&out);
    buf_init(&out, (size_t)64 << 20);
    if (logs_read(dir, fence, cursor, filter, bytes_max, &out, page, &e) != E_OK)
        fail_msg("%s", e.text);
    return out.ptr ? out.ptr : "";
}

static void test_writer__cuts_like_the_reference(void **state)
{
    struct prng p;

    (void)state;
    prng_init(&p, 7);
    for (uint64_t round = 1; round <= 60; round++) {
        struct wall now = { 1735689600000000 };
        struct log_writer w;
        struct buf bytes, want;
        struct logs_page page;
        size_t len = (size_t)prng_below(&p, 3) == 0 ? prng_below(&p, 300000) : prng_below(&p, 3000);
        uint64_t newline = 1 + prng_below(&p, 200000), line = 0;

        buf_init(&bytes, SIZE_MAX);
        buf_init(&want, SIZE_MAX);
        for (size_t i = 0; i < len; i++)
            buf_add_char(&bytes, prng_below(&p, newline) == 0 ? '\n' : (char)('a' + i % 26));
        /* The reference: byte by byte. */
        for (size_t i = 0; i < len; i++) {
            bool is_newline = bytes.ptr[i] == '\n';
            if (line == 0)
                buf_add_c(&want, "2025-01-01 08:00:00.000 INFO ");
            if (!is_newline)
                buf_add_char(&want, bytes.ptr[i]);
            line++;
            if (is_newline || line == LOG_LINE_MAX) {
                buf_add_char(&want, '\n');
                line = 0;
            }
        }
        if (line > 0)
            buf_add_char(&want, '\n');
        log_begin(&w, round, INT64_MAX);
        for (size_t at = 0; at < len;) {
            struct str piece = str_sub(buf_str(&bytes), at, 1 + prng_below(&p, 70000));
            log_writer_add(&w, 0, piece, now);
            if (prng_below(&p, 3) == 0)
                log_writer_flush(&w);
            at += piece.len;
        }
        log_writer_finish(&w, now);
        log_writer_close(&w);
        assert_string_equal(read_all(round, 0, LOG_FILTER_ALL, (size_t)8 << 20, &page),
                            want.ptr ? want.ptr : "");
        assert_true(page.at_end);
        assert_int_equal(page.next, want.len);
        buf_done(&bytes);
        buf_done(&want);
    }
}

static void test_writer__a_level_cut_in_two_reads(void **state)
{
    struct wall now = { 1735689600000000 };
    struct log_writer w;
    struct logs_page page;

    (void)state;
    log_begin(&w, 1, INT64_MAX);
    log_writer_add(&w, 0, STR("ER"), now);
    log_writer_add(&w, 1, STR("other\n"), now);
    log_writer_add(&w, 0, STR("ROR x\n"), now);
    log_writer_close(&w);
    assert_string_equal(
        read_all(1, 0, LOG_FILTER_ALL, 1000, &page),
        "2025-01-01 08:00:00.000 ERROR other\n2025-01-01 08:00:00.000 ERROR ERROR x\n");
}

static void test_read__by_cursor_and_filter(void **state)
{
    static const char *const levels[] = { "DEBUG", "INFO", "WARN", "ERROR", "FATAL" };
    struct log_writer w;
    struct logs_page page;
    struct buf got;
    int counts[5] = { 0 };

    (void)state;
    assert_string_equal(read_all(5, 0, LOG_FILTER_ALL, 1000, &page), ""); /* no file yet */
    assert_true(page.at_end);
    assert_int_equal(page.next, 0);
    assert_string_equal(read_all(5, 77, LOG_FILTER_ALL, 1000, &page), "");
    assert_int_equal(page.next, 77);

    log_begin(&w, 5, INT64_MAX);
    for (int i = 0; i < 5000; i++)
        log_writer_say(&w, (enum log_word)(i % 5), (struct wall){ 1735689600000000 }, "line %d", i);
    log_writer_close(&w);
    buf_init(&got, SIZE_MAX);
    page = (struct logs_page){ 0 };
    for (int i = 0; !page.at_end; i++) {
        assert_true(i < 1000);
        buf_add_c(&got, read_all(5, page.next, LOG_FILTER_ALL, 700, &page));
    }
    struct logs_page whole;
    assert_string_equal(got.ptr, read_all(5, 0, LOG_FILTER_ALL, (size_t)4 << 20, &whole));
    assert_int_equal(page.next, whole.next);
    buf_done(&got);
    for (int f = LOG_FILTER_DEBUG; f <= LOG_FILTER_ERROR; f++) {
        struct str rest = str_from(read_all(5, 0, (enum log_filter)f, (size_t)4 << 20, &page));
        while (rest.ptr && rest.len > 0) {
            struct str line = str_split(&rest, '\n');
            for (int l = 0; l < 5; l++)
                counts[l] +=
                    str_starts_with(str_sub(line, LOG_TIME_LEN + 1, 9), str_from(levels[l]));
        }
        assert_true(page.at_end);
        assert_int_equal(page.next, whole.next);
    }
    for (int l = 0; l < 5; l++)
        assert_int_equal(counts[l], 1000);
    assert_string_equal(read_all(5, whole.next + 10000, LOG_FILTER_ALL, 100, &page), "");
    assert_int_equal(logs_read(dir, 5, -1, LOG_FILTER_ALL, 100, &got, &page, NULL), E_RANGE);
}

static void test_read__a_cursor_inside_a_line_begins_at_the_next(void **state)
{
    struct logs_page page;
    struct log_writer w;
    const char *all;
    char copy[256];

    (void)state;
    log_begin(&w, 1, INT64_MAX);
    log_writer_add(&w, 0, STR("first\nsecond\nthird\n"), (struct wall){ 1735689600000000 });
    log_writer_close(&w);
    all = read_all(1, 0, LOG_FILTER_ALL, 1000, &page);
    assert_true(strlen(all) < sizeof(copy));
    strcpy(copy, all);
    for (size_t cursor = 1; cursor <= strlen(copy); cursor++) {
        const char *want =
            copy[cursor - 1] == '\n' ? copy + cursor : strchr(copy + cursor, '\n') + 1;
        assert_string_equal(read_all(1, (int64_t)cursor, LOG_FILTER_ALL, 1000, &page), want);
        assert_int_equal(page.next, strlen(copy));
    }
}

static void test_read__while_it_grows(void **state)
{
    struct logs_page page = { 0 };
    struct buf path, got;
    FILE *f;

    (void)state;
    buf_init(&path, 4096);
    buf_init(&got, SIZE_MAX);
    logs_path(dir, 1, &path);
    char folder[4096];
    strcpy(folder, path.ptr);
    *strrchr(folder, '/') = '\0';
    assert_int_equal(dir_make(folder, 0700, NULL), E_OK);
    f = fopen(path.ptr, "w");
    for (int i = 0; i < 300; i++) {
        fprintf(f, "2025-01-01 08:00:00.000 INFO line %d", i);
        fflush(f);
        assert_string_equal(read_all(1, page.next, LOG_FILTER_ALL, 1000, &page),
                            ""); /* not whole yet */
        assert_true(page.at_end);
        fputs("\n", f);
        fflush(f);
        buf_add_c(&got, read_all(1, page.next, LOG_FILTER_ALL, 1000, &page));
    }
    fclose(f);
    assert_string_equal(got.ptr, read_all(1, 0, LOG_FILTER_ALL, 100000, &page));
    buf_done(&got);
    buf_done(&path);
}

static void test_read__room_and_long_lines(void **state)
{
    struct log_writer w;
    struct logs_page page;
    struct buf out, line;

    (void)state;
    buf_init(&line, SIZE_MAX);
    memset(buf_reserve(&line, LOG_LINE_MAX), 'x', LOG_LINE_MAX);
    buf_grown(&line, LOG_LINE_MAX);
    log_begin(&w, 1, INT64_MAX);
    log_writer_add(&w, 0, buf_str(&line), (struct wall){ 1 });
    log_writer_add(&w, 0, STR("short\n"), (struct wall){ 1 });
    log_writer_close(&w);
    assert_int_equal(strlen(read_all(1, 0, LOG_FILTER_ALL, 10, &page)),
                     LOG_LINE_MAX + 30); /* at least one line */
    assert_false(page.at_end);
    buf_init(&out, 1000);
    assert_int_equal(logs_read(dir, 1, 0, LOG_FILTER_ALL, 10, &out, &page, NULL), E_LIMIT);
    assert_int_equal(logs_read(dir, 1, page.next, LOG_FILTER_ALL, 10, &out, &page, NULL), E_OK);
    assert_true(page.at_end);
    buf_done(&out);
    buf_done(&line);
}

static void test_writer__a_full_disk_is_remembered(void **state)
{
    struct wall now = { 1735689600000000 };
    struct log_writer w;

    (void)state;
    if (access("/dev/full", W_OK) != 0)
        skip();
    assert_int_equal(log_writer_open(&w, "/dev/full", INT64_MAX, NULL), E_OK);
    log_writer_add(&w, 0, STR("lost\n"), now);
    log_writer_flush(&w);
    assert_int_equal(w.os_error, 28 /* ENOSPC */);
    assert_true(w.dropped > 0);
    log_writer_close(&w);
}

/* A log of the runner in `in`, with this text; its folder is made. */
static void write_log(const char *in, uint64_t fence, const char *text)
{
    struct buf log;

    buf_init(&log, 256);
    logs_path(in, fence, &log);
    *strrchr(log.ptr, '/') = '\0';
    assert_int_equal(dir_make(log.ptr, 0700, NULL), E_OK);
    buf_reset(&log);
    logs_path(in, fence, &log);
    assert_int_equal(file_write_quick(log.ptr, str_from(text), 0600, NULL), E_OK);
    buf_done(&log);
}

static void test_copy__what_belongs_to_a_store(void **state)
{
    static const uint64_t fences[] = { 0, 7, 4095, 4096, 9000 };
    char from[96], to[96], other[192];
    struct logs_copied copied = { .n = 9 };
    struct err e = ERR_INIT;
    struct logs_page page;
    struct buf text;

    (void)state;
    snprintf(from, sizeof(from), "%s/from", dir);
    snprintf(to, sizeof(to), "%s/to", dir);
    assert_int_equal(logs_copy(from, to, 5000, &copied, &e), E_OK); /* no attempt ever ran */
    assert_int_equal(copied.n, 0);
    for (size_t i = 0; i < ARRAY_LEN(fences); i++)
        write_log(from, fences[i], "2026-01-01 00:00:00.000 INFO it\n");
    snprintf(other, sizeof(other), "%s/logs/000000/notes", from);
    assert_int_equal(file_write_quick(other, STR("a person's"), 0600, NULL), E_OK);
    assert_int_equal(logs_copy(from, to, 4096, &copied, &e), E_OK);
    assert_int_equal(copied.n, 3);
    assert_int_equal(copied.bytes, 3 * 32);
    buf_init(&text, 4096);
    assert_int_equal(logs_read(to, 4095, 0, LOG_FILTER_ALL, 1000, &text, &page, &e), E_OK);
    assert_string_equal(text.ptr, "2026-01-01 00:00:00.000 INFO it\n");
    buf_reset(&text);
    assert_int_equal(logs_read(to, 4096, 0, LOG_FILTER_ALL, 1000, &text, &page, &e), E_OK);
    assert_int_equal(text.len, 0);
    buf_done(&text);
    snprintf(other, sizeof(other), "%s/logs/000000/notes", to);
    assert_false(file_exists(other));
    assert_int_equal(logs_copy(from, to, 4096, &copied, &e),
                     E_EXISTS); /* nothing is written over */
    assert_int_equal(copied.n, 3);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time__is_printed_in_utc_plus_8),
        cmocka_unit_test(test_level__is_found_at_the_beginning),
        T(test_writer__cuts_like_the_reference),
        T(test_writer__a_level_cut_in_two_reads),
        T(test_read__by_cursor_and_filter),
        T(test_read__a_cursor_inside_a_line_begins_at_the_next),
        T(test_read__while_it_grows),
        T(test_read__room_and_long_lines),
        T(test_copy__what_belongs_to_a_store),
        cmocka_unit_test(test_writer__a_full_disk_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
