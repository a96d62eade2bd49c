/* test/sim/informed.c - see informed.h. */
#include "informed.h"

#include <inttypes.h>
#include <stdio.h>

#include "checkers.h"
#include "definitions.h"

/* Its newest document does; one that is submitted has been read already. */
static bool draft_names(struct sim *s, const struct sim_task *t, int64_t id)
{
    struct sim_definition d;

    sim_define_again(s, t->given, &d);
    return sim_depends_on(d.spec, id);
}

static void expect(struct sim *s, const struct sim_task *t, const struct sim_task *deleted,
                   struct wall at)
{
    char name[200];

    snprintf(name, sizeof(name), ALARM_UPSTREAM_DELETED " %" PRId64 " %" PRId64 " %" PRId64 " %s",
             t->id, deleted->id, at.us, t->owner);
    alarms_expect(s, name);
}

void informed_expect(struct sim *s, const struct sim_task *deleted, struct wall at)
{
    for (int k = 0; k < s->defs.n_tasks; k++) {
        const struct sim_task *t = &s->defs.tasks[k];
        bool in_ops = t->there && sim_depends_on(t->spec, deleted->id);
        if (!in_ops && !(t->there && draft_names(s, t, deleted->id)))
            continue;
        expect(s, t, deleted, at);
        coverage_feature(s, in_ops ? SIM_HAS_informed : SIM_HAS_informed_draft);
    }
}

void informed_name(char out[200], const struct alarm_message_row *m)
{
    snprintf(out, 200, "%.*s %.*s", STR_ARG(m->fired), STR_ARG(m->recipients));
}

void informed_check(struct sim *s, const struct alarm_message_row *m)
{
    const struct sim_task *t = sim_task_find(s, m->task_id);
    struct query q;
    int64_t n;

    query_init(&q, &table_alarm_delivery);
    query_number(&q, ALARM_DELIVERY_MESSAGE_ID, QUERY_EQ, m->id);
    query_number(&q, ALARM_DELIVERY_WAY, QUERY_EQ, ALARM_BY_MAIL);
    check(query_count(store_view(s->store), &q, &n, NULL) == E_OK);
    sim_check(s, n == 1, "1.6: %" PRId64 " deliveries tell one owner of a deleted upstream", n);
    sim_check(s,
              m->round == ALARM_NO_ROUND && str_eq_c(m->project_id, sim_project_names[t->project]),
              "1.6: a deleted upstream is told of an instance, or in another project");
}
