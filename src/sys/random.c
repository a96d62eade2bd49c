/* sys/random.c - bytes that nobody can guess. */
#include "sys/random.h"

#include <errno.h>
#include <sys/random.h>

void random_bytes(void *out, size_t len)
{
    char *at = out;

    while (len > 0) {
        ssize_t n = getrandom(at, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        check(n > 0);
        at += n;
        len -= (size_t)n;
    }
}

void random_uuid(char out[UUID_LEN + 1])
{
    uint8_t bytes[16];

    random_bytes(bytes, sizeof(bytes));
    uuid_format(out, bytes);
}
