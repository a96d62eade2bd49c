/* model/json_text.c - a JSON value as compact text, see json_text.h. */
#include "model/json_text.h"

#include <string.h>

static void add_value(struct buf *out, const json_t *value);

/* Escapes are those of base/jw.h; its nesting is not used, because it has a limit of its own. */
static void add_text(struct buf *out, struct str text)
{
    struct jw w;

    jw_init(&w, out);
    jw_str(&w, text);
}

static void add_object(struct buf *out, json_t *object)
{
    const char *name;
    json_t *value;
    char before = '{';

    json_object_foreach(object, name, value)
    {
        buf_add_char(out, before);
        add_text(out, str_from(name));
        buf_add_char(out, ':');
        add_value(out, value);
        before = ',';
    }
    buf_add_c(out, before == '{' ? "{}" : "}");
}

static void add_array(struct buf *out, const json_t *array)
{
    size_t n = json_array_size(array);

    buf_add_char(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        add_value(out, json_array_get(array, i));
    }
    buf_add_char(out, ']');
}

/* A whole number keeps its point: without it would read back as an integer. */
static void add_real(struct buf *out, double number)
{
    size_t from = out->len;
    struct jw w;

    jw_init(&w, out);
    jw_f64(&w, number);
    if (out->len > from && !strpbrk(out->ptr + from, ".e"))
        buf_add_c(out, ".0");
}

static void add_value(struct buf *out, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        add_object(out, (json_t *)(uintptr_t)value);
        break;
    case JSON_ARRAY:
        add_array(out, value);
        break;
    case JSON_STRING:
        add_text(out, str_make(json_string_value(value), json_string_length(value)));
        break;
    case JSON_INTEGER:
        buf_add_i64(out, json_integer_value(value));
        break;
    case JSON_REAL:
        add_real(out, json_real_value(value));
        break;
    case JSON_TRUE:
        buf_add_c(out, "true");
        break;
    case JSON_FALSE:
        buf_add_c(out, "false");
        break;
    case JSON_NULL:
        buf_add_c(out, "null");
        break;
    }
}

void json_take_memory(void)
{
    json_set_alloc_funcs(mem_alloc, mem_free);
}

struct str json_text(const json_t *value, struct arena *a)
{
    struct buf out;

    if (!value)
        return STR("");
    buf_init(&out, SIZE_MAX / 4);
    add_value(&out, value);
    struct str text = arena_str(a, buf_str(&out));
    buf_done(&out);
    return text;
}

void json_kwrite(struct jw *w, const char *key, const json_t *value)
{
    jw_kraw(w, key, STR("")); /* what stands before a value */
    add_value(w->out, value);
}

/* Every value but the first stands behind a comma or an opening bracket. */
size_t json_values(struct str text)
{
    size_t n = 1;
    bool in_text = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (in_text && c == '\\')
            i++;
        else if (c == '"')
            in_text = !in_text;
        else if (!in_text)
            n += c == ',' || c == '[' || c == '{';
    }
    return n;
}
