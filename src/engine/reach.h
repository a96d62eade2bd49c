/* engine/reach.h - how far an account reaches into a project: by the rights of its roles, and by
 * what was granted to it.
 *
 * docs/reference/semantics.md 10, docs/decisions/0025-permissions-only-widen.md.  A permission on a
 * workflow covers what is in it, one on a folder all that lies below, however deep.  What is
 * granted to a role counts for every member who has it.  Who is no member reaches nothing.
 */
#ifndef ENGINE_REACH_H
#define ENGINE_REACH_H

#include "base/map.h"
#include "engine/member.h"
#include "model/permission.h"

/* Of one account in one project, in one view.  Borrows its arguments until reach_close. */
struct reach {
    unsigned rights; /* of the roles, in the whole project */
    struct str project_id;
    struct view *view;
    struct str uin_, roles_;
    bool looked_, any_;
    struct arena kept_, scratch_, task_;
    struct map seen_[ENTITY_N_]; /* folders by path, workflows by id: covered or not */
};
/* E_IO; to be closed in any case. */
enum err_code reach_open(struct reach *r, struct view *v, const struct actor *who,
                         struct str project_id, struct err *e) MUST_USE;
void reach_close(struct reach *r);

/* Is anything in the project granted to it?  Who asks nothing but rights pays nothing for it. */
enum err_code reach_any(struct reach *r, bool *ret, struct err *e) MUST_USE;
/* Is it covered by what was granted?  No for what does not exist or is of another project; a path
 * need not exist itself.  What was looked at once is remembered: a request costs no more than it
 * names. */
enum err_code reach_folder(struct reach *r, struct str path, bool *ret, struct err *e) MUST_USE;
enum err_code reach_workflow(struct reach *r, struct str id, bool *ret, struct err *e) MUST_USE;
enum err_code reach_task(struct reach *r, int64_t id, bool *ret, struct err *e) MUST_USE;
/* What a permission can be granted on, by its id. */
enum err_code reach_entity(struct reach *r, enum permission_entity entity_type, struct str id,
                           bool *ret, struct err *e) MUST_USE;

/* May the present command do this to the task, by its roles or by what was granted? */
enum err_code engine_may_task(struct engine *g, const struct task_row *task, enum right right,
                              bool *ret, struct err *e) MUST_USE;

#endif
