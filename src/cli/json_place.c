/* cli/json_place.c - where in a JSON text a value stands, and how two values differ. */
#include "cli/json_place.h"

#include <stdio.h>

/* ---- places -------------------------------------------------------------------------------- */

static size_t skip_blanks(struct str t, size_t at)
{
    while (at < t.len && (t.ptr[at] == ' ' || t.ptr[at] == '\t' || t.ptr[at] == '\n' ||
                          t.ptr[at] == '\r' || t.ptr[at] == ',' || t.ptr[at] == ':'))
        at++;
    return at;
}

/* Behind the string that begins at `at`. */
static size_t skip_string(struct str t, size_t at)
{
    for (at++; at < t.len && t.ptr[at] != '"'; at++)
        if (t.ptr[at] == '\\')
            at++;
    return at + 1 < t.len ? at + 1 : t.len;
}

static bool ends_word(char c)
{
    return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Behind the value that begins at `at`. */
static size_t skip_value(struct str t, size_t at)
{
    int depth = 0;

    do {
        if (at < t.len && t.ptr[at] == '"') {
            at = skip_string(t, at);
        } else if (at < t.len && (t.ptr[at] == '{' || t.ptr[at] == '[')) {
            depth++;
            at++;
        } else if (at < t.len && (t.ptr[at] == '}' || t.ptr[at] == ']')) {
            depth--;
            at++;
        } else {
            while (at < t.len && !ends_word(t.ptr[at]) && t.ptr[at] != ':')
                at++;
        }
        if (depth > 0)
            at = skip_blanks(t, at);
    } while (depth > 0 && at < t.len);
    return at;
}

/* The value of the member or element of the object or list at `at`; t.len: there is none. */
static size_t find_child(struct str t, size_t at, struct str name)
{
    bool is_object = at < t.len && t.ptr[at] == '{';
    int64_t index = -1, i = 0;

    if (at >= t.len || (!is_object && t.ptr[at] != '['))
        return t.len;
    if (!is_object && !str_to_i64(name, &index))
        return t.len;
    at = skip_blanks(t, at + 1);
    while (at < t.len && t.ptr[at] != '}' && t.ptr[at] != ']') {
        if (is_object) {
            size_t end = skip_string(t, at);
            bool hit = end >= at + 2 && str_eq(str_sub(t, at + 1, end - at - 2), name);
            at = skip_blanks(t, end);
            if (hit)
                return at;
        } else if (i++ == index) {
            return at;
        }
        at = skip_blanks(t, skip_value(t, at));
    }
    return t.len;
}

int json_line(struct str text, struct str path)
{
    size_t at = skip_blanks(text, 0);
    int line = 1;

    while (path.ptr && path.len > 0) {
        size_t next = find_child(text, at, str_split(&path, '.'));
        if (next >= text.len)
            break;
        at = next;
    }
    for (size_t i = 0; i < at && i < text.len; i++)
        line += text.ptr[i] == '\n';
    return line;
}

/* ---- differences --------------------------------------------------------------------------- */

enum { PATH_MAX_ = 400 };

static void compare_child(const json_t *before, const json_t *after, const char *path,
                          const char *name, json_difference *take, void *ctx)
{
    char below[PATH_MAX_];

    snprintf(below, sizeof(below), "%s%s%s", path, path[0] ? "." : "", name);
    json_compare(before, after, below, take, ctx);
}

static void compare_objects(const json_t *before, const json_t *after, const char *path,
                            json_difference *take, void *ctx)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)before, name, value)
        compare_child(value, json_object_get(after, name), path, name, take, ctx);
    json_object_foreach((json_t *)(uintptr_t)after, name, value)
    {
        if (!json_object_get(before, name))
            compare_child(NULL, value, path, name, take, ctx);
    }
}

void json_compare(const json_t *before, const json_t *after, const char *path,
                  json_difference *take, void *ctx)
{
    size_t n = json_array_size(before), m = json_array_size(after);
    char name[24];

    if (before && after && json_equal(before, after))
        return;
    if (json_is_object(before) && json_is_object(after)) {
        compare_objects(before, after, path, take, ctx);
        return;
    }
    if (!json_is_array(before) || !json_is_array(after)) {
        take(ctx, path, before, after);
        return;
    }
    for (size_t i = 0; i < (n > m ? n : m); i++) {
        snprintf(name, sizeof(name), "%zu", i);
        compare_child(i < n ? json_array_get(before, i) : NULL,
                      i < m ? json_array_get(after, i) : NULL, path, name, take, ctx);
    }
}
