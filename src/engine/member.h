/* engine/member.h - who may do what: the members of projects, and for whom a command acts.
 *
 * docs/reference/semantics.md 10, docs/decisions/0020-members-and-rights.md.  api/access.c decides
 * with it whether an action runs at all; what an action comes across in other projects it asks
 * about here.
 */
#ifndef ENGINE_MEMBER_H
#define ENGINE_MEMBER_H

#include "engine/engine.h"
#include "model/role.h"

/* A root key has every right in every project, and so has the server itself. */
struct actor {
    struct str uin;
    bool is_root;
};

/* Any view, any thread.  *ret_member false: not a member, or no such project; *ret_rights is then
 * RIGHTS_NONE.  Text read goes into `a`. */
enum err_code member_rights(struct view *v, struct arena *a, const struct actor *who,
                            struct str project_id, bool *ret_member, unsigned *ret_rights,
                            struct err *e) MUST_USE;
/* The same for one right. */
enum err_code member_may(struct view *v, struct arena *a, const struct actor *who,
                         struct str project_id, enum right right, bool *ret,
                         struct err *e) MUST_USE;

/* Of a resource group: does the account see it?  All see one that is associated with no project
 * (*ret_projects 0, else how many were looked at); one that is associated is seen by those who may
 * read one of its projects. */
enum err_code member_sees_group(struct view *v, struct arena *a, const struct actor *who,
                                struct str group_id, bool *ret, int64_t *ret_projects,
                                struct err *e) MUST_USE;

/* Engine thread.  For whom the command that runs acts; borrowed until it is set again.  NULL (also
 * between commands): the server itself, as for fixtures and firings. */
void engine_act_for(struct engine *g, const struct actor *who);
const struct actor *engine_actor(const struct engine *g); /* never NULL */
/* May the present command do this in the project?  Asked where a command meets other projects. */
enum err_code engine_may(struct engine *g, struct str project_id, enum right right, bool *ret,
                         struct err *e) MUST_USE;

#endif
