/* test/sim/informed.h - who is told that an upstream task was deleted, where the deletion asks for
 * it (docs/reference/semantics.md 1.6): by the documents of the tasks that are there, whoever names
 * the task in its draft or in what is submitted of it, once, and its owners by mail.
 */
#ifndef TEST_SIM_INFORMED_H
#define TEST_SIM_INFORMED_H

#include "base/instant.h"
#include "store/rows.h"

struct sim;
struct sim_task;

/* The deletion was accepted at this time: its messages are expected (alarms.h). */
void informed_expect(struct sim *s, const struct sim_task *deleted, struct wall at);
/* The message, as it is expected. */
void informed_name(char out[200], const struct alarm_message_row *m);
/* Its project and its deliveries, inside a transaction. */
void informed_check(struct sim *s, const struct alarm_message_row *m);

#endif
