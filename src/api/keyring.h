/* api/keyring.h - the API keys in memory: who a SecretId is, and its signing keys.
 *
 * Any thread; readers do not wait for each other.  Filled from the store's key table.
 */
#ifndef API_KEYRING_H
#define API_KEYRING_H

#include "base/err.h"

struct keyring;
struct view;

enum { KEY_TEXT_MAX = 128 };
struct key_copy {
    char secret_key[KEY_TEXT_MAX], uin[64];
    bool root;
};

struct keyring *keyring_new(void);
void keyring_free(struct keyring *k);
/* Replace the content by the enabled keys of the table. */
enum err_code keyring_load(struct keyring *k, struct view *v, struct err *e) MUST_USE;
/* For tests: one key. */
void keyring_add(struct keyring *k, struct str secret_id, struct str secret_key, struct str uin,
                 bool root);
/* False: not found, deleted or disabled.  The caller wipes the copy when it is done with it. */
bool keyring_find(struct keyring *k, struct str secret_id, struct key_copy *ret);

#endif
