/* cli/definition_paths.c - the paths of resource files in definitions, without the project's id. */
#include "cli/definition.h"

#include <string.h>

#include "base/buf.h"
#include "base/codec.h"

#define PREFIX "/datastudio/resource/"

enum { CODE_MAX = 32 << 20 };

struct exchange {
    struct str from, to; /* "/datastudio/resource/ID/" */
};

/* False: nothing of it is there. */
static bool exchange(const struct exchange *x, struct str text, struct buf *out)
{
    bool any = false;

    for (;;) {
        ptrdiff_t at = str_find(text, x->from);
        if (at < 0)
            break;
        any = true;
        buf_add_str(out, str_sub(text, 0, (size_t)at));
        buf_add_str(out, x->to);
        text = str_sub(text, (size_t)at + x->from.len, text.len);
    }
    buf_add_str(out, text);
    return any;
}

static json_t *exchanged(const struct exchange *x, const json_t *text, bool code)
{
    struct str given = str_make(json_string_value(text), json_string_length(text));
    struct buf plain, out, encoded;
    json_t *ret = NULL;

    buf_init(&plain, CODE_MAX);
    buf_init(&out, 2 * CODE_MAX);
    buf_init(&encoded, 3 * CODE_MAX);
    if (!code) {
        if (exchange(x, given, &out))
            ret = json_stringn(out.ptr, out.len);
    } else if (base64_decode(&plain, given) && exchange(x, buf_str(&plain), &out)) {
        base64_encode(&encoded, buf_str(&out));
        ret = json_stringn(encoded.ptr, encoded.len);
    }
    buf_done(&plain);
    buf_done(&out);
    buf_done(&encoded);
    return ret;
}

static void walk(const struct exchange *x, json_t *value)
{
    const char *name;
    json_t *child, *other;
    size_t i;

    json_array_foreach(value, i, child)
    {
        other = json_is_string(child) ? exchanged(x, child, false) : NULL;
        if (other)
            json_array_set_new(value, i, other);
        else
            walk(x, child);
    }
    if (!json_is_object(value))
        return;
    json_object_foreach(value, name, child)
    {
        other =
            json_is_string(child) ? exchanged(x, child, strcmp(name, "CodeContent") == 0) : NULL;
        if (other)
            json_object_set_new(value, name, other);
        else
            walk(x, child);
    }
}

static void change(json_t *definition, const char *from, const char *to)
{
    struct exchange x;
    struct buf a, b;

    buf_init(&a, 4096);
    buf_init(&b, 4096);
    buf_printf(&a, PREFIX "%s/", from);
    buf_printf(&b, PREFIX "%s/", to);
    x = (struct exchange){ buf_str(&a), buf_str(&b) };
    walk(&x, definition);
    buf_done(&a);
    buf_done(&b);
}

void definition_leave_project(json_t *definition, const char *project)
{
    change(definition, project, DEFINITION_OWN_PROJECT);
}

void definition_take_project(json_t *definition, const char *project)
{
    change(definition, DEFINITION_OWN_PROJECT, project);
}
