/* test/sim/operators.c - what people do, and how often; what there is from the beginning. */
#include "operators.h"

#include <stdio.h>

#include "engine/cmd_event.h"
#include "engine/cmd_group.h"
#include "engine/cmd_project.h"
#include "events.h"
#include "picture.h"

/* ---- what there is from the beginning ------------------------------------------------------- */

static enum err_code make_projects(struct sim *s, struct engine *g, struct err *e)
{
    enum err_code rc = E_OK;
    struct str id;

    for (int p = 0; p < SIM_PROJECTS && rc == E_OK; p++) {
        struct str name = arena_printf(engine_arena(g), "p%d", p);
        struct project_request project = { .id = str_from(sim_project_names[p]),
                                           .name = name,
                                           .display_name = name,
                                           .creator_uin = STR("1") };
        rc = SIM_DO(s, project_create, g, &project, &id, e);
    }
    for (int k = 0; k < SIM_FOLDERS && rc == E_OK; k++)
        rc = sim_folder_create(s, g, k, e);
    /* Each makes one that is missing. */
    for (int w = 0; w < SIM_WORKFLOWS && rc == E_OK; w++)
        rc = op_workflow_create(s, g, e);
    return rc;
}

static enum err_code make_rest(struct sim *s, struct engine *g, struct err *e)
{
    enum err_code rc = E_OK;
    struct event_row row;
    struct str id;

    for (int k = 1; k < SIM_GROUPS && rc == E_OK; k++) {
        struct group_request group = { .id = str_from(sim_group_names[k]),
                                       .name = arena_printf(engine_arena(g), "g%d", k),
                                       .type = STR("Schedule"),
                                       .slots = s->defs.slots[k],
                                       .creator_uin = STR("1"),
                                       .doc = STR("{}"),
                                       .slots_path = "Number" };
        rc = SIM_DO(s, group_create, g, &group, &id, e);
    }
    for (int k = 0; k < SIM_EVENTS && rc == E_OK; k++) {
        struct event_request event;
        sim_event_request(s, k, &event);
        rc = SIM_DO(s, event_register, g, &event, &row, e);
    }
    return rc;
}

static enum err_code furnish(struct sim *s, struct engine *g, struct err *e)
{
    enum err_code rc = make_projects(s, g, e);

    if (rc == E_OK)
        rc = make_rest(s, g, e);
    sim_check(s, rc == E_OK, "%s: %s", e->path, e->text);
    return rc;
}

void sim_furnish(struct sim *s)
{
    sim_post(s, furnish);
}

/* ---- what is done ---------------------------------------------------------------------------- */

struct choice {
    operation *run;
    int weight;
};

static const struct choice usual[] = {
    { op_submit, 30 },
    { op_submit_draft, 5 },
    { op_draft, 6 },
    { op_ways, 10 },
    { op_delete_task, 10 },
    { op_owner, 5 },
    { op_listener, 6 },
    { op_status, 14 },
    { op_stop_workflow, 3 },
    { op_kill, 20 },
    { op_set_success, 12 },
    { op_refused, 6 },
    { op_rerun_direct, 20 },
    { op_rerun, 14 },
    { op_backfill, 20 },
    { op_backfill_delete, 8 },
    { op_fire, 14 },
    { op_fire_wanted, 22 },
    { op_register, 1 },
    { op_calendar, 8 },
    { op_calendar_delete, 2 },
    { op_unify, 9 },
    { op_workflow_params, 6 },
    { op_workflow_delete, 1 },
    { op_workflow_create, 6 },
    { op_toggle_project, 8 },
    { op_slots, 10 },
    { op_spare_project, 3 },
    { op_spare_group, 4 },
    { op_folders, 8 },
    { op_task_folders, 3 },
    { op_delete_used, 2 },
    { op_member, 8 },
    { op_alarm_rule, 16 },
    { op_acknowledge, 3 },
    { op_deliver, 12 },
    { op_permission, 12 },
    { op_resources, 14 },
    { op_again_untold, 6 },
    { op_again_merged, 8 },
    { op_backfill_cycle, 10 },
    { op_join_cycle, 6 },
    { op_submit_paused, 5 },
    { op_backfill_beyond, 6 },
    { op_backfill_against, 8 },
    { op_run_before_promised, 12 },
};
/* Plans are made of what is submitted and ends, and deleted while others come to depend on them. */
static const struct choice on_plans[] = {
    { op_submit, 12 },
    { op_submit_draft, 2 },
    { op_ways, 3 },
    { op_delete_task, 4 },
    { op_listener, 1 },
    { op_status, 4 },
    { op_stop_workflow, 1 },
    { op_kill, 6 },
    { op_set_success, 4 },
    { op_refused, 2 },
    { op_rerun_direct, 6 },
    { op_rerun, 8 },
    { op_backfill, 30 },
    { op_backfill_delete, 20 },
    { op_backfill_cycle, 3 },
    { op_backfill_beyond, 4 },
    { op_backfill_against, 10 },
    { op_run_before_promised, 10 },
    { op_calendar, 1 },
    { op_unify, 2 },
    { op_toggle_project, 1 },
    { op_slots, 3 },
    { op_alarm_rule, 6 },
    { op_alarm_share, 8 },
    { op_deliver, 3 },
    { op_again_untold, 4 },
    { op_again_merged, 2 },
    { op_join_cycle, 2 },
    { op_fire_wanted, 2 },
    { op_workflow_create, 1 },
    { op_backfill_doomed, 8 },
    { op_delete_new_upstream, 4 },
};
static const struct choice on_instances[] = {
    { op_kill, 5 },         { op_refused, 5 }, { op_backfill, 2 }, { op_set_success, 4 },
    { op_rerun_direct, 2 }, { op_rerun, 4 },   { op_status, 3 },   { op_submit, 2 },
    { op_delete_task, 2 },  { op_owner, 1 },   { op_listener, 1 },
};

static operation *pick(struct sim *s, const struct choice *all, size_t n)
{
    int64_t total = 0;

    for (size_t k = 0; k < n; k++)
        total += all[k].weight;
    for (int64_t at = sim_below(s, total); at >= all->weight; all++)
        at -= all->weight;
    return all->run;
}

/* An instance that something is about to happen to: an attempt that has ended, one that runs, one
 * that waits. */
static void focus_choose(struct sim *s)
{
    size_t alive = s->n_alive, n = s->image.n_instances;

    s->focus = (struct instance_key){ 0 };
    if (alive > 0 && sim_chance(s, 70))
        s->focus = s->attempts[s->alive[sim_below(s, (int64_t)alive)]].key;
    else if (n > 0)
        s->focus = s->image.instances[n - 1 - (size_t)sim_below(s, n < 20 ? (int64_t)n : 20)].key;
}

void sim_operate(struct sim *s, bool only_submit)
{
    int64_t n = 1 + sim_below(s, 3);
    bool pile = !only_submit && sim_fault(s, SIM_FAULT_pile, 120);

    s->focus = (struct instance_key){ 0 };
    if (s->odds->keeps_going && !only_submit)
        sim_post(s, op_keep_going);
    if (!only_submit && s->faults)
        sim_try(s);
    if (pile) {
        focus_choose(s);
        n += 1 + sim_below(s, 4);
    }
    if (!only_submit && sim_fault(s, SIM_FAULT_queue_full, 2))
        sim_fill_queue(s);
    /* The picks are made whatever is left out, so that the dice stay alike. */
    while (n-- > 0)
        sim_post(s, only_submit      ? (sim_chance(s, 10) ? op_calendar : op_submit)
                    : pile           ? pick(s, on_instances, ARRAY_LEN(on_instances))
                    : s->odds->plans ? pick(s, on_plans, ARRAY_LEN(on_plans))
                                     : pick(s, usual, ARRAY_LEN(usual)));
    if (!only_submit && s->odds->plans && sim_chance(s, 40))
        sim_post(s, op_kill_promised);
    if (!only_submit && s->manual && sim_chance(s, 60))
        sim_post(s, op_manual_run);
    if (!only_submit && s->faults && hash_u64(s->seed + hash_u64((uint64_t)s->steps)) % 3 == 0)
        sim_post(s, op_backfill_before_firing);
}
