/* api/form.c - flattened parameters as JSON of the declared types. */
#include "api/form.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/codec.h"

static bool invalid(struct public_error *fault, const char *en, const char *zh, struct str name)
{
    char shown[200];

    snprintf(shown, sizeof(shown), "%.*s", STR_ARG(name));
    fault->code = "InvalidParameter";
    snprintf(fault->en, sizeof(fault->en), "Parameter `%s` %s", shown, en);
    snprintf(fault->zh, sizeof(fault->zh), "参数 `%s` %s", shown, zh);
    return false;
}

static bool decode(struct str text, struct arena *a, struct str *ret)
{
    struct buf out;
    bool good;

    buf_init(&out, text.len + 1);
    good = percent_decode(&out, text, true) && (out.len == 0 || str_is_utf8(buf_str(&out)));
    if (good)
        *ret = arena_str(a, buf_str(&out));
    buf_done(&out);
    return good;
}

static int by_name(const void *x, const void *y)
{
    const struct auth_field *const *a = x, *const *b = y;
    return str_cmp((*a)->name, (*b)->name);
}

static bool check_repeated(const struct auth_field *fields, int n, struct arena *a,
                           struct public_error *fault)
{
    const struct auth_field **sorted = ARENA_ARRAY(a, const struct auth_field *, (size_t)n + 1);

    for (int i = 0; i < n; i++)
        sorted[i] = &fields[i];
    qsort(sorted, (size_t)n, sizeof(*sorted), by_name);
    for (int i = 1; i < n; i++)
        if (str_eq(sorted[i - 1]->name, sorted[i]->name))
            return invalid(fault, "input repeated.", "重复。", sorted[i]->name);
    return true;
}

bool form_parse(struct str text, struct arena *a, struct auth_field **ret, int *ret_n,
                struct public_error *fault)
{
    struct str rest = text;
    size_t n = 1;

    for (size_t i = 0; i < text.len; i++)
        n += text.ptr[i] == '&';
    if (n > FORM_FIELDS_MAX)
        return public_error_set(fault, "InvalidParameter",
                                "The request has more than %d parameters.", "请求参数超过 %d 个。",
                                FORM_FIELDS_MAX);
    struct auth_field *fields = ARENA_ARRAY(a, struct auth_field, n);
    int count = 0;
    while (rest.ptr && rest.len > 0) {
        struct str value = str_split(&rest, '&');
        if (value.len == 0)
            continue;
        struct str name = str_split(&value, '=');
        if (!value.ptr)
            return public_error_set(fault, "InvalidParameter",
                                    "Url key and value should be splited by `=`.",
                                    "参数名与取值应以 `=` 分隔。");
        if (name.len == 0)
            return public_error_set(fault, "InvalidParameter",
                                    "The request has a parameter key which is empty string.",
                                    "请求中有名称为空的参数。");
        if (!decode(name, a, &fields[count].name) || !decode(value, a, &fields[count].value))
            return invalid(fault, "format invalid.", "格式无效。", name);
        count++;
    }
    *ret = fields;
    *ret_n = count;
    return check_repeated(fields, count, a, fault);
}

/* ---- multipart ----------------------------------------------------------------------------- */

enum { PARTS_MAX = 256, BOUNDARY_MAX = 70 /* RFC 2046 5.1.1 */ };

static bool bad_multipart(struct public_error *fault)
{
    return public_error_set(fault, "InvalidRequest", "The multipart body is malformed.",
                            "multipart 请求体格式不正确。");
}

/* The value of name="..." in a Content-Disposition, which may also have filename="...". */
static struct str quoted_name(struct str line)
{
    ptrdiff_t at;

    while ((at = str_find(line, STR("name=\""))) >= 0) {
        bool whole = at > 0 && (line.ptr[at - 1] == ' ' || line.ptr[at - 1] == ';');
        line = str_sub(line, (size_t)at + 6, line.len);
        if (whole)
            return str_split(&line, '"');
    }
    return (struct str){ NULL, 0 };
}

static bool header_value(struct str line, struct str name, struct str *ret)
{
    struct str key = str_split(&line, ':');

    if (!line.ptr || !str_ieq(key, name))
        return false;
    *ret = str_trim(line);
    return true;
}

/* Name and kind of a part from its header lines; the name stays empty when there is none. */
static void part_head(struct str headers, struct auth_field *ret)
{
    while (headers.ptr) {
        struct str line = str_trim(str_split(&headers, '\n')), value;
        if (header_value(line, STR("content-disposition"), &value))
            ret->name = quoted_name(value);
        else if (header_value(line, STR("content-type"), &value))
            ret->is_json = str_ieq(str_trim(str_split(&value, ';')), STR("application/json"));
    }
}

/* One part behind its boundary: head, empty line, value up to the next boundary. */
static bool take_part(struct str *body, struct str mark, struct arena *a, struct auth_field *ret)
{
    struct auth_field part = { .is_json = false };
    ptrdiff_t head = str_find(*body, STR("\r\n\r\n"));

    if (!str_starts_with(*body, STR("\r\n")) || head < 0)
        return false;
    part_head(str_sub(*body, 0, (size_t)head), &part);
    *body = str_sub(*body, (size_t)head + 4, body->len);
    ptrdiff_t end = str_find(*body, mark);
    if (end < 0 || part.name.len == 0 || !str_is_utf8(part.name))
        return false;
    part.value = str_sub(*body, 0, (size_t)end);
    if (part.value.len > 0 && !str_is_utf8(part.value))
        return false;
    *body = str_sub(*body, (size_t)end + mark.len, body->len);
    part.name = arena_str(a, part.name);
    part.value = arena_str(a, part.value);
    *ret = part;
    return true;
}

bool form_parse_multipart(struct str body, struct str boundary, struct arena *a,
                          struct auth_field **ret, int *ret_n, struct public_error *fault)
{
    struct str mark = arena_printf(a, "\r\n--%.*s", STR_ARG(boundary)),
               first = str_sub(mark, 2, mark.len);
    struct auth_field *fields = ARENA_ARRAY(a, struct auth_field, PARTS_MAX);
    int n = 0;

    if (boundary.len == 0 || boundary.len > BOUNDARY_MAX || !str_starts_with(body, first))
        return bad_multipart(fault);
    body = str_sub(body, first.len, body.len);
    while (!str_starts_with(body, STR("--")))
        if (n == PARTS_MAX || !take_part(&body, mark, a, &fields[n++]))
            return bad_multipart(fault);
    *ret = fields;
    *ret_n = n;
    return check_repeated(fields, n, a, fault);
}

/* ---- the tree ------------------------------------------------------------------------------ */

static bool is_common(struct str name)
{
    static const char *const names[] = { "Action", "Version",  "Region",       "Timestamp",
                                         "Nonce",  "SecretId", "Signature",    "SignatureMethod",
                                         "Token",  "Language", "RequestClient" };

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_c(name, names[i]))
            return true;
    return false;
}

/* What stands at a leaf of the tree: text, or a list of one value that came as JSON. */
static json_t *leaf_of(const struct auth_field *field, struct public_error *fault)
{
    if (!field->is_json)
        return json_stringn(field->value.ptr ? field->value.ptr : "", field->value.len);
    json_t *value = json_loadb(field->value.ptr ? field->value.ptr : "", field->value.len,
                               JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    if (!value) {
        invalid(fault, "invalid json format.", "不是有效的 JSON。", field->name);
        return NULL;
    }
    return json_pack("[o]", value);
}

/* Put the value at the dotted place; every level is an object keyed by segment for now. */
static bool tree_add(json_t *root, const struct auth_field *field, struct public_error *fault)
{
    struct str name = field->name, rest = name;
    json_t *at = root;

    for (int depth = 0;; depth++) {
        struct str segment = str_split(&rest, '.');
        char key[256];
        if (segment.len == 0 || segment.len >= sizeof(key) || depth >= FORM_DEPTH_MAX)
            return invalid(fault, "format invalid.", "格式无效。", name);
        snprintf(key, sizeof(key), "%.*s", STR_ARG(segment));
        json_t *child = json_object_get(at, key);
        if (!rest.ptr) {
            if (child)
                return invalid(fault, "format invalid: it is a value and a prefix.",
                               "格式无效：既是取值又是前缀。", name);
            json_t *leaf = leaf_of(field, fault);
            return leaf && json_object_set_new(at, key, leaf) == 0;
        }
        if (child && !json_is_object(child))
            return invalid(fault, "format invalid: it is a value and a prefix.",
                           "格式无效：既是取值又是前缀。", name);
        if (!child) {
            child = json_object();
            json_object_set_new(at, key, child);
        }
        at = child;
    }
}

enum { PATH_SHOWN = 200 };

/* Where a value stands, for faults: a chain up to the root, whose name is NULL. */
struct place {
    const struct place *above;
    const char *name; /* NULL: an item of a list */
    size_t index;
};

static void add_path(const struct place *place, struct buf *out)
{
    if (!place->above)
        return;
    add_path(place->above, out);
    if (out->len > 0)
        buf_add_char(out, '.');
    if (place->name)
        buf_add_c(out, place->name);
    else
        buf_add_u64(out, place->index);
}

/* The dotted path of a place; long ones are cut. */
static void path_of(const struct place *place, char out[PATH_SHOWN])
{
    struct buf path;

    buf_init(&path, 4096);
    add_path(place, &path);
    snprintf(out, PATH_SHOWN, "%s", path.len > 0 ? path.ptr : "");
    buf_done(&path);
}

static json_t *type_fault(const struct place *place, struct public_error *fault)
{
    char path[PATH_SHOWN];

    path_of(place, path);
    public_error_set(fault, "InvalidParameter", "The value type of parameter `%s` is not valid.",
                     "参数 `%s` 的类型不正确。", path);
    return NULL;
}

static json_t *array_fault(const struct place *place, struct public_error *fault)
{
    char path[PATH_SHOWN];

    path_of(place, path);
    invalid(fault, "invalid array format, array index must be continuous and starts with 0.",
            "的数组格式无效，下标必须从 0 开始且连续。", str_from(path));
    return NULL;
}

/* Digits with a sign, a point, an exponent; not what else strtod reads. */
static bool to_float(struct str s, double *ret)
{
    char text[64], *end;

    if (s.len == 0 || s.len >= sizeof(text))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!strchr("0123456789+-.eE", s.ptr[i]))
            return false;
    snprintf(text, sizeof(text), "%.*s", STR_ARG(s));
    double value = strtod(text, &end);
    if (*end != '\0' || !isfinite(value))
        return false;
    *ret = value;
    return true;
}

static json_t *convert_text(const struct schema_member *m, struct str s, const struct place *place,
                            struct public_error *fault)
{
    int64_t number;
    double real;

    switch (m->type) {
    case SCHEMA_STRING:
        return json_stringn(s.ptr, s.len);
    case SCHEMA_INT64:
    case SCHEMA_UINT64:
        if (!str_to_i64(s, &number) || (m->type == SCHEMA_UINT64 && number < 0))
            break;
        return json_integer(number);
    case SCHEMA_BOOL:
        if (str_ieq(s, STR("true")) || str_eq_c(s, "1"))
            return json_true();
        if (str_ieq(s, STR("false")) || str_eq_c(s, "0"))
            return json_false();
        break;
    case SCHEMA_FLOAT:
        if (!to_float(s, &real))
            break;
        return json_real(real);
    case SCHEMA_OBJECT:
        break;
    }
    return type_fault(place, fault);
}

static json_t *convert_object(const struct schema_object *object, const json_t *tree,
                              const struct place *place, struct public_error *fault);

static json_t *convert_value(const struct schema_member *m, const json_t *tree,
                             const struct place *place, struct public_error *fault)
{
    if (json_is_array(tree))
        return json_incref(json_array_get(tree, 0));
    if (json_is_string(tree))
        return convert_text(m, str_make(json_string_value(tree), json_string_length(tree)), place,
                            fault);
    return m->type == SCHEMA_OBJECT ? convert_object(m->object, tree, place, fault)
                                    : type_fault(place, fault);
}

static json_t *convert_list(const struct schema_member *m, const json_t *tree,
                            const struct place *place, struct public_error *fault)
{
    size_t n = json_object_size(tree);
    char key[24];

    if (json_is_array(tree))
        return json_incref(json_array_get(tree, 0));
    if (!json_is_object(tree))
        return type_fault(place, fault);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        struct place here = { .above = place, .index = i };
        snprintf(key, sizeof(key), "%zu", i);
        const json_t *item = json_object_get(tree, key);
        json_t *value = item ? convert_value(m, item, &here, fault) : array_fault(place, fault);
        if (!value) {
            json_decref(list);
            return NULL;
        }
        json_array_append_new(list, value);
    }
    return list;
}

static const struct schema_member *find_member(const struct schema_object *object, const char *name)
{
    for (int i = 0; i < object->n_members; i++)
        if (strcmp(object->members[i].name, name) == 0)
            return &object->members[i];
    return NULL;
}

static json_t *convert_object(const struct schema_object *object, const json_t *tree,
                              const struct place *place, struct public_error *fault)
{
    json_t *result = json_object(), *item;
    const char *name;

    json_object_foreach((json_t *)(uintptr_t)tree, name, item)
    {
        const struct schema_member *m = find_member(object, name);
        struct place here = { .above = place, .name = name };
        /* What is not declared stays as it is: the walker names it. */
        json_t *value = !m           ? json_incref(item)
                        : m->is_list ? convert_list(m, item, &here, fault)
                                     : convert_value(m, item, &here, fault);
        if (!value) {
            json_decref(result);
            return NULL;
        }
        json_object_set_new(result, name, value);
    }
    return result;
}

json_t *form_to_json(const struct schema_object *object, const struct auth_field *fields, int n,
                     bool skip_common, struct public_error *fault)
{
    const struct place root = { .above = NULL };
    json_t *tree = json_object(), *result = NULL;
    bool good = true;

    for (int i = 0; i < n && good; i++)
        if (!(skip_common && is_common(fields[i].name)))
            good = tree_add(tree, &fields[i], fault);
    if (good)
        result = convert_object(object, tree, &root, fault);
    json_decref(tree);
    return result;
}
