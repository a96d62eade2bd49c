/* test/api/act_harness.h - runs actions for tests as the gateway does, over the memory store and
 * the real engine.
 *
 * The engine has no thread: a write runs one turn at harness.now.  Attempts are not started;
 * `begun` counts them. Every answer is checked against the schema before a test sees it.
 */
#ifndef TEST_API_ACT_HARNESS_H
#define TEST_API_ACT_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>

#include "api/action.h"
#include "engine/objects.h"
#include "engine/turn.h"
#include "send/letter.h"

struct harness {
    char dir[64];      /* of the SQLite file; empty: memory */
    char data_dir[64]; /* of resource files */
    struct arena arena;
    struct resource_files resources;
    struct store *store;
    struct engine *engine;
    struct services services;
    struct wall now;
    const char *uin;
    bool plain_key; /* no root key: the account may what it is allowed to */
    enum lang lang;
    /* Called once when a call is on its way: admitted, and not yet in its snapshot or transaction.
     */
    void (*meanwhile)(struct harness *h);
    int64_t begun;
    size_t call_bytes;   /* of the arena of the last call, at its end */
    struct kept_letter { /* what the engine gave to be sent, while it is taken */
        int64_t id;
        int way;
        char target[256], subject[256], body[4096];
    } letters[64];
    int n_letters;
    uint64_t last_fence;
    /* harness_thread_start */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool woken, ending, threaded;
};

/* On the memory store, or on a new SQLite file when WEFT_TEST_STORE is "sqlite".  now is the real
 * time. */
void harness_init(struct harness *h);
void harness_done(struct harness *h);

/* Members of "Response" (json_decref it); a refused call fails the test with its text. */
json_t *harness_ok(struct harness *h, const char *version, const char *action, const char *params);
/* The same with printf. */
json_t *harness_okf(struct harness *h, const char *version, const char *action, const char *fmt,
                    ...) PRINTF(4, 5);
/* The call must fail; its code, *ret (may be NULL) has the rest.  A body that the schema refuses is
 * E_REQUIRED (missing) or E_SYNTAX. */
enum err_code harness_err(struct harness *h, const char *version, const char *action,
                          const char *params, struct err *ret);
/* Like harness_try; *ret_answer: the answer as text (free it), or NULL. */
enum err_code harness_answer(struct harness *h, const char *version, const char *action,
                             const char *params, char **ret_answer, struct err *ret);
/* Either way is fine with the test; what went wrong is in *ret. */
enum err_code harness_try(struct harness *h, const char *version, const char *action,
                          const char *params, struct err *ret);
/* Fails the test unless the call fails with this code and path, with a Chinese text as well. */
void harness_refused(struct harness *h, const char *version, const char *action, const char *params,
                     enum err_code code, const char *path);
void harness_refusedf(struct harness *h, const char *version, const char *action,
                      enum err_code code, const char *path, const char *fmt, ...) PRINTF(6, 7);

/* New ones; the workflow is in no folder. */
void harness_project(struct harness *h, const char *name, char id[32]);
void harness_workflow(struct harness *h, const char *project, const char *name, char id[64]);

/* Turns until nothing is left to do at harness.now. */
void harness_run(struct harness *h);
/* Another engine over the same store, as after a crash; letters are forgotten. */
void harness_restart(struct harness *h);
/* What became of a letter; the engine takes it in. */
void harness_landed(struct harness *h, int64_t id, enum letter_outcome outcome, const char *error);
/* A thread takes the turns, for code that posts commands and waits; no harness call that writes
 * meanwhile. */
void harness_thread_start(struct harness *h);
void harness_thread_stop(struct harness *h);

/* Value at a dotted path such as "Data.Items.0.Name"; NULL when there is none. */
const json_t *at(const json_t *o, const char *path);
const char *str_at(const json_t *o, const char *path); /* fails the test when it is no text */
int64_t num_at(const json_t *o, const char *path);     /* integers and booleans */
/* The text at the path; the answer is given up. */
void keep_at(char *out, size_t size, json_t *r, const char *path);

#endif
