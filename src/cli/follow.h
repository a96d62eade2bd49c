/* cli/follow.h - asks again and again until something is over, somebody presses Ctrl-C, or the
 * server stays away. */
#ifndef CLI_FOLLOW_H
#define CLI_FOLLOW_H

#include "cli/command.h"

enum { FOLLOW_MS = 250 }; /* so at most four calls a second */

struct follow {
    struct session *s;
    int failures; /* calls in a row without an answer */
};

void follow_begin(struct follow *f, struct session *s);
/* As session_call; a server that does not answer, because it is being restarted, is asked again for
 * half a minute.  Status EXIT_INTERRUPTED: Ctrl-C. */
int follow_call(struct follow *f, const char *version, const char *action, json_t *params,
                json_t **ret);
/* Waits until it is worth asking again; true: Ctrl-C. */
bool follow_wait(struct follow *f);

/* A plan until it has ended.  Exit status: 0, all of its instances succeeded. */
int follow_plan(struct session *s, const char *plan);

/* Instances (keys: an array of texts) until each has ended; those that did not succeed are told,
 * but not with --json.  *ret: an array of what each is in the end (json_decref it), with any
 * status. Exit status: 0, all of them succeeded. */
int follow_keys(struct session *s, const json_t *keys, json_t **ret);

/* What changes among the instances that the options --task, --state, --from, --to choose, a line
 * for each (with --json: an object), until Ctrl-C. */
int follow_instances(struct session *s);

/* ---- follow_retry.c: what failed and is tried again by itself ------------------------------- */

struct retries {
    struct session *s;
    const char *tasks; /* of the plan, by commas; NULL: not asked yet */
    int looks;         /* so far, of which only every eighth asks */
    int64_t n;         /* when it was last asked; of plans of more than 60 tasks not at all */
    const char *next;  /* when the first is tried again, "HH:mm:ss" in UTC+8; NULL: not known */
};

/* plan: the answer of GetDataBackfillPlan.  What fails is not told: the rest stays as it was. */
void retries_look(struct retries *r, const json_t *plan);
/* When this instance is tried again; NULL: it is not, or that is not known. */
const char *retry_time(struct session *s, const char *key);

#endif
