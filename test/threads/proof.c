/* test/threads/proof.c - faults on purpose, which ThreadSanitizer must report: so that a run
 * without reports means that there were none, not that nobody looked.
 *
 *   proof race | order | signal
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int shared;
static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static void *volatile kept;

static void *add(void *ctx)
{
    (void)ctx;
    shared++;
    return NULL;
}

/* Two threads and a plain variable. */
static void race(void)
{
    pthread_t other;

    if (pthread_create(&other, NULL, add, NULL) != 0)
        exit(1);
    shared++;
    pthread_join(other, NULL);
}

static void lock_both(pthread_mutex_t *first, pthread_mutex_t *second)
{
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
}

/* Never stuck in one thread; two could be. */
static void order(void)
{
    lock_both(&a, &b);
    lock_both(&b, &a);
}

static void on_signal(int number)
{
    (void)number;
    kept = malloc(100);
}

/* A handler that may not allocate, and does. */
static void handler(void)
{
    struct sigaction act = { .sa_handler = on_signal };

    sigaction(SIGUSR1, &act, NULL);
    raise(SIGUSR1);
    free(kept);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "race") == 0)
        race();
    else if (strcmp(what, "order") == 0)
        order();
    else if (strcmp(what, "signal") == 0)
        handler();
    else
        return 2;
    printf("%s: done\n", what);
    return 0;
}
