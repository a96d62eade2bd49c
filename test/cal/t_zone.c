/* test/cal/t_zone.c - fixed offsets, TZif files and POSIX footers, gaps and overlaps.
 * docs/reference/semantics.md 2.6. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cal/tz_rule.h"
#include "cal/tzif.h"
#include "zoneinfo.h"

static const struct zone *zone(const char *name)
{
    const struct zone *z = NULL;
    struct err e = ERR_INIT;

    if (zone_find(str_from(name), &z, &e) != E_OK)
        fail_msg("%s: %s", name, e.text);
    return z;
}

static struct civil at(const char *text)
{
    struct civil c;

    if (civil_parse(str_from(text), &c, NULL) != E_OK)
        fail_msg("%s", text);
    return c;
}

static int64_t utc(const char *text)
{
    return at(text).s;
}

static void test_fixed_offsets(void **state)
{
    static const struct {
        const char *name, *normal;
        int offset;
    } rows[] = {
        { "UTC", "UTC", 0 },
        { "UTC+8", "UTC+8", 28800 },
        { "UTC+08", "UTC+8", 28800 },
        { "UTC+08:00", "UTC+8", 28800 },
        { "UTC-3:30", "UTC-03:30", -12600 },
        { "UTC-03:30", "UTC-03:30", -12600 },
        { "UTC+0", "UTC", 0 },
        { "UTC-00:00", "UTC", 0 },
        { "UTC+14", "UTC+14", 50400 },
        { "UTC-12", "UTC-12", -43200 },
        { "UTC+5:45", "UTC+05:45", 20700 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct zone *z = zone(rows[i].name);
        assert_string_equal(zone_name(z), rows[i].normal);
        assert_int_equal(zone_offset(z, (struct wall){ 0 }), rows[i].offset);
        assert_true(zone_is_fixed(z));
        assert_ptr_equal(z, zone(rows[i].normal));
        assert_int_equal(zone_to_wall(z, at("2025-01-01 00:00:00")).us,
                         (utc("2025-01-01 00:00:00") - rows[i].offset) * 1000000);
        assert_int_equal(zone_fit(z, at("2025-01-01 00:00:00")), ZONE_ONCE);
    }
    assert_int_equal(zone_offset(zone_default(), (struct wall){ 0 }), 28800);
    assert_string_equal(zone_name(zone_default()), "UTC+8");
    assert_int_equal(zone_offset(zone_utc(), (struct wall){ 0 }), 0);
}

static void test_unknown_zones(void **state)
{
    static const char *const names[] = {
        "",
        "utc",
        "UTC+",
        "UTC8",
        "UTC+15",
        "UTC-13",
        "UTC+14:01",
        "UTC-12:30",
        "UTC+8:",
        "UTC+8:3",
        "UTC+8:60",
        "UTC+8:300",
        "UTC+123",
        "UTC +8",
        "UTC+8 ",
        "GMT+8",
        "Asia/Nowhere",
        "asia/Shanghai",
        "/etc/passwd",
        "../UTC",
        "Asia/../UTC",
        "Asia//Shanghai",
        "Asia/",
        "Asia",
        "zone.tab",
        "right/UTC",
        ".",
        "Asia/Sh\xc3\xa4nghai",
        "leapseconds",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct zone *z = zone_utc();
        struct err e = ERR_INIT;
        if (zone_find(str_from(names[i]), &z, &e) != E_RANGE)
            fail_msg("'%s' was taken", names[i]);
        assert_ptr_equal(z, zone_utc());
        assert_non_null(strstr(e.text, "Asia/Shanghai"));
        assert_non_null(strstr(e.text_zh, "UTC+14"));
        assert_string_equal(e.path, "");
    }
}

static enum err_code broken_loader(void *ctx, const char *name, struct buf *out, struct err *e)
{
    (void)out;
    ++*(int *)ctx;
    return err_set(e, E_IO, "reading %s", name);
}

/* Failures are not remembered, and a broken disk is not the client's mistake. */
static void test_loader_failures(void **state)
{
    const struct zone *z;
    struct err e = ERR_INIT;
    int calls = 0;

    (void)state;
    zone_set_loader(NULL, NULL);
    assert_int_equal(zone_find(STR("Asia/Tokyo"), &z, &e), E_RANGE);
    zone_set_loader(broken_loader, &calls);
    assert_int_equal(zone_find(STR("Asia/Tokyo"), &z, &e), E_IO);
    assert_string_equal(e.text, "reading Asia/Tokyo");
    assert_int_equal(zone_find(STR("Asia/Tokyo"), &z, NULL), E_IO);
    assert_int_equal(calls, 2);
    zone_set_loader(zoneinfo_load, NULL);
    assert_ptr_equal(zone("Asia/Tokyo"), zone("Asia/Tokyo"));
    zone_set_loader(broken_loader, &calls);
    assert_string_equal(zone_name(zone("Asia/Tokyo")), "Asia/Tokyo");
    assert_int_equal(calls, 2);
    zone_set_loader(zoneinfo_load, NULL);
}

/* The written policy: a gap means the first instant after it, an overlap the first of the two. */
static void test_gap_and_overlap(void **state)
{
    static const struct {
        int line;
        const char *zone, *civil;
        enum zone_fit fit;
        const char *utc;
    } rows[] = {
        { __LINE__, "America/New_York", "2025-03-09 01:59:59", ZONE_ONCE, "2025-03-09 06:59:59" },
        { __LINE__, "America/New_York", "2025-03-09 02:00:00", ZONE_GAP, "2025-03-09 07:00:00" },
        { __LINE__, "America/New_York", "2025-03-09 02:59:59", ZONE_GAP, "2025-03-09 07:00:00" },
        { __LINE__, "America/New_York", "2025-03-09 03:00:00", ZONE_ONCE, "2025-03-09 07:00:00" },
        { __LINE__, "America/New_York", "2025-11-02 00:59:59", ZONE_ONCE, "2025-11-02 04:59:59" },
        { __LINE__, "America/New_York", "2025-11-02 01:00:00", ZONE_TWICE, "2025-11-02 05:00:00" },
        { __LINE__, "America/New_York", "2025-11-02 01:59:59", ZONE_TWICE, "2025-11-02 05:59:59" },
        { __LINE__, "America/New_York", "2025-11-02 02:00:00", ZONE_ONCE, "2025-11-02 07:00:00" },
        { __LINE__, "America/New_York", "2190-07-01 00:00:00", ZONE_ONCE, "2190-07-01 04:00:00" },
        { __LINE__, "Europe/Dublin", "2050-03-27 01:30:00", ZONE_GAP, "2050-03-27 01:00:00" },
        { __LINE__, "Europe/Dublin", "2050-10-30 01:30:00", ZONE_TWICE, "2050-10-30 00:30:00" },
        { __LINE__, "Australia/Lord_Howe", "2025-10-05 02:15:00", ZONE_GAP, "2025-10-04 15:30:00" },
        { __LINE__, "Australia/Lord_Howe", "2025-04-06 01:45:00", ZONE_TWICE,
          "2025-04-05 14:45:00" },
        { __LINE__, "Pacific/Apia", "2011-12-30 12:00:00", ZONE_GAP,
          "2011-12-30 10:00:00" }, /* a day left out */
        { __LINE__, "Asia/Shanghai", "1991-09-15 00:30:00", ZONE_ONCE, "1991-09-14 15:30:00" },
        { __LINE__, "Asia/Shanghai", "2025-06-01 12:00:00", ZONE_ONCE, "2025-06-01 04:00:00" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct zone *z = zone(rows[i].zone);
        struct civil c = at(rows[i].civil);
        if (zone_fit(z, c) != rows[i].fit || zone_to_wall(z, c).us != utc(rows[i].utc) * 1000000)
            fail_msg("line %d: fit %d, %lld", rows[i].line, (int)zone_fit(z, c),
                     (long long)(zone_to_wall(z, c).us / 1000000 - utc(rows[i].utc)));
        assert_false(zone_is_fixed(z));
    }
}

static void test_microseconds_are_cut_down(void **state)
{
    const struct zone *z = zone("UTC+1");

    (void)state;
    assert_int_equal(zone_to_civil(z, (struct wall){ 1999999 }).s, 3601);
    assert_int_equal(zone_to_civil(z, (struct wall){ -1 }).s, 3599);
    assert_int_equal(zone_to_civil(z, (struct wall){ -1000000 }).s, 3599);
    assert_int_equal(zone_to_civil(z, (struct wall){ -1000001 }).s, 3598);
    /* The ends of the types are no trap. */
    assert_true(zone_to_wall(z, (struct civil){ INT64_MAX }).us > 0);
    assert_true(zone_to_wall(zone("America/New_York"), (struct civil){ INT64_MIN }).us < 0);
    assert_true(zone_to_civil(zone("America/New_York"), WALL_FAR).s > 0);
    assert_true(zone_to_civil(z, (struct wall){ INT64_MIN }).s < 0);
}

/* The reached civil time: in the second pass of an overlap, all of it. */
static void test_reached(void **state)
{
    static const struct {
        const char *utc, *reached;
    } rows[] = {
        { "2025-11-02 05:59:59", "2025-11-02 01:59:59" },
        { "2025-11-02 06:00:00", "2025-11-02 01:59:59" },
        { "2025-11-02 06:30:00", "2025-11-02 01:59:59" },
        { "2025-11-02 07:00:00", "2025-11-02 02:00:00" },
        { "2025-03-09 06:59:59", "2025-03-09 01:59:59" },
        { "2025-03-09 07:00:00", "2025-03-09 03:00:00" },
    };
    const struct zone *z = zone("America/New_York");

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(zone_reached(z, (struct wall){ utc(rows[i].utc) * 1000000 + 999999 }).s,
                         at(rows[i].reached).s);
}

static void test_posix_rules(void **state)
{
    static const struct {
        int line;
        const char *text;
        int year;
        const char *start, *end;
        int standard, daylight;
    } rows[] = {
        { __LINE__, "EST5EDT,M3.2.0,M11.1.0", 2025, "2025-03-09 07:00:00", "2025-11-02 06:00:00",
          -18000, -14400 },
        { __LINE__, "CET-1CEST,M3.5.0,M10.5.0/3", 2025, "2025-03-30 01:00:00",
          "2025-10-26 01:00:00", 3600, 7200 },
        { __LINE__, "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 2025, "2025-10-04 15:30:00",
          "2025-04-05 15:00:00", 37800, 39600 },
        { __LINE__, "IST-1GMT0,M10.5.0,M3.5.0/1", 2025, "2025-10-26 01:00:00",
          "2025-03-30 01:00:00", 3600, 0 },
        { __LINE__, "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2025, "2025-03-30 01:00:00",
          "2025-10-26 01:00:00", -7200, -3600 },
        { __LINE__, "AAA0BBB,J60,J366", 2024, "", "", 0, 0 },
        { __LINE__, "AAA0BBB,J60/0,J365/0", 2024, "2024-03-01 00:00:00", "2024-12-30 23:00:00", 0,
          3600 },
        { __LINE__, "AAA0BBB,J59/0,J365/0", 2024, "2024-02-28 00:00:00", "2024-12-30 23:00:00", 0,
          3600 },
        { __LINE__, "AAA0BBB,59/0,365/0", 2024, "2024-02-29 00:00:00", "2024-12-30 23:00:00", 0,
          3600 },
        { __LINE__, "AAA0BBB,0/0,59/0", 2025, "2025-01-01 00:00:00", "2025-02-28 23:00:00", 0,
          3600 },
        { __LINE__, "AAA-24BBB-23:59:59,M1.1.6/167,M12.5.1/-167", 2025, "2025-01-09 23:00:00",
          "2025-12-21 01:00:01", 86400, 86399 },
        { __LINE__, "UTC0", 2025, NULL, NULL, 0, 0 },
        { __LINE__, "<+0330>-3:30", 2025, NULL, NULL, 12600, 0 },
        { __LINE__, "", 2025, "", "", 0, 0 },
        { __LINE__, "AB0", 2025, "", "", 0, 0 },
        { __LINE__, "ABC", 2025, "", "", 0, 0 },
        { __LINE__, "ABC25", 2025, "", "", 0, 0 },
        { __LINE__, "ABC0DEF", 2025, "", "", 0, 0 },
        { __LINE__, "ABC0DEF,M3.2.0", 2025, "", "", 0, 0 },
        { __LINE__, "ABC0DEF,M13.2.0,M1.1.1", 2025, "", "", 0, 0 },
        { __LINE__, "ABC0DEF,M3.6.0,M1.1.1", 2025, "", "", 0, 0 },
        { __LINE__, "ABC0DEF,M3.2.7,M1.1.1", 2025, "", "", 0, 0 },
        { __LINE__, "ABC0DEF,J0,J5", 2025, "", "", 0, 0 },
        { __LINE__, "ABC0DEF,366,5", 2025, "", "", 0, 0 },
        { __LINE__, "ABC0DEF,1/168,5", 2025, "", "", 0, 0 },
        { __LINE__, "ABC0DEF,1,5x", 2025, "", "", 0, 0 },
        { __LINE__, "<ABC0", 2025, "", "", 0, 0 },
        { __LINE__, "ABC0:60", 2025, "", "", 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct tz_rule r = { .standard = 7 };
        bool wrong = rows[i].start != NULL && rows[i].start[0] == '\0';
        enum err_code rc = tz_rule_parse(str_from(rows[i].text), &r, NULL);
        if (rc != (wrong ? E_CORRUPT : E_OK))
            fail_msg("line %d: %s", rows[i].line, err_code_name(rc));
        if (wrong) {
            assert_int_equal(r.standard, 7);
            continue;
        }
        assert_int_equal(r.standard, rows[i].standard);
        assert_int_equal(r.has_daylight, rows[i].start != NULL);
        if (!r.has_daylight)
            continue;
        assert_int_equal(r.daylight, rows[i].daylight);
        if (tz_rule_start(&r, rows[i].year) != utc(rows[i].start) ||
            tz_rule_end(&r, rows[i].year) != utc(rows[i].end))
            fail_msg("line %d: start %lld, end %lld too late", rows[i].line,
                     (long long)(tz_rule_start(&r, rows[i].year) - utc(rows[i].start)),
                     (long long)(tz_rule_end(&r, rows[i].year) - utc(rows[i].end)));
    }
}

static void put32(struct buf *b, int64_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_add_char(b, (char)(v >> shift & 0xff));
}

static void put_header(struct buf *b, char version, const uint32_t counts[6])
{
    buf_add_c(b, "TZif");
    buf_add_char(b, version);
    for (int i = 0; i < 15; i++)
        buf_add_char(b, '\0');
    for (int i = 0; i < 6; i++)
        put32(b, counts[i]);
}

/* One block: two types (0 and 3600), one transition to the second of them. */
static void put_block(struct buf *b, bool wide, int64_t transition)
{
    if (wide)
        put32(b, transition >> 32);
    put32(b, transition);
    buf_add_char(b, 1);
    for (int i = 0; i < 2; i++) {
        put32(b, i * 3600);
        buf_add_char(b, 0);
        buf_add_char(b, 0);
    }
    buf_add(b, "X\0", 2);
}

static void test_version_1_has_no_footer(void **state)
{
    const uint32_t counts[6] = { 0, 0, 0, 1, 2, 2 };
    struct buf b;
    struct zone *z = NULL;

    (void)state;
    buf_init(&b, 1024);
    put_header(&b, '\0', counts);
    put_block(&b, false, -100);
    assert_int_equal(zone_parse_tzif(STR("Test/One"), buf_str(&b), &z, NULL), E_OK);
    assert_string_equal(zone_name(z), "Test/One");
    assert_int_equal(zone_offset(z, (struct wall){ -101 * 1000000LL }), 0);
    assert_int_equal(zone_offset(z, (struct wall){ -100 * 1000000LL }), 3600);
    assert_int_equal(zone_offset(z, WALL_FAR), 3600);
    zone_free(z);
    zone_free(NULL);
    for (size_t cut = 0; cut < b.len; cut++)
        assert_int_equal(zone_parse_tzif(STR("x"), str_make(b.ptr, cut), &z, NULL), E_CORRUPT);
    buf_done(&b);
}

static void make_v2(struct buf *b, char version, const uint32_t counts[6], const char *footer)
{
    const uint32_t first[6] = { 0, 0, 0, 1, 2, 2 };

    buf_init(b, 2048);
    put_header(b, version, first);
    put_block(b, false, 0);
    put_header(b, version, counts);
    put_block(b, true, INT64_C(4102444800)); /* 2100-01-01: more than 32 bits */
    buf_add_c(b, footer);
}

static void test_versions_2_to_4(void **state)
{
    const uint32_t counts[6] = { 0, 0, 0, 1, 2, 2 };
    struct tzif_table table;
    struct buf b;
    struct zone *z = NULL;

    (void)state;
    for (char version = '2'; version <= '4'; version++) {
        make_v2(&b, version, counts, "\nAAA-1BBB-3,J100/0,J200/0\n");
        assert_int_equal(zone_parse_tzif(STR("x"), buf_str(&b), &z, NULL), E_OK);
        assert_int_equal(zone_offset(z, (struct wall){ 0 }), 0);
        assert_int_equal(zone_offset(z, (struct wall){ utc("2099-12-31 23:59:59") * 1000000 }), 0);
        assert_int_equal(zone_offset(z, (struct wall){ utc("2100-01-01 00:00:00") * 1000000 }),
                         3600);
        assert_int_equal(zone_offset(z, (struct wall){ utc("2150-05-01 00:00:00") * 1000000 }),
                         10800);
        assert_int_equal(zone_offset(z, (struct wall){ utc("2199-12-31 00:00:00") * 1000000 }),
                         3600);
        zone_free(z);
        buf_done(&b);
    }
    /* Daylight time all year: its end and its next start are one instant, and nothing is left
     * between. */
    make_v2(&b, '3', counts, "\nAAA3BBB,0/0,J365/25\n");
    assert_int_equal(zone_parse_tzif(STR("x"), buf_str(&b), &z, NULL), E_OK);
    for (int day = 10; day < 365 * 20; day++)
        assert_int_equal(
            zone_offset(z, (struct wall){ (INT64_C(4102444800) + day * 86400) * 1000000 }), -7200);
    zone_free(z);
    assert_int_equal(tzif_parse(buf_str(&b), &table, NULL), E_OK);
    for (size_t i = 1; i < table.n; i++)
        assert_true(table.at[i] > table.at[i - 1] && table.offset[i] != table.offset[i - 1]);
    tzif_done(&table);
    buf_done(&b);
}

/* A file without transitions: its footer holds for all times. */
static void test_footer_alone(void **state)
{
    const uint32_t counts[6] = { 0, 0, 0, 0, 1, 1 };
    struct buf b;
    struct zone *z = NULL;

    (void)state;
    buf_init(&b, 1024);
    for (int block = 0; block < 2; block++) {
        put_header(&b, '2', counts);
        put32(&b, 3600);
        buf_add(&b, "\0\0X", 3);
    }
    buf_add_c(&b, "\nCET-1CEST,M3.5.0,M10.5.0/3\n");
    assert_int_equal(zone_parse_tzif(STR("x"), buf_str(&b), &z, NULL), E_OK);
    assert_int_equal(zone_offset(z, (struct wall){ utc("1971-01-15 00:00:00") * 1000000 }), 3600);
    assert_int_equal(zone_offset(z, (struct wall){ utc("1971-07-15 00:00:00") * 1000000 }), 7200);
    assert_int_equal(zone_offset(z, (struct wall){ utc("2199-07-15 00:00:00") * 1000000 }), 7200);
    zone_free(z);
    buf_done(&b);
}

static void *find_all(void *ctx)
{
    static const char *const names[] = { "Asia/Tokyo", "Europe/Rome", "UTC+3", "Asia/Seoul",
                                         "Africa/Cairo" };
    const struct zone **found = ctx;

    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
            if (zone_find(str_from(names[i]), &found[i], NULL) != E_OK)
                return NULL;
        }
    }
    return ctx;
}

/* zone_find is for any thread, and gives every thread the same zone. */
static void test_threads_share_the_zones(void **state)
{
    const struct zone *found[4][5] = { { NULL } };
    pthread_t threads[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, find_all, found[i]), 0);
    for (int i = 0; i < 4; i++) {
        void *done = NULL;
        assert_int_equal(pthread_join(threads[i], &done), 0);
        assert_ptr_equal(done, found[i]);
        assert_memory_equal(found[i], found[0], sizeof(found[0]));
    }
}

static void test_broken_files(void **state)
{
    static const struct {
        int line;
        char version;
        uint32_t counts[6];
        const char *footer;
        enum err_code code;
    } rows[] = {
        { __LINE__, '2', { 0, 0, 0, 1, 2, 2 }, "\n\n", E_OK },
        { __LINE__, '2', { 0, 0, 0, 1, 2, 2 }, "", E_CORRUPT },
        { __LINE__, '2', { 0, 0, 0, 1, 2, 2 }, "\n", E_CORRUPT },
        { __LINE__, '2', { 0, 0, 0, 1, 2, 2 }, "xx\n", E_CORRUPT },
        { __LINE__, '2', { 0, 0, 0, 1, 2, 2 }, "\nnonsense\n", E_CORRUPT },
        { __LINE__, '2', { 0, 0, 0, 1, 2, 2 }, "\nAAA0", E_CORRUPT },
        { __LINE__, 'x', { 0, 0, 0, 1, 2, 2 }, "\n\n", E_UNSUPPORTED },
        { __LINE__, '2', { 0, 0, 1, 1, 2, 2 }, "\n\n", E_UNSUPPORTED },
        { __LINE__, '2', { 0, 0, 0, 1, 0, 2 }, "\n\n", E_CORRUPT },
        { __LINE__, '2', { 1, 0, 0, 1, 2, 2 }, "\n\n", E_CORRUPT },
        { __LINE__, '2', { 0, 1, 0, 1, 2, 2 }, "\n\n", E_CORRUPT },
        { __LINE__, '2', { 0, 0, 0, 5001, 2, 2 }, "\n\n", E_CORRUPT },
        { __LINE__, '2', { 0, 0, 0, 1, 257, 2 }, "\n\n", E_CORRUPT },
        { __LINE__,
          '2',
          { 0, 0, 0, 1, 1, 2 },
          "\n\n",
          E_CORRUPT }, /* the transition names type 1 */
        { __LINE__, '2', { 0, 0, 0, 4, 2, 2 }, "\n\n", E_CORRUPT },
        { __LINE__, '2', { 0, 0, 0, 1, 2, 0xffffffff }, "\n\n", E_CORRUPT },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b;
        struct zone *z = NULL;
        enum err_code rc;
        make_v2(&b, rows[i].version, rows[i].counts, rows[i].footer);
        rc = zone_parse_tzif(STR("x"), buf_str(&b), &z, NULL);
        if (rc != rows[i].code)
            fail_msg("line %d: %s", rows[i].line, err_code_name(rc));
        zone_free(z);
        buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixed_offsets),
        cmocka_unit_test(test_unknown_zones),
        cmocka_unit_test(test_loader_failures),
        cmocka_unit_test(test_gap_and_overlap),
        cmocka_unit_test(test_microseconds_are_cut_down),
        cmocka_unit_test(test_reached),
        cmocka_unit_test(test_posix_rules),
        cmocka_unit_test(test_version_1_has_no_footer),
        cmocka_unit_test(test_versions_2_to_4),
        cmocka_unit_test(test_footer_alone),
        cmocka_unit_test(test_threads_share_the_zones),
        cmocka_unit_test(test_broken_files),
    };

    zone_set_loader(zoneinfo_load, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
