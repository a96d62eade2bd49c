/* base/str.c - a borrowed view of bytes. */
#include "base/str.h"

#include <string.h>

struct str str_from(const char *text)
{
    return (struct str){ text, text ? strlen(text) : 0 };
}

struct str str_make(const char *ptr, size_t len)
{
    return (struct str){ ptr, len };
}

bool str_is_empty(struct str s)
{
    return s.len == 0;
}

bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_eq_c(struct str a, const char *b)
{
    return str_eq(a, str_from(b));
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_ieq(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n > 0 ? memcmp(a.ptr, b.ptr, n) : 0;

    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

bool str_starts_with(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_eq(str_make(s.ptr, prefix.len), prefix);
}

bool str_ends_with(struct str s, struct str suffix)
{
    return s.len >= suffix.len && str_eq(str_sub(s, s.len - suffix.len, suffix.len), suffix);
}

ptrdiff_t str_find(struct str s, struct str needle)
{
    if (needle.len == 0)
        return 0;
    if (s.len == 0)
        return -1;
    const char *at = memmem(s.ptr, s.len, needle.ptr, needle.len);
    return at ? at - s.ptr : -1;
}

ptrdiff_t str_find_char(struct str s, char c)
{
    const char *at = s.len > 0 ? memchr(s.ptr, c, s.len) : NULL;
    return at ? at - s.ptr : -1;
}

ptrdiff_t str_rfind_char(struct str s, char c)
{
    const char *at = s.len > 0 ? memrchr(s.ptr, c, s.len) : NULL;
    return at ? at - s.ptr : -1;
}

bool str_has(struct str s, struct str part)
{
    for (size_t at = 0; at + part.len <= s.len; at++)
        if (str_ieq(str_make(s.ptr + at, part.len), part))
            return true;
    return false;
}

struct str str_sub(struct str s, size_t from, size_t len)
{
    if (from > s.len)
        from = s.len;
    if (len > s.len - from)
        len = s.len - from;
    return (struct str){ from > 0 ? s.ptr + from : s.ptr, len };
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
    while (s.len > 0 && is_space(s.ptr[0]))
        s = str_sub(s, 1, s.len);
    while (s.len > 0 && is_space(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool str_list_has(struct str list, char separator, struct str item)
{
    while (list.ptr)
        if (str_eq(str_split(&list, separator), item))
            return true;
    return false;
}

struct str str_split(struct str *rest, char c)
{
    ptrdiff_t at = str_find_char(*rest, c);
    struct str part = *rest;

    if (at < 0) {
        *rest = (struct str){ NULL, 0 };
        return part;
    }
    part.len = (size_t)at;
    *rest = str_sub(*rest, (size_t)at + 1, rest->len);
    return part;
}

bool str_to_u64(struct str s, uint64_t *ret)
{
    uint64_t value = 0;

    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned)(s.ptr[i] - '0');
        if (digit > 9 || __builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *ret = value;
    return true;
}

bool str_to_i64(struct str s, int64_t *ret)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    uint64_t value;

    if (!str_to_u64(negative ? str_sub(s, 1, s.len) : s, &value))
        return false;
    if (value > (uint64_t)INT64_MAX + negative)
        return false;
    *ret = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

/* RFC 3629: the second byte alone tells overlong forms, surrogates and what is beyond U+10FFFF. */
size_t str_utf8_at(struct str text, size_t at)
{
    const unsigned char *s = (const unsigned char *)text.ptr + at;
    size_t len, n = text.len - at;
    unsigned char a = s[0], min = 0x80, max = 0xbf;

    if (a < 0x80)
        return 1;
    if (a >= 0xc2 && a <= 0xdf)
        len = 2;
    else if (a >= 0xe0 && a <= 0xef)
        len = 3;
    else if (a >= 0xf0 && a <= 0xf4)
        len = 4;
    else
        return 0;
    if (a == 0xe0)
        min = 0xa0;
    else if (a == 0xed)
        max = 0x9f;
    else if (a == 0xf0)
        min = 0x90;
    else if (a == 0xf4)
        max = 0x8f;
    if (n < len || s[1] < min || s[1] > max)
        return 0;
    for (size_t i = 2; i < len; i++)
        if (s[i] < 0x80 || s[i] > 0xbf)
            return 0;
    return len;
}

bool str_is_utf8(struct str s)
{
    for (size_t i = 0; i < s.len;) {
        size_t len = str_utf8_at(s, i);
        if (len == 0 || s.ptr[i] == '\0')
            return false;
        i += len;
    }
    return true;
}

struct str str_whole(struct str s)
{
    size_t at = s.len;

    while (at > 0 && s.len - at < 3 && ((unsigned char)s.ptr[at - 1] & 0xc0) == 0x80)
        at--;
    if (at > 0 && str_utf8_at(s, at - 1) != s.len - at + 1)
        s.len = at - 1;
    return s;
}

size_t str_code_points(struct str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
    return n;
}
