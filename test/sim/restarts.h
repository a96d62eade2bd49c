/* test/sim/restarts.h - that a restart lets nobody go on.
 *
 * A server that starts looks up again what its instances wait for.  Nothing has happened meanwhile,
 * so whoever waited for an upstream still does.  Not judged are those to whom something happened
 * before that they are told of only then: a merge goes by how an upstream ended, which may be
 * another end since its success was set; an orderly one by the newest before it, which may be a
 * newer one; and a branch that ran again may skip those that it let go on before.
 */
#ifndef TEST_SIM_RESTARTS_H
#define TEST_SIM_RESTARTS_H

#include "sim.h"

/* At rest, before the server ends: who waits for upstreams. */
void restarts_note(struct sim *s);
/* Another one has loaded the store. */
void restarts_compare(struct sim *s);
void restarts_done(struct sim *s);

#endif
