/* cli/session.c - what all client commands share: calling, and showing what came back. */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>

const char VERSION_2025[] = "2025-08-06", VERSION_2021[] = "2021-08-20", VERSION_WEFT[] = "weft-1";

int session_call(struct session *s, const char *version, const char *action, json_t *params,
                 json_t **ret)
{
    char *body = json_dumps(params, JSON_COMPACT);
    struct refusal refused;
    struct err e = ERR_INIT;
    enum err_code rc = client_call(s->client, version, action, str_from(body), ret, &refused, &e);

    free(body); /* lint: jansson's own memory */
    json_decref(params);
    if (rc == E_DENIED) {
        fprintf(stderr, "weft: %s: %s\n      (request %s)\n", refused.code, refused.message,
                refused.request_id);
        return EXIT_REFUSED;
    }
    if (rc != E_OK) {
        fprintf(stderr, "weft: %s\n", e.text);
        return EXIT_UNREACHABLE;
    }
    return EXIT_DONE;
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

void print_json(const json_t *value)
{
    json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
    putchar('\n');
}
