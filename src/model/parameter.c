/* model/parameter.c - what stands for the ${ } and $( ) in a task's code. */
#include "model/parameter.h"

#include <jansson.h>
#include <string.h>

#include "base/jw.h"

struct placeholder {
    struct str whole, body;
    enum time_base base;
};

/* Where a placeholder begins with this dollar sign, it. */
static bool placeholder_at(struct str text, size_t at, struct placeholder *ret)
{
    char open = at + 1 < text.len ? text.ptr[at + 1] : 0;
    char close = open == '{' ? '}' : ')';
    size_t from = at + 2, end = from;

    if (open != '{' && open != '(')
        return false;
    while (end < text.len && end - from <= PARAMETER_BODY_MAX && text.ptr[end] != close) {
        if (text.ptr[end] == '\0' || strchr("${}()\r\n", text.ptr[end]))
            return false;
        end++;
    }
    if (end >= text.len || text.ptr[end] != close || end - from > PARAMETER_BODY_MAX || end == from)
        return false;
    *ret = (struct placeholder){ .whole = str_sub(text, at, end + 1 - at),
                                 .body = str_sub(text, from, end - from),
                                 .base = open == '{' ? TIME_BASE_DATA : TIME_BASE_PLANNED };
    return str_is_utf8(ret->body);
}

/* The next placeholder from *at on; *at moves to its beginning. */
static bool placeholder_next(struct str text, size_t *at, struct placeholder *ret)
{
    for (;;) {
        const char *dollar = *at < text.len ? memchr(text.ptr + *at, '$', text.len - *at) : NULL;
        if (!dollar)
            return false;
        *at = (size_t)(dollar - text.ptr);
        if (placeholder_at(text, *at, ret))
            return true;
        ++*at;
    }
}

struct collecting {
    const struct time_point *at;
    parameter_lookup *lookup;
    void *ctx;
    struct arena *arena;
    struct substitution *items; /* grown by doubling in the arena */
    size_t n, cap, bytes;
};

static enum err_code meaning(struct collecting *c, const struct placeholder *p, bool *ret_found,
                             struct str *ret, struct err *e)
{
    struct buf time;
    bool is_time;

    buf_init(&time, 4 * PARAMETER_BODY_MAX);
    is_time = time_expression_render(p->body, p->base, c->at, &time);
    *ret_found = is_time && !time.overflow;
    if (*ret_found)
        *ret = arena_str(c->arena, buf_str(&time));
    buf_done(&time);
    if (is_time || p->base != TIME_BASE_DATA || !c->lookup)
        return E_OK;
    return c->lookup(c->ctx, p->body, ret_found, ret, e);
}

static enum err_code add(struct collecting *c, struct str placeholder, struct str value,
                         struct err *e)
{
    c->bytes += placeholder.len + value.len;
    if (c->bytes > PARAMETER_BYTES_MAX)
        return err_set(e, E_LIMIT, "the values of the parameters are longer than %d MB together",
                       PARAMETER_BYTES_MAX >> 20);
    if (c->n == c->cap) {
        size_t cap = c->cap ? 2 * c->cap : 8;
        struct substitution *items = ARENA_ARRAY(c->arena, struct substitution, cap);
        if (c->n > 0)
            memcpy(items, c->items, c->n * sizeof(*items));
        c->items = items;
        c->cap = cap;
    }
    c->items[c->n++] = (struct substitution){ arena_str(c->arena, placeholder), value };
    return E_OK;
}

enum err_code parameters_collect(struct str text, const struct time_point *at,
                                 parameter_lookup *lookup, void *ctx, struct arena *a,
                                 struct substitutions *ret, struct err *e)
{
    struct collecting c = { .at = at, .lookup = lookup, .ctx = ctx, .arena = a };
    struct placeholder p;
    struct map seen;
    enum err_code rc = E_OK;

    map_init(&seen);
    for (size_t i = 0; rc == E_OK && placeholder_next(text, &i, &p); i += p.whole.len) {
        bool found = false;
        struct str value = { NULL, 0 };
        if (map_get(&seen, p.whole))
            continue;
        map_put(&seen, p.whole, &c);
        rc = meaning(&c, &p, &found, &value, e);
        if (rc == E_OK && found)
            rc = add(&c, p.whole, value, e);
    }
    map_done(&seen);
    if (rc == E_OK)
        *ret = (struct substitutions){ c.items, c.n };
    return rc;
}

enum err_code parameters_apply(struct str text, const struct substitutions *s, struct buf *out,
                               struct err *e)
{
    struct placeholder p;
    struct map values;
    size_t from = 0, start = out->len;

    map_init(&values);
    for (size_t i = 0; i < s->n; i++)
        map_put(&values, s->items[i].placeholder, (void *)(uintptr_t)&s->items[i]);
    for (size_t i = 0; s->n > 0 && placeholder_next(text, &i, &p); i += p.whole.len) {
        const struct substitution *hit = map_get(&values, p.whole);
        if (!hit)
            continue;
        buf_add_str(out, str_sub(text, from, i - from));
        buf_add_str(out, hit->value);
        from = i + p.whole.len;
        if (out->len - start > PARAMETER_BYTES_MAX)
            break;
    }
    map_done(&values);
    buf_add_str(out, str_sub(text, from, text.len));
    if (out->overflow || out->len - start > PARAMETER_BYTES_MAX)
        return err_set(e, E_LIMIT, "with its parameters it is longer than %d MB",
                       PARAMETER_BYTES_MAX >> 20);
    return E_OK;
}

enum err_code parameters_times(struct str value, const struct time_point *at, struct arena *a,
                               struct str *ret, struct err *e)
{
    struct substitutions times;
    struct buf out;
    enum err_code rc = parameters_collect(value, at, NULL, NULL, a, &times, e);

    if (rc != E_OK || times.n == 0) {
        if (rc == E_OK)
            *ret = value;
        return rc;
    }
    buf_init(&out, SIZE_MAX);
    rc = parameters_apply(value, &times, &out, e);
    if (rc == E_OK)
        *ret = arena_str(a, buf_str(&out));
    buf_done(&out);
    return rc;
}

void substitutions_format(const struct substitutions *s, struct buf *out)
{
    struct jw w;

    if (s->n == 0)
        return;
    jw_init(&w, out);
    jw_object(&w);
    for (size_t i = 0; i < s->n; i++)
        jw_kstr(&w, s->items[i].placeholder.ptr, s->items[i].value); /* arena text ends with NUL */
    jw_object_end(&w);
}

enum err_code substitutions_parse(struct str text, struct arena *a, struct substitutions *ret,
                                  struct err *e)
{
    struct substitution *items;
    json_error_t where;
    json_t *doc, *value;
    const char *key;
    size_t n = 0;

    if (text.len == 0) {
        *ret = (struct substitutions){ NULL, 0 };
        return E_OK;
    }
    doc = json_loadb(text.ptr, text.len, JSON_ALLOW_NUL, &where);
    if (!json_is_object(doc)) {
        json_decref(doc);
        return err_set(e, E_CORRUPT, "the parameters of an attempt are no JSON object");
    }
    items = ARENA_ARRAY(a, struct substitution, json_object_size(doc) + 1);
    json_object_foreach(doc, key, value) items[n++] = (struct substitution){
        arena_str(a, str_from(key)),
        arena_str(a, str_make(json_string_value(value), json_string_length(value)))
    };
    json_decref(doc);
    *ret = (struct substitutions){ items, n };
    return E_OK;
}
