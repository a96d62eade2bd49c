/* sys/random.c - ids and keys of bytes that nobody can guess. */
#include "sys/random.h"

void random_uuid(char out[UUID_LEN + 1])
{
    uint8_t bytes[16];

    random_bytes(bytes, sizeof(bytes));
    uuid_format(out, bytes);
}

void random_letters(char *out, size_t len)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    enum { LETTERS = sizeof(alphabet) - 1 };

    for (size_t done = 0; done < len;) {
        uint8_t byte;
        random_bytes(&byte, 1);
        if (byte < 256 / LETTERS * LETTERS) /* the rest would favour the first letters */
            out[done++] = alphabet[byte % LETTERS];
    }
    out[len] = '\0';
}
