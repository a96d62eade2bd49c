/* root_key.h - the key pair that a server has from the start.
 *
 * From WEFT_SECRET_ID and WEFT_SECRET_KEY when both are set; else from the file, which is made once
 * (0600) with lines that a shell can read: WEFT_SECRET_ID=... and WEFT_SECRET_KEY=...
 */
#ifndef ROOT_KEY_H
#define ROOT_KEY_H

#include "base/err.h"
#include "base/instant.h"

enum { ROOT_KEY_TEXT_MAX = 128 };
struct root_key {
    char id[ROOT_KEY_TEXT_MAX], secret[ROOT_KEY_TEXT_MAX];
    bool made; /* the file was made just now */
};

/* What came from the environment is wiped there. */
enum err_code root_key_get(const char *path, struct root_key *ret, struct err *e) MUST_USE;

struct store;
/* Make it the one root key of the store. */
enum err_code root_key_store(struct store *s, const struct root_key *key, struct wall now,
                             struct err *e) MUST_USE;

#endif
