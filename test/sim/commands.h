/* test/sim/commands.h - every command of the engine, and how operators give them.
 *
 * The list has what src/engine/cmd_*.h offers; test/sim/t_commands.py holds it against the
 * headers.  A command that no operation uses is never counted, and --require says so.
 */
#ifndef TEST_SIM_COMMANDS_H
#define TEST_SIM_COMMANDS_H

#include "base/err.h"

struct engine;
struct sim;

#define SIM_COMMANDS(X)                                                                            \
    X(alarm_rule_create)                                                                           \
    X(alarm_rule_update)                                                                           \
    X(alarm_rule_delete)                                                                           \
    X(alarm_acknowledge)                                                                           \
    X(alarm_delivered)                                                                             \
    X(backfill_create)                                                                             \
    X(backfill_delete)                                                                             \
    X(calendar_put)                                                                                \
    X(calendar_create)                                                                             \
    X(calendar_update)                                                                             \
    X(calendar_delete)                                                                             \
    X(event_register)                                                                              \
    X(event_fire)                                                                                  \
    X(folder_create)                                                                               \
    X(folder_rename)                                                                               \
    X(folder_delete)                                                                               \
    X(group_create)                                                                                \
    X(group_update)                                                                                \
    X(group_delete)                                                                                \
    X(group_associate)                                                                             \
    X(group_dissociate)                                                                            \
    X(manual_run)                                                                                  \
    X(instances_kill)                                                                              \
    X(instances_set_success)                                                                       \
    X(instances_rerun)                                                                             \
    X(listener_put)                                                                                \
    X(ops_start)                                                                                   \
    X(ops_pause)                                                                                   \
    X(ops_stop)                                                                                    \
    X(ops_owner)                                                                                   \
    X(member_add)                                                                                  \
    X(member_remove)                                                                               \
    X(member_grant)                                                                                \
    X(member_revoke)                                                                               \
    X(member_make_managers)                                                                        \
    X(permission_grant)                                                                            \
    X(permission_revoke)                                                                           \
    X(project_create)                                                                              \
    X(project_update)                                                                              \
    X(project_enable)                                                                              \
    X(project_delete)                                                                              \
    X(resource_create)                                                                             \
    X(resource_update)                                                                             \
    X(resource_delete)                                                                             \
    X(task_create)                                                                                 \
    X(task_change)                                                                                 \
    X(task_delete)                                                                                 \
    X(task_submit)                                                                                 \
    X(task_folder_create)                                                                          \
    X(task_folder_rename)                                                                          \
    X(task_folder_delete)                                                                          \
    X(workflow_create)                                                                             \
    X(workflow_update)                                                                             \
    X(workflow_delete)

enum sim_command_kind {
#define X(name) SIM_COMMAND_##name,
    SIM_COMMANDS(X)
#undef X
        SIM_COMMAND_N_
};
const char *sim_command_name(enum sim_command_kind c);

/* Counts what the engine answered to a command, and answers it too. */
enum err_code sim_did(struct sim *s, enum sim_command_kind c, enum err_code rc);
#define SIM_DO(s, name, ...) sim_did(s, SIM_COMMAND_##name, name(__VA_ARGS__))

/* What somebody does: runs inside a turn.  It changes the simulation's own picture first (s->defs),
 * as the checkers judge the effects of a command by it; a refused one takes that back. */
typedef enum err_code operation(struct sim *s, struct engine *g, struct err *e);
/* Into the engine's queue.  It has dice of its own. */
void sim_post(struct sim *s, operation *run);
/* As many commands without meaning as the queue takes, and one more, which is refused. */
void sim_fill_queue(struct sim *s);

#endif
