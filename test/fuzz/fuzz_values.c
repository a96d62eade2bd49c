/* test/fuzz/fuzz_values.c - the small texts of requests: times, ids, zones, numbers, encodings.
 * What parses is printed as it was, or prints and parses again to the same; what does not parse
 * leaves its place alone. */
#include "fuzz.h"

#include <string.h>

#include "api/log_cursor.h"
#include "base/codec.h"
#include "base/mem.h"
#include "model/dependency.h"
#include "model/instance.h"
#include "model/task.h"

enum { UNTOUCHED = 0x5a5a5a5a };

static void check_civil(struct str text)
{
    struct civil c = { UNTOUCHED };
    struct err e = ERR_INIT;
    char shown[CIVIL_TEXT_LEN + 1];
    int minutes = UNTOUCHED;

    if (civil_parse(text, &c, &e) == E_OK) {
        civil_format(c, shown);
        check(str_eq_c(text, shown));
    } else {
        check(c.s == UNTOUCHED && e.text[0] && e.text_zh[0]);
    }
    c.s = UNTOUCHED;
    if (civil_parse_date(text, &c, NULL) == E_OK) {
        civil_format(c, shown);
        check(text.len == 10 && memcmp(text.ptr, shown, 10) == 0);
        check(strcmp(shown + 10, " 00:00:00") == 0);
    } else {
        check(c.s == UNTOUCHED);
    }
    if (civil_parse_clock(text, &minutes, NULL) == E_OK)
        check(text.len == 5 && minutes >= 0 && minutes < 24 * 60);
    else
        check(minutes == UNTOUCHED);
}

static void check_ids(struct str text, struct buf *out)
{
    struct instance_key key = { .task_id = UNTOUCHED };
    int64_t id = UNTOUCHED;
    char shown[TASK_ID_LEN + 4];

    buf_reset(out);
    if (instance_key_parse(text, &key)) {
        instance_key_format(key, out);
        check(str_eq(buf_str(out), text) && text.len < INSTANCE_KEY_MAX);
    } else {
        check(key.task_id == UNTOUCHED);
    }
    if (task_id_parse(text, &id)) {
        task_id_format(id, shown);
        check(id > 0 && str_eq_c(text, shown));
    } else {
        check(id == UNTOUCHED);
    }
}

static void check_dimension(struct str text, struct buf *out)
{
    struct civil c = { UNTOUCHED };

    for (int t = EVENT_SUB_SECOND; t <= EVENT_SUB_DAY; t++) {
        buf_reset(out);
        if (event_dimension_parse((enum event_sub_type)t, text, &c, NULL) == E_OK) {
            event_dimension_format((enum event_sub_type)t, c, out);
            check(str_eq(buf_str(out), text));
            check(event_cut((enum event_sub_type)t, c).s == c.s);
            c.s = UNTOUCHED;
        }
        check(c.s == UNTOUCHED);
    }
}

static void check_zone(struct str text)
{
    const struct zone *z = NULL, *again = NULL;
    struct err e = ERR_INIT;

    if (zone_find(text, &z, &e) != E_OK) {
        check(!z && e.code == E_RANGE && e.text_zh[0] && !e.path[0]);
        return;
    }
    check(zone_is_fixed(z));
    int offset = zone_offset(z, (struct wall){ 0 });
    check(offset >= -12 * CIVIL_HOUR && offset <= 14 * CIVIL_HOUR);
    check(zone_find(str_from(zone_name(z)), &again, NULL) == E_OK && again == z);
}

static void check_numbers(struct str text, struct buf *out)
{
    int64_t i = UNTOUCHED;
    uint64_t u = UNTOUCHED;

    buf_reset(out);
    if (str_to_i64(text, &i)) {
        int64_t again = 0;
        buf_add_i64(out, i);
        check(out->len <= text.len && str_to_i64(buf_str(out), &again) && again == i);
    } else {
        check(i == UNTOUCHED);
    }
    buf_reset(out);
    if (str_to_u64(text, &u)) {
        buf_add_u64(out, u);
        check(str_ends_with(text, buf_str(out)));
    } else {
        check(u == UNTOUCHED);
    }
}

static void check_encodings(struct str text, struct buf *out, struct buf *again)
{
    buf_reset(out);
    if (base64_decode(out, text)) {
        size_t len = out->len;
        buf_reset(again);
        base64_encode(again, buf_str(out));
        check(again->len <= text.len + 2); /* padding may have been left out */
        check(base64_decode(out, buf_str(again)) && out->len == 2 * len);
        check(len == 0 || memcmp(out->ptr, out->ptr + len, len) == 0);
    } else {
        check(out->len == 0);
    }
    buf_reset(out);
    if (percent_decode(out, text, true))
        check(out->len <= text.len);
    else
        check(out->len == 0);
    if (text.len > 0 && str_is_utf8(text)) {
        check(str_code_points(text) <= text.len && str_eq(str_whole(text), text));
        check(str_find_char(text, '\0') < 0);
    }
    check(str_whole(text).len <= text.len && text.len - str_whole(text).len <= 4);
}

static void check_cursor(struct str text)
{
    struct log_cursor c = { .offset = UNTOUCHED }, again;
    char shown[LOG_CURSOR_TEXT_MAX];

    if (!log_cursor_parse(text, &c)) {
        check(c.offset == UNTOUCHED);
        return;
    }
    check(c.attempt >= 1 && c.offset >= 0 && c.offset <= INT64_MAX / 2);
    log_cursor_print(&c, shown);
    check(log_cursor_parse(str_from(shown), &again));
    check(again.attempt == c.attempt && again.offset == c.offset);
}

static void check_offsets(struct str text)
{
    static const enum dep_main lists[] = { DEP_RANGE_DAY, DEP_LIST_MINUTE };
    struct dep_rule r;
    struct err e = ERR_INIT;

    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        if (dep_offsets_parse(lists[i], text, &r, &e) != E_OK) {
            check(e.text[0] && e.text_zh[0] && !e.path[0]);
            continue;
        }
        check(r.n_offsets >= 1 && r.n_offsets <= DEP_OFFSETS_MAX && r.main == lists[i]);
        check(i == 1 || (r.n_offsets == 2 && r.offsets[0] <= r.offsets[1]));
        for (int k = 0; k < r.n_offsets; k++)
            check(r.offsets[k] >= -DEP_OFFSET_ABS_MAX && r.offsets[k] <= DEP_OFFSET_ABS_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct str text = str_make((const char *)bytes, n);
    struct phase phases[PHASES_MAX];
    struct buf out, again;

    buf_init(&out, SIZE_MAX);
    buf_init(&again, SIZE_MAX);
    check_civil(text);
    check_ids(text, &out);
    check_dimension(text, &out);
    check_zone(text);
    check_numbers(text, &out);
    check_encodings(text, &out, &again);
    check_offsets(text);
    check_cursor(text);
    check(phases_parse(text, phases) <= PHASES_MAX);
    buf_done(&out);
    buf_done(&again);
    return 0;
}
