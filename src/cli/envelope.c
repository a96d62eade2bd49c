/* cli/envelope.c - what a server answered, taken out of its envelope. */
#include "cli/envelope.h"

#include <string.h>

enum { SHOWN_MAX = 200 };

/* As much of the text as fits; a server that is none of ours may send anything. */
static void copy_shown(char *out, size_t size, struct str text)
{
    size_t n = text.len < size - 1 ? text.len : size - 1;

    if (n > 0)
        memcpy(out, text.ptr, n);
    n = str_whole(str_make(out, n)).len;
    out[n] = '\0';
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)out[i] < ' ' || out[i] == 127)
            out[i] = out[i] == '\n' ? ' ' : '?';
}

static void copy_member(char *out, size_t size, const json_t *object, const char *name,
                        const char *otherwise)
{
    const json_t *value = json_object_get(object, name);

    copy_shown(out, size,
               json_is_string(value) ? str_make(json_string_value(value), json_string_length(value))
                                     : str_from(otherwise));
}

enum err_code envelope_take(struct str answer, const char *endpoint, json_t **ret,
                            struct refusal *refused, struct err *e)
{
    json_t *root = json_loadb(answer.ptr ? answer.ptr : "", answer.len, 0, NULL);
    json_t *response = json_object_get(root, "Response"),
           *error = json_object_get(response, "Error");
    char shown[SHOWN_MAX];

    if (!json_is_object(response)) {
        json_decref(root);
        copy_shown(shown, sizeof(shown), answer.len > 0 ? answer : STR("(nothing)"));
        return err_set(e, E_IO, "%s did not answer as WeData's API does: %s", endpoint, shown);
    }
    if (error) {
        copy_member(refused->code, sizeof(refused->code), error, "Code", "?");
        copy_member(refused->message, sizeof(refused->message), error, "Message", "");
        copy_member(refused->request_id, sizeof(refused->request_id), response, "RequestId", "");
        json_decref(root);
        return err_set(e, E_DENIED, "%s: %s", refused->code, refused->message);
    }
    *ret = json_incref(response);
    json_decref(root);
    return E_OK;
}
