/* cli/envelope.h - what a server answered, taken out of its envelope: {"Response":{...}}.  Pure. */
#ifndef CLI_ENVELOPE_H
#define CLI_ENVELOPE_H

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"

/* What the server refused a call with.  Whole characters, without control characters: it is shown
 * on terminals. */
struct refusal {
    char code[96], message[1024], request_id[64];
};

/* *ret: the "Response" object (json_decref it).  E_DENIED: it is an Error, *refused has it.  E_IO:
 * not an answer of this API.  endpoint: for the text. */
enum err_code envelope_take(struct str answer, const char *endpoint, json_t **ret,
                            struct refusal *refused, struct err *e) MUST_USE;

#endif
