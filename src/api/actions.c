/* api/actions.c - the families of actions that are built; adding one is one line here. */
#include "api/action.h"

/* clang-format off */
#define FAMILIES(F)                                                                                \
    F(alarm_message)                                                                               \
    F(alarm_rule)                                                                                  \
    F(audit)                                                                                       \
    F(backfill)                                                                                    \
    F(backfill_delete)                                                                             \
    F(backfill_instance)                                                                           \
    F(backfill_list)                                                                               \
    F(calendar)                                                                                    \
    F(event)                                                                                       \
    F(event_case)                                                                                  \
    F(event_consumer)                                                                              \
    F(event_listener)                                                                              \
    F(event_old)                                                                                   \
    F(explain)                                                                                     \
    F(folder)                                                                                      \
    F(group)                                                                                       \
    F(group_metrics)                                                                               \
    F(instance)                                                                                    \
    F(instance_log)                                                                                \
    F(instance_ops)                                                                                \
    F(job)                                                                                         \
    F(keys)                                                                                        \
    F(ledger)                                                                                      \
    F(manual)                                                                                      \
    F(member)                                                                                      \
    F(neighbours)                                                                                  \
    F(ops)                                                                                         \
    F(ops_edge)                                                                                    \
    F(ops_task)                                                                                    \
    F(ops_workflow)                                                                                \
    F(permission)                                                                                  \
    F(preview)                                                                                     \
    F(project)                                                                                     \
    F(resource)                                                                                    \
    F(resource_upload)                                                                             \
    F(server)                                                                                      \
    F(task)                                                                                        \
    F(task_folder)                                                                                 \
    F(task_list)                                                                                   \
    F(task_read)                                                                                   \
    F(version)                                                                                     \
    F(workflow)
/* clang-format on */

#define DECLARE(name) extern const struct action_family family_##name;
FAMILIES(DECLARE)

#define LIST(name) &family_##name,
static const struct action_family *const families[] = { FAMILIES(LIST) };

const struct action *action_at(size_t i)
{
    for (size_t f = 0; f < ARRAY_LEN(families); f++) {
        if (i < families[f]->n)
            return &families[f]->actions[i];
        i -= families[f]->n;
    }
    return NULL;
}

const struct action *action_find(struct str version, struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(families); i++)
        for (size_t j = 0; j < families[i]->n; j++) {
            const struct action *a = &families[i]->actions[j];
            if (str_eq_c(name, a->name) && str_eq_c(version, a->version))
                return a;
        }
    return NULL;
}
