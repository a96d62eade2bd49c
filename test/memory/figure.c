/* test/memory/figure.c - preloaded into a server by growth.py: says how much memory it has in use.
 *
 * Twenty times a second the bytes that are allocated and not freed go into the file that
 * WEFT_TEST_FIGURE names.  The address sanitizer counts them where it is built in, else the C
 * library.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef size_t in_use(void);

static int file = -1;
static in_use *ask;

static size_t ask_libc(void)
{
    struct mallinfo2 m = mallinfo2();

    return m.uordblks + m.hblkhd;
}

static void *tell(void *ctx)
{
    char line[64];

    (void)ctx;
    for (;;) {
        int n = snprintf(line, sizeof(line), "%20zu\n", ask());
        if (pwrite(file, line, (size_t)n, 0) != n)
            return NULL;
        usleep(50000);
    }
}

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("WEFT_TEST_FIGURE");
    void *found = dlsym(RTLD_DEFAULT, "__sanitizer_get_current_allocated_bytes");
    sigset_t all, before;
    pthread_t thread;

    if (!path) /* a child of the server: it does not pass the variable on */
        return;
    ask = ask_libc;
    if (found)
        memcpy(&ask, &found, sizeof(ask));
    file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (file < 0 || pthread_create(&thread, NULL, tell, NULL) != 0)
        abort();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}
