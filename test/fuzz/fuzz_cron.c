/* test/fuzz/fuzz_cron.c - cron expressions: what parses prints, parses again and is the same
 * (docs/reference/semantics.md 2.4). */
#include "fuzz.h"

#include <string.h>

#include "base/mem.h"
#include "cal/cron.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct cron c, again;
    struct civil at = { 1767283200 }, next, prev;
    struct err e = ERR_INIT;
    struct buf text;

    if (cron_parse(str_make((const char *)bytes, n), &c, &e) != E_OK) {
        check(e.text[0] != '\0');
        return 0;
    }
    buf_init(&text, 65536);
    cron_print(&c, &text);
    check(!text.overflow && cron_parse(buf_str(&text), &again, NULL) == E_OK);
    buf_done(&text);
    if (!cron_next(&c, at, &next)) {
        check(!cron_next(&again, at, &next));
        return 0;
    }
    check(next.s > at.s && cron_matches(&c, next) && cron_matches(&again, next));
    check(cron_next(&again, at, &prev) && prev.s == next.s);
    check(cron_prev(&c, (struct civil){ next.s + 1 }, &prev) && prev.s == next.s);
    return 0;
}
