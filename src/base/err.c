/* base/err.c - what can go wrong, as a code for programs and a text for people. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What static analysis is told of them (base/err.h) is not their definition. */
#undef err_set
#undef err_errno
#undef err_user

/* A text that did not fit was cut anywhere. */
static void mend_tail(char *text)
{
    text[str_whole(str_from(text)).len] = '\0';
}

static void set_text(struct err *e, enum err_code code, const char *fmt, va_list ap)
{
    *e = (struct err){ .code = code };
    vsnprintf(e->text, sizeof(e->text), fmt, ap);
    mend_tail(e->text);
}

enum err_code err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
    va_list ap;

    if (!e)
        return code;
    va_start(ap, fmt);
    set_text(e, code, fmt, ap);
    va_end(ap);
    return code;
}

enum err_code err_errno(struct err *e, enum err_code code, const char *fmt, ...)
{
    int saved = errno;
    va_list ap;

    if (!e)
        return code;
    va_start(ap, fmt);
    set_text(e, code, fmt, ap);
    va_end(ap);
    e->os_error = saved;
    size_t len = strlen(e->text);
    snprintf(e->text + len, sizeof(e->text) - len, ": %s", strerror(saved));
    mend_tail(e->text);
    return code;
}

enum err_code err_user(struct err *e, enum err_code code, const char *path, const char *en,
                       const char *zh, ...)
{
    va_list ap, again;

    if (!e)
        return code;
    va_start(ap, zh);
    va_copy(again, ap);
    struct err filled = { .code = code };
    snprintf(filled.path, sizeof(filled.path), "%s", path ? path : "");
    vsnprintf(filled.text, sizeof(filled.text), en, ap);
    vsnprintf(filled.text_zh, sizeof(filled.text_zh), zh, again);
    mend_tail(filled.path);
    mend_tail(filled.text);
    mend_tail(filled.text_zh);
    va_end(again);
    va_end(ap);
    *e = filled;
    return code;
}

void err_prefix(struct err *e, const char *prefix)
{
    if (!e)
        return;
    size_t before = strlen(prefix) + (e->path[0] ? 1 : 0), have = strlen(e->path);
    if (before > sizeof(e->path) - 1)
        return;                       /* too deep to name; the inner part still helps */
    if (have > sizeof(e->path) - 1 - before)
        have = sizeof(e->path) - 1 - before;
    memmove(e->path + before, e->path, have);
    e->path[before + have] = '\0';
    memcpy(e->path, prefix, strlen(prefix));
    if (have > 0)
        e->path[before - 1] = '.';
    mend_tail(e->path);
}

const char *err_code_name(enum err_code code)
{
    static const char *const names[E_CODE_N_] = {
        [E_RULE_NAME] = "rule name exists",
        [E_OK] = "ok",           [E_SYNTAX] = "syntax",       [E_RANGE] = "range",
        [E_REQUIRED] = "required", [E_MISSING] = "missing",   [E_EXISTS] = "exists",
        [E_CONFLICT] = "conflict", [E_DENIED] = "denied",     [E_IN_USE] = "in use",
        [E_LIMIT] = "limit",     [E_UNSUPPORTED] = "unsupported", [E_STALE] = "stale",
        [E_BUSY] = "busy",       [E_IO] = "io",               [E_CORRUPT] = "corrupt",
        [E_FORBIDDEN] = "forbidden", [E_STRANGER] = "no member",
        [E_TIMEOUT] = "timeout", [E_CANCELED] = "canceled",
    };
    return (unsigned)code < E_CODE_N_ ? names[code] : "unknown";
}
