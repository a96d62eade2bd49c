/* cli/alarm_hooks.h - the addresses of an alarm rule's hooks in files.  Pure.
 *
 * Who has the address of a robot can write to its group, so it is a secret, and does not belong in
 * git.  An export writes SCHEME://HOST/... in its place, as the API does for who may not operate
 * the project; read back, that means the address which the server has.
 */
#ifndef CLI_ALARM_HOOKS_H
#define CLI_ALARM_HOOKS_H

#include <jansson.h>

#include "base/arena.h"

/* Every address of the rule becomes a short one. */
void alarm_hooks_hide(json_t *rule, struct arena *a);
/* Every short address of the rule becomes the server's: the first of a host the first that `have`
 * has of it, and so on.  have NULL: there is none.  Answers the path of one that leads to none, in
 * the arena, or NULL. */
const char *alarm_hooks_fill(json_t *rule, const json_t *have, struct arena *a);

#endif
