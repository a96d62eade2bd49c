/* base/str.h - a borrowed view of bytes: pointer and length, not terminated, never owned.
 *
 * Text from outside travels as struct str.  A str is valid as long as the memory it points into;
 * who owns that memory is said where the str is stored.  An empty str may have ptr == NULL.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    const char *ptr;
    size_t len;
};

/* A str over a string literal. */
#define STR(literal) ((struct str){ "" literal "", sizeof(literal) - 1 })
/* For printf: printf("%.*s", STR_ARG(s)). */
#define STR_ARG(s) (int)(s).len, ((s).ptr ? (s).ptr : "")

/* View of a C string; NULL gives the empty str. */
struct str str_from(const char *text);
struct str str_make(const char *ptr, size_t len);

bool str_is_empty(struct str s);
bool str_eq(struct str a, struct str b);
bool str_eq_c(struct str a, const char *b);
/* ASCII case is ignored. */
bool str_ieq(struct str a, struct str b);
/* Byte order, shorter first on a common prefix: <0, 0, >0. */
int str_cmp(struct str a, struct str b);
bool str_starts_with(struct str s, struct str prefix);
bool str_ends_with(struct str s, struct str suffix);
/* part stands somewhere in s, ASCII case ignored; an empty part does. */
bool str_has(struct str s, struct str part);
/* item is one of the parts of a list such as "a;b". */
bool str_list_has(struct str list, char separator, struct str item);
/* Index of the first occurrence, or -1. */
ptrdiff_t str_find(struct str s, struct str needle);
ptrdiff_t str_find_char(struct str s, char c);
ptrdiff_t str_rfind_char(struct str s, char c);
/* The part [from, from+len) clipped to s. */
struct str str_sub(struct str s, size_t from, size_t len);
/* Without leading and trailing space, tab, CR, LF. */
struct str str_trim(struct str s);
/* Cut off the part before the first c and return it; *rest becomes what follows c.
 * Without c the whole of *rest is returned and *rest becomes empty with ptr == NULL. */
struct str str_split(struct str *rest, char c);

/* Strict decimal: optional '-', digits, nothing else, in range.  False leaves *ret untouched. */
bool str_to_i64(struct str s, int64_t *ret);
bool str_to_u64(struct str s, uint64_t *ret);
/* Valid UTF-8 without surrogates, overlong forms and NUL bytes. */
bool str_is_utf8(struct str s);
/* Bytes of the well-formed UTF-8 sequence that starts at `at` (at < s.len); 0: none does. */
size_t str_utf8_at(struct str text, size_t at);
/* Without the broken character at the end, if there is one: for text that was cut by bytes. */
struct str str_whole(struct str s);
/* Number of code points; the text must be valid UTF-8. */
size_t str_code_points(struct str s);

#endif
