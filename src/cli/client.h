/* cli/client.h - signs a call (TC3-HMAC-SHA256), sends it, and takes the envelope off the answer.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "cli/envelope.h"

struct client;

struct client_config {
    const char *endpoint; /* http://host:port */
    const char *secret_id, *secret_key, *region;
    const char *language; /* en-US or zh-CN */
    bool insecure;        /* do not check the server's certificate */
};

/* E_SYNTAX the endpoint; E_UNSUPPORTED, E_IO: libcurl cannot be used. */
enum err_code client_new(const struct client_config *config, struct client **ret,
                         struct err *e) MUST_USE;
void client_free(struct client *c);
/* body: a JSON object.  *ret: the "Response" object (json_decref).  E_DENIED: the server answered
 * an Error, *refused has it.  E_IO: no answer, or not one of this API. */
enum err_code client_call(struct client *c, const char *version, const char *action,
                          struct str body, json_t **ret, struct refusal *refused,
                          struct err *e) MUST_USE;

#endif
