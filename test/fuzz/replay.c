/* test/fuzz/replay.c - gives a target the files of its corpus, and random changes of them.  What
 * breaks it is printed.
 *
 *   fuzz_X FOLDER [ROUNDS [SEED]]
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#include "base/mem.h"
#include "base/prng.h"

enum { FILES_MAX = 1000, BYTES_MAX = 4096 };

struct input {
    uint8_t *bytes; /* exactly n, so that a read behind the end is seen */
    size_t n;
};

static struct input inputs[FILES_MAX];
static int n_inputs;

static void read_file(const char *path)
{
    uint8_t block[BYTES_MAX];
    FILE *f = fopen(path, "rb");
    struct input *in = &inputs[n_inputs];

    if (!f || n_inputs == FILES_MAX - 1)
        exit(2);
    in->n = fread(block, 1, sizeof(block), f);
    in->bytes = mem_alloc(in->n + 1);
    memcpy(in->bytes, block, in->n);
    fclose(f);
    n_inputs++;
}

static const uint8_t *given;
static size_t given_n;

/* Shows the input that broke a promise, as printf(1) takes it. */
static void show_given(int number)
{
    (void)number;
    fprintf(stderr, "the input: ");
    for (size_t i = 0; i < given_n; i++)
        fprintf(stderr, given[i] > ' ' && given[i] < 127 && given[i] != '\\' ? "%c" : "\\x%02x",
                given[i]);
    fprintf(stderr, "\n");
}

static void give(const uint8_t *bytes, size_t n)
{
    uint8_t *exact = malloc(n ? n : 1); /* lint: as libFuzzer gives it, without room behind it */

    given = exact;
    given_n = n;
    if (n > 0)
        memcpy(exact, bytes, n);
    if (LLVMFuzzerTestOneInput(exact, n) != 0)
        abort();
    free(exact); /* lint: above */
}

/* One of the corpus with a few bytes changed, dropped, doubled, or taken from another. */
static size_t change(struct prng *r, uint8_t out[2 * BYTES_MAX])
{
    const struct input *in = &inputs[prng_below(r, (uint64_t)n_inputs)];
    size_t n = in->n;

    memcpy(out, in->bytes, n);
    for (uint64_t k = prng_below(r, 6); k > 0; k--) {
        size_t at = n ? prng_below(r, n) : 0;
        const struct input *other = &inputs[prng_below(r, (uint64_t)n_inputs)];
        switch (prng_below(r, 4)) {
        case 0:
            if (n)
                out[at] = (uint8_t)prng_below(r, prng_below(r, 2) ? 256 : 128);
            break;
        case 1:
            if (n) {
                memmove(out + at, out + at + 1, n - at - 1);
                n--;
            }
            break;
        case 2:
            if (n < BYTES_MAX) {
                memmove(out + at + 1, out + at, n - at);
                out[at] = n ? out[prng_below(r, n)] : 'x';
                n++;
            }
            break;
        default:
            if (other->n > 0 && n + other->n < BYTES_MAX) {
                size_t from = prng_below(r, other->n), len = prng_below(r, other->n - from + 1);
                memmove(out + at + len, out + at, n - at);
                memcpy(out + at, other->bytes + from, len);
                n += len;
            }
        }
    }
    return n;
}

int main(int argc, char **argv)
{
    static uint8_t bytes[2 * BYTES_MAX];
    long rounds = argc > 2 ? atol(argv[2]) : 20000;
    struct prng r;
    struct dirent *d;
    DIR *folder = argc > 1 ? opendir(argv[1]) : NULL;

    if (!folder)
        return 2;
    while ((d = readdir(folder)) != NULL) {
        char path[1024];
        snprintf(path, sizeof(path), "%s/%s", argv[1], d->d_name);
        if (d->d_name[0] != '.')
            read_file(path);
    }
    closedir(folder);
    if (n_inputs == 0)
        return 2;
    sigaction(SIGABRT, &(struct sigaction){ .sa_handler = show_given }, NULL);
    prng_init(&r, argc > 3 ? strtoull(argv[3], NULL, 10) : 1);
    give(NULL, 0);
    for (int i = 0; i < n_inputs; i++)
        give(inputs[i].bytes, inputs[i].n);
    for (long i = 0; i < rounds; i++) {
        size_t n = change(&r, bytes);
        give(bytes, n);
    }
    for (int i = 0; i < n_inputs; i++)
        mem_free(inputs[i].bytes);
    printf("%d files, %ld changes of them\n", n_inputs, rounds);
    return 0;
}
