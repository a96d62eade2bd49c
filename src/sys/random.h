/* sys/random.h - bytes that nobody can guess: ids, keys.
 *
 * Any thread; aborts when the kernel has none. */
#ifndef SYS_RANDOM_H
#define SYS_RANDOM_H

#include "base/codec.h"

void random_bytes(void *out, size_t len);
/* len characters of A-Z a-z 0-9, each equally likely, and the NUL. */
void random_letters(char *out, size_t len);
void random_uuid(char out[UUID_LEN + 1]);

#endif
