/* test/fuzz/fuzz_envelope.c - what the client takes from a server that is none of ours: a refusal
 * is text that can be shown. */
#include "fuzz.h"

#include <string.h>

#include "base/mem.h"
#include "cli/envelope.h"

static void check_shown(const char *text, size_t size)
{
    check(memchr(text, '\0', size));
    for (; *text; text++)
        check((unsigned char)*text >= ' ' && *text != 127);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct refusal refused;
    struct err e = ERR_INIT;
    json_t *response = NULL;

    memset(&refused, 'x', sizeof(refused));
    enum err_code rc =
        envelope_take(str_make((const char *)bytes, n), "http://h", &response, &refused, &e);
    check(rc == E_OK || rc == E_DENIED || rc == E_IO);
    check((rc == E_OK) == (response != NULL));
    if (rc == E_OK)
        check(json_is_object(response) && !json_object_get(response, "Error"));
    else
        check_shown(e.text, sizeof(e.text));
    if (rc == E_DENIED) {
        check_shown(refused.code, sizeof(refused.code));
        check_shown(refused.message, sizeof(refused.message));
        check_shown(refused.request_id, sizeof(refused.request_id));
        check(strncmp(e.text, refused.code, strlen(refused.code)) == 0);
    } else {
        check(refused.code[0] == 'x');
    }
    json_decref(response);
    return 0;
}
