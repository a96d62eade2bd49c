/* api/actions.c - the families of actions that are built; adding one is one line here. */
#include <string.h>

#include "api/action.h"

extern const struct action_family family_backfill, family_event, family_event_case, family_explain, family_folder,
    family_group, family_instance, family_instance_log, family_keys, family_neighbours, family_project, family_server,
    family_task_folder, family_workflow;

static const struct action_family *const families[] = {
    &family_backfill, &family_event,       &family_event_case, &family_explain, &family_folder,
    &family_group,    &family_instance,    &family_instance_log, &family_keys,  &family_neighbours,
    &family_project,  &family_server,      &family_task_folder, &family_workflow,
};

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
