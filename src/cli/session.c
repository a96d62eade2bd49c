/* cli/session.c - what all client commands share: calling, and showing what came back. */
#include "cli/option_param.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char VERSION_2025[] = "2025-08-06", VERSION_2021[] = "2021-08-20", VERSION_WEFT[] = "weft-1";

/* Of failures that no server told. */
static const char *own_code(int status)
{
    switch (status) {
    case EXIT_USAGE:
        return "Usage";
    case EXIT_UNREACHABLE:
        return "NoAnswer";
    default:
        return "Refused";
    }
}

int session_report(const struct session *s, const struct failure *f)
{
    const char *code = f->why.code[0] ? f->why.code : own_code(f->status);

    if (s->json) {
        json_t *error = json_pack("{s:{s:s,s:s,s:s}}", "Error", "Code", code, "Message",
                                  f->why.message, "RequestId", f->why.request_id);
        json_dumpf(error, stderr, JSON_COMPACT);
        fputc('\n', stderr);
        json_decref(error);
    } else if (f->why.code[0]) {
        fprintf(stderr, "weft: %s: %s\n      (request %s)\n", f->why.code, f->why.message,
                f->why.request_id);
    } else {
        fprintf(stderr, "weft: %s\n", f->why.message);
    }
    return f->status;
}

int session_fail(const struct session *s, int status, const char *fmt, ...)
{
    struct failure f = { .status = status };
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(f.why.message, sizeof(f.why.message), fmt, ap);
    va_end(ap);
    return session_report(s, &f);
}

int session_try(struct session *s, const char *version, const char *action, json_t *params,
                json_t **ret, struct failure *failure)
{
    char *body = json_dumps(params, JSON_COMPACT);
    struct err e = ERR_INIT;

    *failure = (struct failure){ .status = EXIT_DONE };
    enum err_code rc =
        client_call(s->client, version, action, str_from(body), ret, &failure->why, &e);
    free(body); /* lint: jansson's own memory */
    json_decref(params);
    if (rc == E_DENIED) {
        failure->status = EXIT_REFUSED;
        option_tell(s, &failure->why);
    } else if (rc != E_OK) {
        failure->status = EXIT_UNREACHABLE;
        snprintf(failure->why.message, sizeof(failure->why.message), "%s", e.text);
    }
    return failure->status;
}

int session_call(struct session *s, const char *version, const char *action, json_t *params,
                 json_t **ret)
{
    struct failure failure;
    int status = session_try(s, version, action, params, ret, &failure);

    return status == EXIT_DONE ? status : session_report(s, &failure);
}

int session_items(struct session *s, const char *version, const char *action, json_t *params,
                  int page_size, json_t **ret)
{
    json_t *all = json_array(), *response;
    int status = EXIT_DONE;
    bool more = true;

    for (int page = 1; more && status == EXIT_DONE; page++) {
        json_object_set_new(params, "PageNumber", json_integer(page));
        json_object_set_new(params, "PageSize", json_integer(page_size));
        status = session_call(s, version, action, json_incref(params), &response);
        if (status != EXIT_DONE)
            break;
        json_t *items = json_object_get(json_object_get(response, "Data"), "Items");
        more = json_array_size(items) >= (size_t)page_size;
        json_array_extend(all, items);
        json_decref(response);
    }
    json_decref(params);
    if (status == EXIT_DONE)
        *ret = all;
    else
        json_decref(all);
    return status;
}

const char *member(struct session *s, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_STRING:
        return json_string_length(value) > 0 ? json_string_value(value) : NULL;
    case JSON_INTEGER:
        return arena_printf(&s->arena, "%lld", (long long)json_integer_value(value)).ptr;
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    default:
        return NULL;
    }
}

const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

void print_json(const json_t *value)
{
    if (value)
        json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
    else
        fputs("null", stdout);
    putchar('\n');
}

int session_act(struct session *s, const char *version, const char *action, json_t *params)
{
    json_t *response;
    int status = session_call(s, version, action, params, &response);

    if (status != EXIT_DONE)
        return status;
    if (s->json)
        print_json(json_object_get(response, "Data"));
    json_decref(response);
    return EXIT_DONE;
}
