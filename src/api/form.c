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
    char shown[128];

    snprintf(shown, sizeof(shown), "%.*s", (int)(name.len < 100 ? name.len : 100),
             name.ptr ? name.ptr : "");
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

static bool bad_multipart(struct public_error *fault)
{
    return public_error_set(fault, "InvalidRequest", "The multipart body is malformed.",
                            "multipart 请求体格式不正确。");
}

static struct str part_name(struct str headers)
{
    while (headers.ptr) {
        struct str line = str_trim(str_split(&headers, '\n'));
        ptrdiff_t at;
        if (line.len < 20 || !str_ieq(str_sub(line, 0, 20), STR("content-disposition:")))
            continue;
        at = str_find(line, STR("name=\""));
        if (at < 0)
            continue;
        struct str rest = str_sub(line, (size_t)at + 6, line.len);
        return str_split(&rest, '"');
    }
    return (struct str){ NULL, 0 };
}

bool form_parse_multipart(struct str body, struct str boundary, struct arena *a,
                          struct auth_field **ret, int *ret_n, struct public_error *fault)
{
    struct str mark = arena_printf(a, "\r\n--%.*s", STR_ARG(boundary)),
               first = str_sub(mark, 2, mark.len);
    struct auth_field *fields = ARENA_ARRAY(a, struct auth_field, 256);
    int n = 0;

    if (boundary.len == 0 || boundary.len > 200 || !str_starts_with(body, first))
        return bad_multipart(fault);
    body = str_sub(body, first.len, body.len);
    while (!str_starts_with(body, STR("--"))) {
        if (!str_starts_with(body, STR("\r\n")) || n == 256)
            return bad_multipart(fault);
        body = str_sub(body, 2, body.len);
        ptrdiff_t head = str_find(body, STR("\r\n\r\n")), end;
        if (head < 0)
            return bad_multipart(fault);
        struct str name = part_name(str_sub(body, 0, (size_t)head));
        body = str_sub(body, (size_t)head + 4, body.len);
        end = str_find(body, mark);
        if (end < 0 || name.len == 0 || !str_is_utf8(str_sub(body, 0, (size_t)end)))
            return bad_multipart(fault);
        fields[n++] =
            (struct auth_field){ arena_str(a, name), arena_str(a, str_sub(body, 0, (size_t)end)) };
        body = str_sub(body, (size_t)end + mark.len, body.len);
    }
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

/* Put the value at the dotted place; every level is an object keyed by segment for now. */
static bool tree_add(json_t *root, struct str name, struct str value, struct public_error *fault)
{
    struct str rest = name;
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
            json_object_set_new(at, key, json_stringn(value.ptr ? value.ptr : "", value.len));
            return true;
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

static json_t *convert_object(const struct schema_object *object, const json_t *tree,
                              struct public_error *fault);

static json_t *type_fault(const char *name, struct public_error *fault)
{
    public_error_set(fault, "InvalidParameter", "The value type of parameter `%s` is not valid.",
                     "参数 `%s` 的类型不正确。", name);
    return NULL;
}

static json_t *convert_text(const struct schema_member *m, const char *text,
                            struct public_error *fault)
{
    struct str s = str_from(text);
    int64_t number;
    char *end;

    switch (m->type) {
    case SCHEMA_STRING:
        return json_string(text);
    case SCHEMA_INT64:
    case SCHEMA_UINT64:
        if (!str_to_i64(s, &number) || (m->type == SCHEMA_UINT64 && number < 0))
            return type_fault(m->name, fault);
        return json_integer(number);
    case SCHEMA_BOOL:
        if (str_ieq(s, STR("true")) || str_eq_c(s, "1"))
            return json_true();
        if (str_ieq(s, STR("false")) || str_eq_c(s, "0"))
            return json_false();
        return type_fault(m->name, fault);
    case SCHEMA_FLOAT: {
        double value = strtod(text, &end);
        return s.len > 0 && *end == '\0' && isfinite(value) ? json_real(value)
                                                            : type_fault(m->name, fault);
    }
    case SCHEMA_OBJECT:
        return type_fault(m->name, fault);
    }
    return NULL;
}

static json_t *convert_value(const struct schema_member *m, const json_t *tree,
                             struct public_error *fault)
{
    if (json_is_string(tree))
        return convert_text(m, json_string_value(tree), fault);
    return m->type == SCHEMA_OBJECT ? convert_object(m->object, tree, fault)
                                    : type_fault(m->name, fault);
}

static json_t *convert_list(const struct schema_member *m, const json_t *tree,
                            struct public_error *fault)
{
    json_t *list = json_array();
    size_t n = json_object_size(tree);
    char key[24];

    if (!json_is_object(tree)) {
        json_decref(list);
        return type_fault(m->name, fault);
    }
    for (size_t i = 0; i < n; i++) {
        snprintf(key, sizeof(key), "%zu", i);
        const json_t *item = json_object_get(tree, key);
        json_t *value = item ? convert_value(m, item, fault) : NULL;
        if (!item)
            public_error_set(fault, "InvalidParameter",
                             "Parameter `%s` invalid array format, array index must be continuous "
                             "and starts with 0.",
                             "参数 `%s` 的数组格式无效，下标必须从 0 开始且连续。", m->name);
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
                              struct public_error *fault)
{
    json_t *result = json_object(), *item;
    const char *name;

    json_object_foreach((json_t *)(uintptr_t)tree, name, item)
    {
        const struct schema_member *m = find_member(object, name);
        /* What is not declared stays as it is: the walker names it. */
        json_t *value = !m           ? json_incref(item)
                        : m->is_list ? convert_list(m, item, fault)
                                     : convert_value(m, item, fault);
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
    json_t *tree = json_object(), *result = NULL;
    bool good = true;

    for (int i = 0; i < n && good; i++)
        if (!(skip_common && is_common(fields[i].name)))
            good = tree_add(tree, fields[i].name, fields[i].value, fault);
    if (good)
        result = convert_object(object, tree, fault);
    json_decref(tree);
    return result;
}
