/* test/sim/operators.h - what people do, one function for each kind; by noun in op_*.c. */
#ifndef TEST_SIM_OPERATORS_H
#define TEST_SIM_OPERATORS_H

#include "commands.h"
#include "sim.h"

/* op_task.c */
operation op_submit, op_submit_draft, op_draft, op_ways, op_delete_task, op_delete_new_upstream,
    op_owner, op_listener;
/* One that was not there yet; and with a random document into production. */
struct sim_task *sim_new_task(struct sim *s, int flow);
enum err_code sim_submit(struct sim *s, struct engine *g, struct sim_task *t, struct err *e);
/* op_again.c */
operation op_again_untold, op_again_merged, op_try_submit, op_try_run, op_submit_paused;
/* Now and then a task is tried; and the turn is lost. */
void sim_try(struct sim *s);
void sim_try_failed(struct sim *s);
/* op_ahead.c */
operation op_backfill_beyond, op_backfill_before_firing, op_backfill_cycle, op_join_cycle;
/* op_promised.c */
operation op_backfill_against, op_run_before_promised, op_backfill_doomed;
/* op_status.c */
operation op_status, op_start_changed, op_pause_all, op_keep_going, op_stop_workflow;
/* op_instance.c */
operation op_kill, op_kill_promised, op_set_success, op_refused, op_rerun_direct, op_rerun;
/* The success of a round that this command has begun.  It may be over already: then it stays so. */
enum err_code sim_succeed(struct sim *s, struct engine *g, struct instance_key key, struct err *e);
/* op_backfill.c */
operation op_backfill, op_backfill_delete;
/* op_manual.c */
operation op_manual_run;
/* op_event.c */
operation op_fire, op_fire_wanted, op_register;
/* op_calendar.c */
operation op_calendar, op_calendar_delete;
/* op_workflow.c */
operation op_unify, op_workflow_params, op_workflow_delete, op_workflow_create;
/* op_place.c: projects, groups, folders */
operation op_toggle_project, op_slots, op_spare_project, op_spare_group, op_folders,
    op_task_folders, op_delete_used;
/* One of those that are there, from 1, or 0: none; the path of one, in the engine's arena. */
int any_folder(struct sim *s);
struct str sim_folder_path(struct engine *g, int folder);
enum err_code sim_folder_create(struct sim *s, struct engine *g, int k, struct err *e);
/* op_resource.c; and that the store has the files and folders that the commands made */
operation op_resources;
void resources_check(struct sim *s);
/* op_alarm.c */
operation op_alarm_rule, op_alarm_share, op_stop_counting, op_acknowledge, op_deliver;
/* op_member.c; and that the store has the members that the commands made */
operation op_member;
extern const char *const sim_accounts[SIM_MEMBERS];
void members_check(struct sim *s);
/* op_permission.c; that each account reaches what it should; and that an entity or an account of a
 * project took its permissions along */
operation op_permission;
void permissions_check(struct sim *s);
void picture_drop_entity(struct sim *s, int entity);
void picture_drop_member(struct sim *s, int project, int account);
/* Some account that has a permission of its own; stays as it is where there is none. */
void picture_any_grantee(const struct sim *s, int *project, int *account);

#endif
