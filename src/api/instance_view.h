/* api/instance_view.h - how an instance looks in answers, for every action that shows one. */
#ifndef API_INSTANCE_VIEW_H
#define API_INSTANCE_VIEW_H

#include "api/action.h"
#include "model/instance.h"

/* The zone that the TimeZone parameter names; UTC+8 when absent. */
enum err_code view_zone(struct call *c, const struct zone **ret) MUST_USE;
/* "InstanceKey" of this project.  E_MISSING in the client's words. */
enum err_code view_instance(struct call *c, struct instance_row *ret) MUST_USE;
/* One TaskInstance object (TaskInstanceDetail with detail).  E_IO. */
enum err_code view_write_instance(struct call *c, const struct instance_row *i,
                                  const struct zone *zone, bool detail) MUST_USE;
/* The project named by ProjectId exists. */
enum err_code view_project(struct call *c) MUST_USE;
/* Parameter `name` as an instant given in the zone; *ret is WALL_NONE when it is absent. */
enum err_code view_time_param(struct call *c, const char *name, const struct zone *zone,
                              struct wall *ret) MUST_USE;
/* Milliseconds that a round has run, up to now while it still does; 0: it did not begin. */
int64_t view_cost_ms(struct wall started_at, struct wall ended_at);
/* A ';'-separated list of accounts as a JSON array. */
void view_write_uins(struct jw *w, const char *key, struct str uins);

#endif
