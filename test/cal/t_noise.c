/* test/cal/t_noise.c - the parsers of this layer on random bytes and on damaged good input.
 *
 * Whatever comes in: no crash, no output on failure, a text in the error, and what is accepted
 * makes sense.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "cal/cron.h"
#include "cal/schedule.h"
#include "cal/tz_rule.h"
#include "zoneinfo.h"

enum { ROUNDS = 40000, TZIF_ROUNDS = 8000, TEXT_MAX = 80 };

/* Text out of an alphabet, or any bytes. */
static struct str random_text(struct prng *p, const char *alphabet, char *block)
{
    size_t len = (size_t)prng_range(p, 0, TEXT_MAX);
    bool raw = prng_range(p, 0, 7) == 0;

    for (size_t i = 0; i < len; i++)
        block[i] = raw ? (char)prng_range(p, 0, 255) : alphabet[prng_below(p, strlen(alphabet))];
    return str_make(block, len);
}

/* A good text with some bytes changed, dropped or doubled. */
static struct str damaged(struct prng *p, const char *good, const char *alphabet, char *block)
{
    size_t len = strlen(good);

    memcpy(block, good, len);
    for (int64_t n = prng_range(p, 0, 3); n > 0 && len > 0 && len < TEXT_MAX; n--) {
        size_t at = (size_t)prng_below(p, len);
        switch (prng_range(p, 0, 2)) {
        case 0:
            block[at] = alphabet[prng_below(p, strlen(alphabet))];
            break;
        case 1:
            memmove(block + at, block + at + 1, --len - at);
            break;
        default:
            memmove(block + at + 1, block + at, len++ - at);
        }
    }
    return str_make(block, len);
}

/* The text in a block of its own and of its size: the sanitizer sees a read past the end. */
static struct str exact(struct str s, char **ret_block)
{
    *ret_block = mem_alloc(s.len > 0 ? s.len : 1);
    if (s.len > 0)
        memcpy(*ret_block, s.ptr, s.len);
    return str_make(*ret_block, s.len);
}

static void check_error(const struct err *e, enum err_code rc)
{
    assert_int_equal(e->code, rc);
    assert_true(e->text[0] != '\0' && e->text_zh[0] != '\0');
    assert_true(str_is_utf8(str_from(e->text)) && str_is_utf8(str_from(e->text_zh)));
}

static int check_cron(struct str text)
{
    struct cron c, again;
    struct civil t = { 1757500000 }, back;
    struct err e = ERR_INIT;
    struct buf b;
    enum err_code rc = cron_parse(text, &c, &e);

    if (rc != E_OK) {
        check_error(&e, rc);
        return 0;
    }
    buf_init(&b, CRON_TEXT_MAX);
    cron_print(&c, &b);
    assert_int_equal(cron_parse(buf_str(&b), &again, &e), E_OK);
    assert_true(cron_equal(&c, &again));
    buf_done(&b);
    if (cron_next(&c, t, &t)) {
        assert_true(cron_matches(&c, t));
        assert_true(!cron_prev(&c, t, &back) || back.s < 1757500001);
    }
    return 1;
}

static void test_cron(void **state)
{
    static const char *const good[] = { "0 0/5 0-23 * * ? *", "0 2 3 1,L,2 * ?",
                                        "0 0 0 L-3W JAN-MAR ? 2025/2",
                                        "*/7 1-59/2 22-2 15W,LW 2,4 6#3,2L,SAT 2020-2030" };
    static const char alphabet[] = "0123456789 *,-/?LW#lwSUNMOTE \t";
    struct prng p;
    int accepted = 0;

    (void)state;
    prng_init(&p, 1);
    for (int i = 0; i < ROUNDS; i++) {
        char block[TEXT_MAX + 2], *heap;
        struct str s = i % 4 == 0
                           ? random_text(&p, alphabet, block)
                           : damaged(&p, good[prng_below(&p, ARRAY_LEN(good))], alphabet, block);
        accepted += check_cron(exact(s, &heap));
        mem_free(heap);
    }
    assert_in_range(accepted, ROUNDS / 10, ROUNDS - 1);
}

static void test_civil(void **state)
{
    static const char alphabet[] = "0123456789-: ";
    struct prng p;
    int accepted = 0;

    (void)state;
    prng_init(&p, 2);
    for (int i = 0; i < ROUNDS; i++) {
        char block[TEXT_MAX + 2], back[CIVIL_TEXT_LEN + 1], *heap;
        struct str s = i % 4 == 0 ? random_text(&p, alphabet, block)
                                  : damaged(&p, "2025-09-11 08:30:59", alphabet, block);
        struct civil c = { 77 };
        struct err e = ERR_INIT;
        enum err_code rc;
        int minutes;
        s = exact(s, &heap);
        rc = civil_parse(s, &c, &e);
        civil_format(c, back);
        if (rc != E_OK) {
            check_error(&e, rc);
            assert_int_equal(c.s, 77);
        } else {
            assert_true(str_eq_c(s, back));
            accepted++;
        }
        rc = civil_parse_date(s, &c, &e);
        assert_true(rc == E_OK ? c.s % CIVIL_DAY == 0 : e.text[0] != '\0');
        rc = civil_parse_clock(s, &minutes, &e);
        assert_true(rc == E_OK ? minutes >= 0 && minutes < 1440 : e.text[0] != '\0');
        mem_free(heap);
    }
    assert_in_range(accepted, ROUNDS / 20, ROUNDS - 1);
}

static void test_zone_names(void **state)
{
    static const char *const good[] = { "UTC+8", "UTC-03:30", "Asia/Shanghai",
                                        "America/Argentina/Buenos_Aires" };
    static const char alphabet[] = "UTCAsia/Shnghmerc+-:0123456789._";
    struct prng p;
    int accepted = 0;

    (void)state;
    prng_init(&p, 3);
    for (int i = 0; i < ROUNDS / 4; i++) {
        char block[TEXT_MAX + 2], *heap;
        struct str s = i % 4 == 0
                           ? random_text(&p, alphabet, block)
                           : damaged(&p, good[prng_below(&p, ARRAY_LEN(good))], alphabet, block);
        const struct zone *z = NULL;
        struct err e = ERR_INIT;
        enum err_code rc = zone_find(exact(s, &heap), &z, &e);
        if (rc != E_OK) {
            check_error(&e, rc);
            assert_null(z);
        } else {
            int offset = zone_offset(z, (struct wall){ 1757500000000000 });
            assert_in_range(offset + 12 * 3600, 0, 26 * 3600);
            accepted++;
        }
        mem_free(heap);
    }
    assert_in_range(accepted, ROUNDS / 40, ROUNDS / 4 - 1);
}

/* A zone that was accepted, however strange, converts in order. */
static void check_zone(struct prng *p, const struct zone *z)
{
    for (int i = 0; i < 20; i++) {
        struct civil c = { prng_range(p, -INT64_C(5000000000), INT64_C(9000000000)) };
        struct wall w = zone_to_wall(z, c),
                    later = zone_to_wall(z, (struct civil){ c.s + prng_range(p, 1, 90000) });
        assert_true(later.us >= w.us);
        assert_true(zone_to_civil(z, w).s >= c.s);
        assert_int_equal(zone_fit(z, c) == ZONE_GAP, zone_to_civil(z, w).s != c.s);
        assert_true(zone_reached(z, w).s >= c.s);
    }
}

static void damage_bytes(struct prng *p, struct buf *b)
{
    for (int64_t n = prng_range(p, 1, 6); n > 0 && b->len > 0; n--) {
        size_t at = (size_t)prng_below(p, prng_range(p, 0, 1) ? b->len
                                          : b->len < 200      ? b->len
                                                              : 200);
        b->ptr[at] = prng_range(p, 0, 1) ? (char)prng_range(p, 0, 255)
                                         : (char)(b->ptr[at] ^ 1 << prng_range(p, 0, 7));
    }
    if (prng_range(p, 0, 9) == 0)
        b->len = (size_t)prng_below(p, b->len + 1);
}

static void test_tzif(void **state)
{
    static const char *const names[] = { "Asia/Shanghai", "Europe/Paris", "America/New_York",
                                         "Africa/Casablanca" };
    struct buf files[ARRAY_LEN(names)];
    struct prng p;
    int accepted = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        buf_init(&files[i], 100000);
        if (zoneinfo_load(NULL, names[i], &files[i], NULL) != E_OK)
            skip();
    }
    prng_init(&p, 4);
    for (int i = 0; i < TZIF_ROUNDS; i++) {
        struct buf b;
        struct zone *z = NULL;
        struct err e = ERR_INIT;
        char *heap;
        buf_init(&b, 100000);
        if (i % 8 == 0) {
            buf_add_c(&b, "TZif2");
            for (int64_t n = prng_range(&p, 0, 200); n > 0; n--)
                buf_add_char(&b, (char)prng_range(&p, 0, prng_range(&p, 0, 1) ? 2 : 255));
        } else {
            const struct buf *f = &files[prng_below(&p, ARRAY_LEN(names))];
            buf_add(&b, f->ptr, f->len);
            damage_bytes(&p, &b);
        }
        if (zone_parse_tzif(STR("x"), exact(buf_str(&b), &heap), &z, &e) == E_OK) {
            check_zone(&p, z);
            accepted++;
        } else {
            assert_null(z);
            assert_true(e.text[0] != '\0');
        }
        zone_free(z);
        mem_free(heap);
        buf_done(&b);
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        buf_done(&files[i]);
    assert_in_range(accepted, TZIF_ROUNDS / 20, TZIF_ROUNDS - 1);
}

static void test_posix_rules(void **state)
{
    static const char *const good[] = { "CET-1CEST,M3.5.0,M10.5.0/3",
                                        "<-02>2<-01>,M3.5.0/-1,J300/0", "ABC0DEF,0/0,365" };
    static const char alphabet[] = "ABCDEST0123456789,.:/+-<>MJ";
    struct prng p;

    (void)state;
    prng_init(&p, 5);
    for (int i = 0; i < ROUNDS; i++) {
        char block[TEXT_MAX + 2], *heap;
        struct str s = i % 4 == 0
                           ? random_text(&p, alphabet, block)
                           : damaged(&p, good[prng_below(&p, ARRAY_LEN(good))], alphabet, block);
        struct tz_rule r = { .standard = 99 };
        enum err_code rc = tz_rule_parse(exact(s, &heap), &r, NULL);
        if (rc == E_OK && r.has_daylight) {
            int64_t year = civil_make(2024, 1, 1, 0, 0, 0).s;
            assert_in_range(tz_rule_start(&r, 2024) - year + 10 * CIVIL_DAY, 0, 386 * CIVIL_DAY);
            assert_in_range(tz_rule_end(&r, 2024) - year + 10 * CIVIL_DAY, 0, 386 * CIVIL_DAY);
        } else if (rc != E_OK) {
            assert_int_equal(r.standard, 99);
        }
        mem_free(heap);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cron),        cmocka_unit_test(test_civil),
        cmocka_unit_test(test_zone_names),  cmocka_unit_test(test_tzif),
        cmocka_unit_test(test_posix_rules),
    };

    zone_set_loader(zoneinfo_load, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
