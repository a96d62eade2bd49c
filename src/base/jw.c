/* base/jw.c - a streaming JSON writer into a buf. */
#include "base/jw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

void jw_init(struct jw *w, struct buf *out)
{
    *w = (struct jw){ .out = out };
}

static uint32_t level_bit(const struct jw *w)
{
    return (uint32_t)1 << (w->depth_ - 1);
}

/* What stands before a value: nothing, or a comma inside an array. */
static void before_value(struct jw *w)
{
    if (w->after_key_) {
        w->after_key_ = false;
        return;
    }
    if (w->depth_ == 0)
        return;
    check(!(w->is_object_ & level_bit(w)));        /* a value in an object follows a key */
    if (w->has_item_ & level_bit(w))
        buf_add_char(w->out, ',');
    w->has_item_ |= level_bit(w);
}

static void open_level(struct jw *w, char bracket, bool object)
{
    before_value(w);
    check(w->depth_ < DEPTH_MAX);
    buf_add_char(w->out, bracket);
    w->depth_++;
    w->has_item_ &= ~level_bit(w);
    if (object)
        w->is_object_ |= level_bit(w);
    else
        w->is_object_ &= ~level_bit(w);
}

static void close_level(struct jw *w, char bracket, bool object)
{
    check(w->depth_ > 0 && !w->after_key_ && !!(w->is_object_ & level_bit(w)) == object);
    w->depth_--;
    buf_add_char(w->out, bracket);
}

void jw_object(struct jw *w)
{
    open_level(w, '{', true);
}

void jw_object_end(struct jw *w)
{
    close_level(w, '}', true);
}

void jw_array(struct jw *w)
{
    open_level(w, '[', false);
}

void jw_array_end(struct jw *w)
{
    close_level(w, ']', false);
}

/* A byte that cannot be copied without a look: control, quote, backslash, not ASCII. */
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Length of the plain bytes at the start of [p, end), eight at a time. */
static size_t plain_run(const char *p, const char *end)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t tops = ones * 0x80;
    const char *at = p;
    while (end - at >= 8) {
        uint64_t x;
        memcpy(&x, at, 8);
        /* The top bit of a byte is set where that byte is < 0x20, '"', '\\' or >= 0x80.  A borrow
         * can only mark bytes above one that is marked rightly, so a zero result is exact. */
        uint64_t quote = x ^ ones * '"';
        uint64_t slash = x ^ ones * '\\';
        if (((x - ones * 0x20) | (quote - ones) | (slash - ones) | x) & tops)
            break;
        at += 8;
    }
    while (at < end && is_plain((unsigned char)*at))
        at++;
    return (size_t)(at - p);
}

static void escape(struct buf *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char names[] = "btn_fr";           /* 8 to 13; 11 has no short form */
    char text[2] = { '\\', (char)c };
    if (c == '"' || c == '\\') {
        buf_add(out, text, 2);
    } else if (c >= 8 && c <= 13 && c != 11) {
        text[1] = names[c - 8];
        buf_add(out, text, 2);
    } else {
        buf_add(out, "\\u00", 4);
        text[0] = hex[c >> 4];
        text[1] = hex[c & 15];
        buf_add(out, text, 2);
    }
}

static void quoted_slow(struct buf *out, struct str s, size_t clean)
{
    buf_add_char(out, '"');
    size_t from = 0;                    /* first byte that is not copied yet */
    size_t at = clean;
    while (at < s.len) {
        unsigned char c = (unsigned char)s.ptr[at];
        size_t n = c >= 0x80 ? str_utf8_at(s, at) : is_plain(c);
        if (n > 0) {
            at += n;
            continue;
        }
        buf_add(out, s.ptr + from, at - from);
        if (c >= 0x80)
            buf_add(out, "\xEF\xBF\xBD", 3);
        else
            escape(out, c);
        from = ++at;
    }
    buf_add(out, s.ptr + from, at - from);
    buf_add_char(out, '"');
}

static void add_string(struct buf *out, struct str s)
{
    size_t clean = s.len > 0 ? plain_run(s.ptr, s.ptr + s.len) : 0;
    if (clean < s.len) {
        quoted_slow(out, s, clean);
        return;
    }
    char *to = buf_reserve(out, s.len + 2);
    if (!to)
        return;
    to[0] = '"';
    if (s.len > 0)
        memcpy(to + 1, s.ptr, s.len);
    to[s.len + 1] = '"';
    buf_grown(out, s.len + 2);
}

void jw_key(struct jw *w, const char *key)
{
    check(w->depth_ > 0 && (w->is_object_ & level_bit(w)) && !w->after_key_);
    if (w->has_item_ & level_bit(w))
        buf_add_char(w->out, ',');
    w->has_item_ |= level_bit(w);
    add_string(w->out, str_from(key));
    buf_add_char(w->out, ':');
    w->after_key_ = true;
}

void jw_str(struct jw *w, struct str s)
{
    before_value(w);
    add_string(w->out, s);
}

void jw_cstr(struct jw *w, const char *text)
{
    if (text)
        jw_str(w, str_from(text));
    else
        jw_null(w);
}

void jw_i64(struct jw *w, int64_t v)
{
    before_value(w);
    buf_add_i64(w->out, v);
}

void jw_u64(struct jw *w, uint64_t v)
{
    before_value(w);
    buf_add_u64(w->out, v);
}

void jw_f64(struct jw *w, double v)
{
    char text[32];

    if (!isfinite(v)) {
        jw_null(w);                                 /* JSON has no other way to say it */
        return;
    }
    before_value(w);
    /* The shortest form that reads back as the same number. */
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    buf_add_c(w->out, text);
}

void jw_bool(struct jw *w, bool v)
{
    before_value(w);
    buf_add_c(w->out, v ? "true" : "false");
}

void jw_null(struct jw *w)
{
    before_value(w);
    buf_add_c(w->out, "null");
}

void jw_raw(struct jw *w, struct str json)
{
    before_value(w);
    buf_add_str(w->out, json);
}

void jw_kstr(struct jw *w, const char *key, struct str s)
{
    jw_key(w, key);
    jw_str(w, s);
}

void jw_kcstr(struct jw *w, const char *key, const char *text)
{
    jw_key(w, key);
    jw_cstr(w, text);
}

void jw_ki64(struct jw *w, const char *key, int64_t v)
{
    jw_key(w, key);
    jw_i64(w, v);
}

void jw_ku64(struct jw *w, const char *key, uint64_t v)
{
    jw_key(w, key);
    jw_u64(w, v);
}

void jw_kbool(struct jw *w, const char *key, bool v)
{
    jw_key(w, key);
    jw_bool(w, v);
}

void jw_knull(struct jw *w, const char *key)
{
    jw_key(w, key);
    jw_null(w);
}

void jw_kraw(struct jw *w, const char *key, struct str json)
{
    jw_key(w, key);
    jw_raw(w, json);
}
