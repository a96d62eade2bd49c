/* test/model/dep_text.h - schedules, rules and times of dependency tests, written as text. */
#ifndef TEST_MODEL_DEP_TEXT_H
#define TEST_MODEL_DEP_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/dependency.h"

static inline struct civil at(const char *text)
{
    char full[CIVIL_TEXT_LEN + 1] = "2025-01-01 00:00:00";
    struct civil c;

    /* "2025-09-11", "2025-09-11 07:00" or all of it */
    memcpy(full, text, strlen(text));
    if (civil_parse(str_from(full), &c, NULL) != E_OK)
        fail_msg("%s", text);
    return c;
}

static inline const char *show(struct civil c)
{
    static char text[4][CIVIL_TEXT_LEN + 1];
    static unsigned n;
    char *out = text[n++ % 4];

    civil_format(c, out);
    return out;
}

static inline struct schedule plan(enum cycle cycle, const char *cron)
{
    struct schedule s = { .cycle = cycle,
                          .zone = zone_default(),
                          .start = at("2020-01-01"),
                          .end = at("2099-12-31"),
                          .window_to = 1439 };
    struct err e = ERR_INIT;

    if (cron_parse(str_from(cron), &s.cron, &e) != E_OK)
        fail_msg("%s: %s", cron, e.text);
    return s;
}

/* "DAY/CURRENT_DAY" or "LIST_DAY -1,0" */
static inline struct dep_rule rule(const char *text)
{
    struct str rest = str_from(text), head;
    struct dep_rule r = { 0 };
    struct err e = ERR_INIT;

    if (str_find_char(rest, '/') >= 0) {
        head = str_split(&rest, '/');
        if (!dep_main_from_name(head, &r.main) || !dep_sub_from_name(rest, &r.sub))
            fail_msg("%s", text);
        return r;
    }
    head = str_split(&rest, ' ');
    if (!dep_main_from_name(head, &r.main) || dep_offsets_parse(r.main, rest, &r, &e) != E_OK)
        fail_msg("%s: %s", text, e.text);
    return r;
}

struct found {
    int n, stop_at;
    int64_t first, last, step; /* step: of all neighbours, -1 when it differs */
    bool all_on_schedule;
};

static inline bool collect(void *ctx, struct dep_candidate c)
{
    struct found *f = ctx;

    if (f->n == 0) {
        f->first = c.data_time.s;
        f->all_on_schedule = true;
    } else {
        assert_true(c.data_time.s > f->last);
        if (f->n == 1)
            f->step = c.data_time.s - f->last;
        else if (f->step != c.data_time.s - f->last)
            f->step = -1;
    }
    f->last = c.data_time.s;
    f->all_on_schedule = f->all_on_schedule && c.on_schedule;
    return ++f->n != f->stop_at;
}

static inline struct found select_all(const struct dep_rule *r, enum cycle down,
                                      const struct schedule *up, struct civil d)
{
    struct found f = { 0 };
    struct err e = ERR_INIT;

    if (dep_select(r, down, up, d, collect, NULL, &f, &e) != E_OK)
        fail_msg("%s", e.text);
    return f;
}

#endif
