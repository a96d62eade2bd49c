/* send/secret.c - what of an address must not be repeated. */
#include "send/secret.h"

#include <string.h>

static struct str behind_host(struct str url)
{
    ptrdiff_t at = str_find(url, STR("://"));
    size_t from = at < 0 ? 0 : (size_t)at + 3;

    while (from < url.len && str_find_char(STR("/?#"), url.ptr[from]) < 0)
        from++;
    return str_sub(url, from, url.len);
}

static void blot_part(struct str part, char *text, size_t len)
{
    struct str rest = str_make(text, len);

    for (ptrdiff_t at; (at = str_find(rest, part)) >= 0;) {
        size_t from = (size_t)(rest.ptr - text) + (size_t)at;
        memset(text + from, '*', part.len);
        rest = str_make(text + from + part.len, len - from - part.len);
    }
}

void secret_blot(struct str url, char *text, size_t len)
{
    struct str rest = behind_host(url);
    size_t from = 0;

    for (size_t i = 0; i <= rest.len; i++) {
        if (i < rest.len && str_find_char(STR("/?&=#"), rest.ptr[i]) < 0)
            continue;
        if (i - from >= SECRET_MIN)
            blot_part(str_sub(rest, from, i - from), text, len);
        from = i + 1;
    }
}
