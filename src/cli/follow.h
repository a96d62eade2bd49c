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

/* What changes among the instances that the options --task, --state, --from, --to choose, a line
 * for each (with --json: an object), until Ctrl-C. */
int follow_instances(struct session *s);

#endif
