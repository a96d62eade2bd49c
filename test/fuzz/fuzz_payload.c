/* test/fuzz/fuzz_payload.c - bodies and queries of any action: JSON, forms, multipart forms, on
 * their way through decoding and the schema walker (docs/reference/wire.md 1.4, 5).  What the
 * walker lets through is what the tables declare.
 *
 *   input: a line "FORM VERSION ACTION", then the body; FORM is one of
 *   json, form, query, multipart (boundary "b"), v1
 */
#include "fuzz.h"

#include <math.h>
#include <string.h>

#include "api/form.h"
#include "api/payload.h"
#include "base/map.h"

enum form { FORM_JSON, FORM_FORM, FORM_QUERY, FORM_MULTIPART, FORM_V1, FORM_N_ };

static const struct {
    const char *name, *method, *type;
} forms[FORM_N_] = {
    { "json", "POST", "application/json; charset=utf-8" },
    { "form", "POST", "application/x-www-form-urlencoded" },
    { "query", "GET", "text/plain" },
    { "multipart", "POST", "multipart/form-data; boundary=\"b\"" },
    { "v1", "POST", "application/x-www-form-urlencoded" },
};

/* ---- what the tables declare --------------------------------------------------------------- */

static bool fits_object(const struct schema_object *object, const json_t *value);

static bool fits(const struct schema_member *m, const json_t *value)
{
    switch (m->type) {
    case SCHEMA_STRING:
        return json_is_string(value) &&
               strlen(json_string_value(value)) == json_string_length(value);
    case SCHEMA_INT64:
        return json_is_integer(value);
    case SCHEMA_UINT64:
        return json_is_integer(value) && json_integer_value(value) >= 0;
    case SCHEMA_BOOL:
        return json_is_boolean(value);
    case SCHEMA_FLOAT:
        return json_is_integer(value) || (json_is_real(value) && isfinite(json_real_value(value)));
    case SCHEMA_OBJECT:
        return json_is_object(value) && fits_object(m->object, value);
    }
    return false;
}

static bool fits_object(const struct schema_object *object, const json_t *value)
{
    int found = 0;

    for (int i = 0; i < object->n_members; i++) {
        const struct schema_member *m = &object->members[i];
        const json_t *member = json_object_get(value, m->name);
        bool good = member ? (m->is_list ? json_is_array(member) : fits(m, member)) : !m->required;
        found += member != NULL;
        for (size_t at = 0; good && m->is_list && at < json_array_size(member); at++)
            good = fits(m, json_array_get(member, at));
        if (!good)
            return false;
    }
    return found == (int)json_object_size(value);
}

/* ---- one request --------------------------------------------------------------------------- */

static void check_fault(const struct public_error *fault)
{
    check(fault->code && fault->code[0] && fault->en[0] && fault->zh[0]);
}

static void check_params(const struct schema_object *object, const json_t *params)
{
    struct err e = ERR_INIT;
    enum schema_fault fault = schema_check(object, params, &e);
    char *text;
    json_t *again;

    check(schema_check(object, params, NULL) == fault);
    check(fits_object(object, params) == (fault == SCHEMA_OK));
    if (fault != SCHEMA_OK) {
        check(e.text[0] && e.text_zh[0]);
        check(e.path[0] || fault == SCHEMA_UNKNOWN); /* the name may be empty */
        return;
    }
    text = json_dumps(params, JSON_COMPACT);
    again = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    check(json_equal((json_t *)(uintptr_t)params, again));
    json_decref(again);
    free(text); /* lint: jansson's own memory */
}

static bool take(enum form form, const struct schema_object *object, struct str body,
                 struct arena *a, json_t **ret, struct public_error *fault)
{
    struct http_header type = { STR("Content-Type"), str_from(forms[form].type) };
    struct http_request r = {
        .method = str_from(forms[form].method), .path = STR("/"), .headers = &type, .n_headers = 1
    };
    struct auth_field *fields;
    int n;

    *(form == FORM_QUERY ? &r.query : &r.body) = body;
    check(payload_is_json(&r) == (form == FORM_JSON));
    if (form != FORM_V1)
        return payload_of_request(&r, object, a, ret, fault);
    if (!form_parse(body, a, &fields, &n, fault))
        return false;
    check(n >= 0 && n <= FORM_FIELDS_MAX);
    return payload_of_fields(object, fields, n, ret, fault);
}

/* The action that is named, else some action: whatever stands there leads somewhere. */
static const struct schema_action *action_of(struct str line)
{
    struct str version = str_split(&line, ' ');
    const struct schema_action *found = schema_action_find(version, line), *all;
    size_t n;

    all = schema_actions(&n);
    return found ? found : &all[hash_bytes(line.ptr ? line.ptr : "", line.len) % n];
}

static enum form form_of(struct str name)
{
    for (int i = 0; i < FORM_N_; i++)
        if (str_eq_c(name, forms[i].name))
            return (enum form)i;
    return FORM_JSON;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct str body = str_make((const char *)bytes, n), line = str_split(&body, '\n');
    enum form form = form_of(str_split(&line, ' '));
    const struct schema_object *object = action_of(line)->request;
    struct public_error fault = { .code = NULL };
    json_t *params = NULL;
    struct arena a;

    arena_init(&a);
    if (take(form, object, body, &a, &params, &fault)) {
        check(json_is_object(params) && !fault.code);
        check_params(object, params);
    } else {
        check(!params);
        check_fault(&fault);
    }
    json_decref(params);
    arena_done(&a);
    return 0;
}
