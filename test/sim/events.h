/* test/sim/events.h - the events of a world, and what a case of one is. */
#ifndef TEST_SIM_EVENTS_H
#define TEST_SIM_EVENTS_H

#include "sim.h"

struct event_request;

/* Its registration. */
void sim_event_request(struct sim *s, int event, struct event_request *ret);
/* Its dimension for a data time, which is cut to the granularity. */
struct str sim_event_dimension(struct sim *s, int event, struct civil *at);
/* What a case that is fired now is. */
void sim_event_case(const struct sim *s, int event, struct str id, struct civil at,
                    struct image_case *ret);
/* As many rounds consumed it as may. */
bool sim_case_is_used_up(const struct image_case *c);
bool sim_case_is_limited(const struct image_case *c); /* by ValidConsumeCount */

#endif
