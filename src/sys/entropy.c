/* sys/entropy.c - where random bytes come from; a program that must repeat itself brings its own.
 */
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
