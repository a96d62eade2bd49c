/* api/access.h - may the account do this?  The only place that says so.
 *
 * docs/reference/semantics.md 10, docs/decisions/0020-members-and-rights.md.  The check looks into
 * the very snapshot that a read answers from, or into the transaction of the write, just before the
 * step runs: nothing can change between check and act.  A root key may everything.
 *
 * Who lacks the right of the action's row may still do it to what lies in folders and workflows on
 * which it has a permission: all that the row's `objects` name (api/named.h, engine/reach.h).  That
 * is looked at only where the roles do not do.
 *
 * Whoever is no member of a project gets E_STRANGER for it, whether it exists or not.
 */
#ifndef API_ACCESS_H
#define API_ACCESS_H

#include "api/action.h"
#include "engine/member.h"

/* Before the parameters are read: an action for root keys says so whatever they are.  E_FORBIDDEN.
 * The steps below ask again. */
enum err_code access_admit(struct call *c, const struct action *a) MUST_USE;
/* The way into a read: c->view is its snapshot.  E_FORBIDDEN, E_STRANGER, or what `answer` says. */
enum err_code access_read(struct call *c, const struct action *a) MUST_USE;
/* The way into what `prepare` of a write does, in a snapshot where the action `works` (c->view).
 * E_FORBIDDEN, E_STRANGER, or what it says. */
enum err_code access_prepare(struct call *c, const struct action *a) MUST_USE;
/* The way into a write, on the engine thread.  Until it returns the engine acts for the account. */
enum err_code access_write(struct call *c, const struct action *a, struct engine *g) MUST_USE;

/* For an action whose ProjectId may be left out: as if its row had named the right.  E_FORBIDDEN,
 * E_STRANGER. */
enum err_code access_require(struct call *c, struct view *v, struct str project_id,
                             enum right right) MUST_USE;

/* May the account see what is in this project?  For actions that come across other projects than
 * that of ProjectId, or have none: what it does not see is not in the answer. */
enum err_code access_sees(struct call *c, struct view *v, struct str project_id,
                          bool *ret) MUST_USE;
/* The same for a task; false too when it is gone. */
enum err_code access_sees_task(struct call *c, struct view *v, int64_t task_id, bool *ret) MUST_USE;
/* For a resource group: open to all, or associated with a project that the account sees. */
enum err_code access_sees_group(struct call *c, struct view *v, struct str group_id,
                                bool *ret) MUST_USE;

#endif
