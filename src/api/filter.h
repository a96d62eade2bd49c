/* api/filter.h - filters of lists that go by way of another table: a list of instances or of tasks
 * by the names of tasks or by the folder of workflows.
 *
 * A condition holds QUERY_IN_MAX values.  What finds more is refused: a list that left some out
 * would have a wrong TotalCount, and nobody would know.
 */
#ifndef API_FILTER_H
#define API_FILTER_H

#include "api/action.h"

enum { KEYWORD_WORDS_MAX = 100 };

/* Column (a task id) is a task of the call's ProjectId that a word of its Keyword names: words are
 * separated by commas, each is a part of a name or of an id, or a whole id, also of a task that is
 * gone.  Reads the tasks once.  No Keyword: no condition.  E_RANGE: too many words, E_LIMIT: too
 * many tasks. */
enum err_code filter_keyword(struct call *c, struct query *q, int column) MUST_USE;
/* Column (a workflow id) is one of those that `workflows` finds; none: nothing fits.  E_LIMIT on
 * the parameter `name` when they are too many. */
enum err_code filter_workflows(struct call *c, struct query *q, int column,
                               const struct query *workflows, const char *name) MUST_USE;

#endif
