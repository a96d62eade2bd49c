/* api/alarm_view.h - alarm rules and messages as the API shows them. */
#ifndef API_ALARM_VIEW_H
#define API_ALARM_VIEW_H

#include "api/action.h"

/* The addresses of robots have their secrets in them: who may not operate the project sees no more
 * than the host. */
enum err_code alarm_sees_hooks(struct call *c, struct view *v, struct str project_id,
                               bool *ret) MUST_USE;
/* The address, or "https://host/...". */
struct str alarm_hook_shown(struct arena *a, struct str url, bool whole);

/* AlarmRuleData.  E_CORRUPT. */
enum err_code alarm_rule_write(struct call *c, const struct alarm_rule_row *row,
                               bool hooks) MUST_USE;
/* "a;b" as a list of texts. */
void alarm_list_write(struct jw *w, const char *key, struct str list);

#endif
