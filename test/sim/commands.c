/* test/sim/commands.c - the engine's commands by name, and how they are posted. */
#include "commands.h"

#include <stdio.h>

#include "mute.h"
#include "sim.h"

struct sim_command {
    struct engine_command command;
    struct sim *s;
    operation *run;
    struct prng random;
    int ordinal;
    bool ran;
    int64_t failures; /* of turns, when it ran */
};

const char *sim_command_name(enum sim_command_kind c)
{
    static const char *const names[SIM_COMMAND_N_] = {
#define X(name) #name,
        SIM_COMMANDS(X)
#undef X
    };

    return names[c];
}

enum err_code sim_did(struct sim *s, enum sim_command_kind c, enum err_code rc)
{
    if (rc == E_OK)
        s->coverage.accepted[c]++;
    else
        s->coverage.refused[c]++;
    return rc;
}

/* A command has dice of its own, so that what it does depends on nothing but its place. */
static enum err_code command_run(struct engine_command *c, struct engine *g, struct err *e)
{
    struct sim_command *k = CONTAINER_OF(c, struct sim_command, command);
    struct sim *s = k->s;
    struct sim_defs before = s->defs;
    struct prng turns = s->random;

    s->random = k->random;
    enum err_code rc = k->run(s, g, e);
    s->random = turns;
    k->ran = true;
    k->failures = s->failures;
    if (rc != E_OK) {
        s->defs = before;
        s->refusals++;
    }
    sim_tell(s, "command %d: %s%s%s", k->ordinal, s->action,
             rc == E_OK ? "" : ", refused: ", rc == E_OK ? "" : e->text);
    return rc;
}

static void command_done(struct engine_command *c, enum err_code rc, const struct err *e)
{
    struct sim_command *k = CONTAINER_OF(c, struct sim_command, command);

    (void)e;
    sim_check(k->s, rc != E_OK || (k->ran && k->failures == k->s->failures),
              "I6: a change is answered as done, and its turn failed");
    mem_free(k);
}

void sim_post(struct sim *s, operation *run)
{
    struct sim_command *k;
    int ordinal = s->n_posted++;

    if (mute_has_command(s, ordinal))
        return;
    k = NEW(struct sim_command);
    k->command = (struct engine_command){ .run = command_run, .done = command_done };
    k->s = s;
    k->run = run;
    k->ordinal = ordinal;
    prng_init(&k->random, hash_u64(s->seed ^ hash_u64((uint64_t)(s->steps * 64 + ordinal) + 1)));
    if (engine_post(s->engine, &k->command, NULL) == E_OK)
        return;
    sim_check(s, s->coverage.faults[SIM_FAULT_queue_full] > 0, "the queue takes nothing");
    mem_free(k);
}

/* ---- a full queue ---------------------------------------------------------------------------- */

struct idle {
    struct engine_command command;
    struct sim *s;
};

static enum err_code idle_run(struct engine_command *c, struct engine *g, struct err *e)
{
    (void)c, (void)g, (void)e;
    return E_OK;
}

static void idle_done(struct engine_command *c, enum err_code rc, const struct err *e)
{
    struct idle *idle = CONTAINER_OF(c, struct idle, command);

    (void)rc, (void)e;
    idle->s->n_idle--;
    mem_free(idle);
}

void sim_fill_queue(struct sim *s)
{
    for (int n = 0; n <= ENGINE_QUEUE_MAX; n++) {
        struct idle *idle = NEW(struct idle);
        *idle = (struct idle){ { .run = idle_run, .done = idle_done }, s };
        s->n_idle++;
        if (engine_post(s->engine, &idle->command, NULL) == E_OK)
            continue;
        idle_done(&idle->command, E_OK, NULL);
        /* Some may be there from the last time. */
        sim_check(s, s->n_idle > ENGINE_QUEUE_MAX / 2, "the queue is full after %d commands", n);
        return;
    }
    sim_fail(s, "the queue takes more than %d commands", ENGINE_QUEUE_MAX);
}
