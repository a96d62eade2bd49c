/* api/log_cursor.c - where the reading of a round's log goes on. */
#include "api/log_cursor.h"

#include <stdio.h>

bool log_cursor_parse(struct str text, struct log_cursor *ret)
{
    struct log_cursor c = { .attempt = 1 };
    struct str attempt = str_split(&text, '.');

    if (attempt.len > 0 || text.ptr) {
        if (!str_to_i64(attempt, &c.attempt) || !str_to_i64(text, &c.offset))
            return false;
        if (c.attempt < 1 || c.offset < 0 || c.offset > INT64_MAX / 2)
            return false;
    }
    *ret = c;
    return true;
}

void log_cursor_print(const struct log_cursor *c, char out[LOG_CURSOR_TEXT_MAX])
{
    snprintf(out, LOG_CURSOR_TEXT_MAX, "%lld.%lld", (long long)c->attempt, (long long)c->offset);
}
