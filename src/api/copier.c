/* api/copier.c - threads of their own for calls that copy files. */
#include "api/copier.h"

#include <pthread.h>

#include "base/mem.h"

/* What one thread is at; a copy may be gone before its thread is back, so the name is kept. */
struct hand {
    struct copier *copier;
    pthread_t thread;
    struct str account; /* ptr NULL: it has nothing to do */
};

struct copier {
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t work;
    struct list waiting;
    struct hand hands[COPIES_AT_ONCE];
    int started;
    bool ends;
};

static bool is_at_work(const struct copier *c, struct str account)
{
    for (int i = 0; i < c->started; i++)
        if (c->hands[i].account.ptr && str_eq(c->hands[i].account, account))
            return true;
    return false;
}

/* The first whose account has none under way, or NULL. */
static struct copy *take_next(struct copier *c)
{
    for (struct list *at = c->waiting.next; at != &c->waiting; at = at->next) {
        struct copy *copy = CONTAINER_OF(at, struct copy, node);
        if (is_at_work(c, copy->account))
            continue;
        list_remove(&copy->node);
        return copy;
    }
    return NULL;
}

static void *work(void *ctx)
{
    struct hand *hand = ctx;
    struct copier *c = hand->copier;

    pthread_mutex_lock(&c->lock);
    while (!c->ends) {
        struct copy *copy = take_next(c);
        if (!copy) {
            pthread_cond_wait(&c->work, &c->lock);
            continue;
        }
        char *account = mem_strdup(copy->account);
        hand->account = str_make(account, copy->account.len);
        pthread_mutex_unlock(&c->lock);
        copy->run(copy);
        pthread_mutex_lock(&c->lock);
        hand->account = (struct str){ 0 };
        mem_free(account);
        pthread_cond_broadcast(&c->work); /* the account's next one may be another hand's */
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

enum err_code copier_new(struct copier **ret, struct err *e)
{
    struct copier *c = NEW(struct copier);

    list_init(&c->waiting);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->work, NULL);
    pthread_mutex_lock(&c->lock);
    for (int i = 0; i < COPIES_AT_ONCE; i++) {
        c->hands[i].copier = c;
        int failed = pthread_create(&c->hands[i].thread, NULL, work, &c->hands[i]);
        if (failed) {
            pthread_mutex_unlock(&c->lock);
            copier_free(c);
            return err_set(e, E_IO, "start a thread: error %d", failed);
        }
        c->started++;
    }
    pthread_mutex_unlock(&c->lock);
    *ret = c;
    return E_OK;
}

void copier_free(struct copier *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->ends = true;
    pthread_cond_broadcast(&c->work);
    pthread_mutex_unlock(&c->lock);
    for (int i = 0; i < c->started; i++)
        pthread_join(c->hands[i].thread, NULL);
    pthread_cond_destroy(&c->work);
    pthread_mutex_destroy(&c->lock);
    mem_free(c);
}

enum err_code copier_post(struct copier *c, struct copy *copy, struct err *e)
{
    int all = 0, own = 0;

    pthread_mutex_lock(&c->lock);
    for (struct list *at = c->waiting.next; at != &c->waiting; at = at->next) {
        all++;
        own += str_eq(CONTAINER_OF(at, struct copy, node)->account, copy->account);
    }
    bool busy = all >= COPIES_MAX || own >= COPIES_OF_ACCOUNT;
    if (!busy) {
        list_push_back(&c->waiting, &copy->node);
        pthread_cond_signal(&c->work);
    }
    pthread_mutex_unlock(&c->lock);
    return busy ? err_user(e, E_BUSY, "", "too many files wait to be copied; try again later",
                           "等待复制的文件过多，请稍后重试")
                : E_OK;
}
