/* test/api/wire_client.h - a raw HTTP client with a signer of its own, for tests of the gateway.
 *
 * One struct belongs to one thread.  What a test could not go on without fails the test; in a
 * thread of the test, use the functions that return false.
 */
#ifndef TEST_API_WIRE_CLIENT_H
#define TEST_API_WIRE_CLIENT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"

struct wire {
    int fd;
    struct buf in; /* received, not yet taken */
};

/* What to sign and send.  What is NULL has a default: POST to "/" of version 2025-08-06, body "{}".
 */
struct wire_call {
    const char *method, *target, *version, *action, *body;
    const char *secret_id, *secret_key;
    const char *content_type;
    const char *more; /* further header lines, each with its CRLF */
    const char *language;
};

bool wire_open(struct wire *w, int port);
void wire_close(struct wire *w);
bool wire_send(struct wire *w, struct str bytes);
/* The signed request as bytes, appended to out. */
void wire_compose(struct buf *out, const struct wire_call *call);
/* The next answer: its body replaces *body.  False: the connection ended or broke the rules (status
 * 200, Content-Type exactly application/json, Content-Length). */
bool wire_answer(struct wire *w, struct buf *body);
/* Sends and takes the answer; members of "Response" (json_decref it), NULL as above. */
json_t *wire_ask(struct wire *w, const struct wire_call *call);
/* The error code of a response, "" when it is a success. */
const char *wire_code(const json_t *response);

#endif
