/* test/sim/operators.h - what people do, one function for each kind; by noun in op_*.c. */
#ifndef TEST_SIM_OPERATORS_H
#define TEST_SIM_OPERATORS_H

#include "commands.h"

struct sim_task;

/* op_task.c */
operation op_submit, op_submit_draft, op_draft, op_ways, op_delete_task, op_owner, op_listener;
/* op_status.c */
operation op_status, op_pause_all, op_keep_going, op_stop_workflow;
/* op_instance.c */
operation op_kill, op_set_success, op_refused, op_rerun_direct, op_rerun;
/* op_backfill.c */
operation op_backfill, op_backfill_delete;
/* op_event.c */
operation op_fire, op_fire_wanted, op_register;
/* op_calendar.c */
operation op_calendar, op_calendar_delete;
/* op_workflow.c */
operation op_unify, op_workflow_params, op_workflow_delete, op_workflow_create;
/* op_place.c: projects, groups, folders */
operation op_toggle_project, op_slots, op_spare_project, op_spare_group, op_folders,
    op_task_folders, op_delete_used;
/* op_resource.c; and that the store has the files and folders that the commands made */
operation op_resources;
void resources_check(struct sim *s);
/* op_alarm.c */
operation op_alarm_rule, op_acknowledge, op_deliver;
/* op_member.c; and that the store has the members that the commands made */
operation op_member;
void members_check(struct sim *s);

#endif
