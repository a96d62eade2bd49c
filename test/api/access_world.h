/* test/api/access_world.h - two projects that are entangled, and who belongs to one of them only.
 *
 * OWN has the administrator `admin_uin`, the ordinary member `visitor_uin` and `idle_uin`, a member
 * without a role.  FOREIGN has none of them; every name, text and code in it has MARK in it.  A
 * task of FOREIGN waits for one of OWN and consumes its event; one of OWN waits for one of FOREIGN
 * and listens to its event.
 */
#ifndef TEST_API_ACCESS_WORLD_H
#define TEST_API_ACCESS_WORLD_H

#include "act_harness.h"

#define MARK "zzforeign"

enum side { OWN, FOREIGN };
/* What an id in a request can be of. */
enum thing {
    T_NONE, /* not an id */
    T_PROJECT,
    T_TASK,     /* OWN: set by world_task */
    T_UPSTREAM, /* a task to depend on */
    T_WORKFLOW,
    T_FOLDER,
    T_TASK_FOLDER,
    T_INSTANCE, /* of T_TASK */
    T_VERSION,  /* of T_TASK */
    T_PLAN,
    T_JOB,
    T_CASE,
    T_EVENT, /* a name */
    T_GROUP,
    T_RULE,    /* of alarms */
    T_MESSAGE, /* of alarms */
    T_RESOURCE_FOLDER,
    T_RESOURCE, /* a file */
    T_REMOTE,   /* its path in the bucket */
    T_USER,
    T_KEY,
    T_N_
};

struct world {
    struct harness h;
    char ids[2][T_N_][96];
};
extern const char admin_uin[], visitor_uin[], idle_uin[], foreign_uin[];

void world_init(struct world *w);
void world_done(struct world *w);
/* Which of the two tasks of OWN T_TASK and what belongs to it is: 0 is waited for by FOREIGN, 1
 * waits for it. */
void world_task(struct world *w, int which);
/* Act with a key of the account; NULL: with the root key. */
void world_as(struct world *w, const char *uin);

/* Every row of every table that has anything of FOREIGN in it, as text. */
void world_dump(struct world *w, struct buf *out);
/* Fails when the text has anything of FOREIGN that `known` (a request) has not. */
void world_check_text(struct world *w, const char *text, const char *known, const char *what);

/* A body for an action, from its schema.  ProjectId is `project` (NULL: left out where it may be);
 * the id number `foreign` in it is one of FOREIGN, all others of OWN; -1: all are of FOREIGN, -2:
 * none.  *ret_ids: how many there are.  A member that the table of fillings does not know fails the
 * test. */
json_t *world_body(struct world *w, const struct schema_action *action, const char *project,
                   int foreign, int *ret_ids);

#endif
