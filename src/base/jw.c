/* base/jw.c - a streaming JSON writer into a buf. */
#include "base/jw.h"

#include <math.h>
#include <stdio.h>
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

void jw_object(struct jw *w) { open_level(w, '{', true); }
void jw_object_end(struct jw *w) { close_level(w, '}', true); }
void jw_array(struct jw *w) { open_level(w, '[', false); }
void jw_array_end(struct jw *w) { close_level(w, ']', false); }

/* Length of the well-formed UTF-8 sequence at s, 0 when it is not one. */
static size_t sequence_len(const unsigned char *s, size_t n)
{
    size_t len = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

    if (len > n)
        return 0;
    if (s[0] == 0)
        return 1;
    return str_is_utf8(str_make((const char *)s, len)) ? len : 0;
}

static void add_escape(struct buf *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char text[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

    switch (c) {
    case '"': buf_add(out, "\\\"", 2); break;
    case '\\': buf_add(out, "\\\\", 2); break;
    case '\n': buf_add(out, "\\n", 2); break;
    case '\r': buf_add(out, "\\r", 2); break;
    case '\t': buf_add(out, "\\t", 2); break;
    default: buf_add(out, text, 6); break;
    }
}

static void add_string(struct buf *out, struct str s)
{
    const unsigned char *bytes = (const unsigned char *)s.ptr;
    size_t plain = 0, i = 0;

    buf_add_char(out, '"');
    while (i < s.len) {
        unsigned char c = bytes[i];
        size_t len = 1;
        if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
            i++;
            continue;
        }
        if (c >= 0x80 && (len = sequence_len(bytes + i, s.len - i)) > 0) {
            i += len;
            continue;
        }
        buf_add(out, bytes + plain, i - plain);
        if (len == 0)
            buf_add(out, "\xef\xbf\xbd", 3);       /* not UTF-8: U+FFFD */
        else
            add_escape(out, c);
        plain = ++i;
    }
    buf_add(out, s.len > 0 ? bytes + plain : NULL, i - plain);
    buf_add_char(out, '"');
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
    before_value(w);
    if (isfinite(v))
        buf_printf(w->out, "%.17g", v);
    else
        buf_add_c(w->out, "null");                  /* JSON has no other way to say it */
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

void jw_kstr(struct jw *w, const char *key, struct str s) { jw_key(w, key); jw_str(w, s); }
void jw_kcstr(struct jw *w, const char *key, const char *text) { jw_key(w, key); jw_cstr(w, text); }
void jw_ki64(struct jw *w, const char *key, int64_t v) { jw_key(w, key); jw_i64(w, v); }
void jw_ku64(struct jw *w, const char *key, uint64_t v) { jw_key(w, key); jw_u64(w, v); }
void jw_kbool(struct jw *w, const char *key, bool v) { jw_key(w, key); jw_bool(w, v); }
void jw_knull(struct jw *w, const char *key) { jw_key(w, key); jw_null(w); }
void jw_kraw(struct jw *w, const char *key, struct str json) { jw_key(w, key); jw_raw(w, json); }
