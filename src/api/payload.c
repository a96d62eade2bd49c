/* api/payload.c - the parameters of an action, out of the body or the query of its request. */
#include "api/payload.h"

#include "api/form.h"
#include "model/json_text.h"

static void remove_nulls(json_t *value)
{
    const char *name;
    json_t *item;
    void *next;
    size_t i;

    if (json_is_object(value))
        json_object_foreach_safe(value, next, name, item)
        {
            if (json_is_null(item))
                json_object_del(value, name);
            else
                remove_nulls(item);
        }
    if (json_is_array(value))
        json_array_foreach(value, i, item) remove_nulls(item);
}

static bool check_values(size_t n, struct public_error *fault)
{
    return n <= PAYLOAD_VALUES_MAX ||
           public_error_set(fault, "InvalidParameter",
                            "The request content has more than %d values.",
                            "请求内容包含超过 %d 个值。", PAYLOAD_VALUES_MAX);
}

static bool parse_json(struct str body, json_t **ret, struct public_error *fault)
{
    json_error_t error;
    json_t *value;

    if (str_trim(body).len == 0) {
        *ret = json_object();
        return true;
    }
    if (!check_values(json_values(body), fault))
        return false;
    value = json_loadb(body.ptr, body.len, JSON_REJECT_DUPLICATES, &error);
    if (!value)
        return public_error_set(fault, "InvalidParameter",
                                "The request content not valid json format for specified "
                                "content-type=application/json. "
                                "Line %d, column %d: %s",
                                "请求内容不是有效的 JSON。第 %d 行第 %d 列：%s", error.line,
                                error.column, error.text);
    if (!json_is_object(value)) {
        json_decref(value);
        return public_error_set(fault, "InvalidParameter",
                                "The request content not valid json format for specified "
                                "content-type=application/json. "
                                "It must be an object.",
                                "请求内容必须是一个 JSON 对象。");
    }
    remove_nulls(value);
    *ret = value;
    return true;
}

static struct str boundary_of(struct str type)
{
    ptrdiff_t at = str_find(type, STR("boundary="));
    struct str rest;

    if (at < 0)
        return (struct str){ NULL, 0 };
    rest = str_sub(type, (size_t)at + 9, type.len);
    rest = str_trim(str_split(&rest, ';'));
    if (rest.len >= 2 && rest.ptr[0] == '"')
        rest = str_sub(rest, 1, rest.len - 2);
    return rest;
}

static struct str type_of(const struct http_request *r)
{
    const struct http_header *header = http_header(r, STR("content-type"));

    return header ? header->value : (struct str){ NULL, 0 };
}

/* Without what stands behind ';'. */
static struct str plain_type(const struct http_request *r)
{
    struct str type = type_of(r);

    return str_trim(str_split(&type, ';'));
}

bool payload_is_json(const struct http_request *r)
{
    return str_eq_c(r->method, "POST") && str_ieq(plain_type(r), STR("application/json"));
}

/* Parts that are JSON count together: they are one request. */
static bool check_parts(const struct auth_field *fields, int n, struct public_error *fault)
{
    size_t values = 0;

    for (int i = 0; i < n; i++)
        values += fields[i].is_json ? json_values(fields[i].value) : 1;
    return check_values(values, fault);
}

static bool take_form(const struct schema_object *object, const struct auth_field *fields, int n,
                      bool skip_common, json_t **ret, struct public_error *fault)
{
    json_t *params = form_to_json(object, fields, n, skip_common, fault);

    if (!params)
        return false;
    remove_nulls(params); /* parts of a multipart body may be JSON */
    *ret = params;
    return true;
}

bool payload_of_fields(const struct schema_object *object, const struct auth_field *fields, int n,
                       json_t **ret, struct public_error *fault)
{
    return take_form(object, fields, n, true, ret, fault);
}

bool payload_of_request(const struct http_request *r, const struct schema_object *object,
                        struct arena *a, json_t **ret, struct public_error *fault)
{
    struct str type = plain_type(r);
    struct auth_field *fields;
    bool good;
    int n;

    if (str_eq_c(r->method, "GET"))
        good = form_parse(r->query, a, &fields, &n, fault);
    else if (str_ieq(type, STR("multipart/form-data")))
        good = form_parse_multipart(r->body, boundary_of(type_of(r)), a, &fields, &n, fault) &&
               check_parts(fields, n, fault);
    else if (str_ieq(type, STR("application/x-www-form-urlencoded")))
        good = form_parse(r->body, a, &fields, &n, fault);
    else if (str_ieq(type, STR("application/json")))
        return parse_json(r->body, ret, fault);
    else
        return public_error_set(fault, "InvalidParameter",
                                "The content type must be application/json.",
                                "Content-Type 必须是 application/json。");
    return good && take_form(object, fields, n, false, ret, fault);
}
