/* api/event_view.h - an event as answers show it: the tasks that listen to it.
 *
 * Listeners are those of drafts: they are what a person configured, submitted or not.
 */
#ifndef API_EVENT_VIEW_H
#define API_EVENT_VIEW_H

#include "api/action.h"

enum { EVENT_LISTENERS_SHOWN = 1000 };

struct event_listener_view {
    struct task_row task;
    struct workflow_row workflow;
    struct wall since; /* when the draft began to listen */
    const struct listener_property {
        struct str key, value;
    } * properties;
    size_t n_properties;
};

/* One, which is known to be there; text in `a`. */
enum err_code event_listener(struct view *v, struct arena *a, int64_t task_id,
                             struct str project_id, struct str event_name,
                             struct event_listener_view *ret, struct err *e) MUST_USE;
/* Those whose task the account sees; at most EVENT_LISTENERS_SHOWN, in order of the task's id; text
 * in the call's arena. */
enum err_code event_listeners(struct call *c, struct view *v, struct str project_id,
                              struct str event_name, struct event_listener_view **ret,
                              size_t *ret_n) MUST_USE;

/* An EventListenerDTO; project_id: of the event. */
void event_listener_write(struct jw *w, struct str project_id, struct str event_name,
                          const struct event_listener_view *l);

#endif
