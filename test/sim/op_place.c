/* test/sim/op_place.c - projects, resource groups and folders. */
#include <stdio.h>

#include "engine/cmd_folder.h"
#include "engine/cmd_group.h"
#include "engine/cmd_project.h"
#include "engine/cmd_task_folder.h"
#include "operators.h"
#include "picture.h"
#include "toggles.h"

static struct str any_project(struct sim *s)
{
    return str_from(sim_project_names[sim_below(s, SIM_PROJECTS)]);
}

/* ---- projects -------------------------------------------------------------------------------- */

enum err_code op_toggle_project(struct sim *s, struct engine *g, struct err *e)
{
    int p = (int)sim_below(s, SIM_PROJECTS);

    snprintf(s->action, sizeof(s->action), "toggle project %d", p);
    s->defs.enabled[p] = !s->defs.enabled[p];
    toggle_add(s, p, s->defs.enabled[p]);
    return SIM_DO(s, project_enable, g, str_from(sim_project_names[p]), s->defs.enabled[p], e);
}

/* One that nothing happens in. */
enum err_code op_spare_project(struct sim *s, struct engine *g, struct err *e)
{
    struct project_request r = { .id = STR("1009"),
                                 .name = STR("spare"),
                                 .display_name = STR("spare"),
                                 .creator_uin = STR("1") };
    struct str id, owner = STR("2");
    struct project_change change = { .owner_uin = &owner };

    snprintf(s->action, sizeof(s->action), "the spare project");
    switch (sim_below(s, 3)) {
    case 0:
        return SIM_DO(s, project_create, g, &r, &id, e);
    case 1:
        return SIM_DO(s, project_update, g, sim_chance(s, 50) ? any_project(s) : r.id, &change, e);
    default:
        return SIM_DO(s, project_delete, g, r.id, e);
    }
}

/* What is in use is not deleted. */
enum err_code op_delete_used(struct sim *s, struct engine *g, struct err *e)
{
    int k = 1 + (int)sim_below(s, SIM_GROUPS - 1);
    bool project = sim_chance(s, 50), used = false;
    enum err_code rc;

    for (int n = 0; n < s->defs.n_tasks; n++)
        used = used || (s->defs.tasks[n].there && sim_group_of(s->defs.tasks[n].spec) == k);
    if (project ? !s->defs.workflows[0].there : !used)
        return E_OK; /* it would succeed, and they are needed */
    snprintf(s->action, sizeof(s->action), "delete a %s in use", project ? "project" : "group");
    rc = project ? SIM_DO(s, project_delete, g, str_from(sim_project_names[0]), e)
                 : SIM_DO(s, group_delete, g, str_from(sim_group_names[k]), e);
    sim_check(s, rc != E_OK, "what is in use is deleted");
    return rc;
}

/* ---- groups ---------------------------------------------------------------------------------- */

enum err_code op_slots(struct sim *s, struct engine *g, struct err *e)
{
    int k = 1 + (int)sim_below(s, SIM_GROUPS - 1);
    int64_t few = 1 + sim_below(s, k == 1 ? 2 : 8);
    int64_t slots = few * (sim_maybe(s, s->odds->slots_ample) ? s->odds->slots[1] : 1);
    struct group_change change = { .slots = &slots };

    snprintf(s->action, sizeof(s->action), "slots of group %d", k);
    s->defs.slots[k] = (int)slots;
    return SIM_DO(s, group_update, g, str_from(sim_group_names[k]), &change, e);
}

/* What can be done to the spare group, in this order; dissociate from *ret_project. */
enum spare { SPARE_CREATE, SPARE_ASSOCIATE, SPARE_DISSOCIATE, SPARE_DELETE };

static enum spare spare_next(struct engine *g, struct str *ret_project)
{
    struct group_row group = { .id = STR("2009") };

    if (row_get(engine_view(g), &table_group, engine_arena(g), &group, NULL) != E_OK)
        return SPARE_CREATE;
    for (int p = 0; p < SIM_PROJECTS; p++) {
        struct group_project_row row = { .group_id = group.id,
                                         .project_id = str_from(sim_project_names[p]) };
        if (row_get(engine_view(g), &table_group_project, engine_arena(g), &row, NULL) == E_OK) {
            *ret_project = str_from(sim_project_names[p]);
            return SPARE_DISSOCIATE;
        }
    }
    return SPARE_ASSOCIATE;
}

enum err_code op_spare_group(struct sim *s, struct engine *g, struct err *e)
{
    struct group_request r = { .id = STR("2009"),
                               .name = STR("spare"),
                               .type = STR("Schedule"),
                               .slots = 4,
                               .creator_uin = STR("1"),
                               .doc = STR("{}"),
                               .slots_path = "Number" };
    struct str id;

    snprintf(s->action, sizeof(s->action), "the spare group");
    enum spare what = (enum spare)sim_below(s, 4);
    struct str project = any_project(s);
    if (sim_chance(s, 60)) /* what is possible */
        what = spare_next(g, &project);
    switch (what) {
    case SPARE_CREATE:
        return SIM_DO(s, group_create, g, &r, &id, e);
    case SPARE_ASSOCIATE:
        return SIM_DO(s, group_associate, g, r.id, project, e);
    case SPARE_DISSOCIATE:
        return SIM_DO(s, group_dissociate, g, r.id, project, e);
    default:
        return SIM_DO(s, group_delete, g, r.id, e);
    }
}

/* ---- folders --------------------------------------------------------------------------------- */

int any_folder(struct sim *s)
{
    int k = (int)sim_below(s, SIM_FOLDERS);

    if (sim_chance(s, 25))
        return 0;
    for (int n = 0; n < SIM_FOLDERS && !s->defs.folders[k].there; n++)
        k = (k + 1) % SIM_FOLDERS;
    return s->defs.folders[k].there ? k + 1 : 0;
}

static struct str folder_id(struct engine *g, int folder)
{
    return arena_printf(engine_arena(g), "folder%d", folder - 1);
}

struct str sim_folder_path(struct engine *g, int folder)
{
    struct folder_row row = { .id = folder_id(g, folder), .path = STR("/") };

    /* Where the store fails, so does the command. */
    if (folder == 0 || row_get(engine_view(g), &table_folder, engine_arena(g), &row, NULL) != E_OK)
        return STR("/");
    return row.path;
}

static bool folder_is_empty(const struct sim *s, int folder)
{
    bool empty = true;

    for (int k = 0; k < SIM_FOLDERS; k++)
        empty = empty && !(s->defs.folders[k].there && s->defs.folders[k].parent == folder);
    for (int k = 0; k < SIM_WORKFLOWS; k++)
        empty = empty && !(s->defs.workflows[k].there && s->defs.workflows[k].folder == folder);
    return empty;
}

/* Ids, so that a folder can be found again; one in the other, as it comes. */
enum err_code sim_folder_create(struct sim *s, struct engine *g, int k, struct err *e)
{
    int parent = any_folder(s);
    struct str made;
    struct folder_request r = { .id = folder_id(g, k + 1),
                                .project_id = str_from(sim_project_names[0]),
                                .parent_path = sim_folder_path(g, parent),
                                .name = arena_printf(engine_arena(g), "f%d", k),
                                .creator_uin = STR("1") };

    s->defs.folders[k] = (struct sim_folder){ true, parent };
    return SIM_DO(s, folder_create, g, &workflow_folders, &r, &made, e);
}

enum err_code op_folders(struct sim *s, struct engine *g, struct err *e)
{
    int k = (int)sim_below(s, SIM_FOLDERS), kind = (int)sim_below(s, 3);
    bool there = s->defs.folders[k].there, empty = folder_is_empty(s, k + 1);
    struct str project = str_from(sim_project_names[0]), id = folder_id(g, k + 1);
    enum err_code rc;

    snprintf(s->action, sizeof(s->action), "folder %d, kind %d", k, kind);
    if (kind == 1) /* a name may be taken */
        return SIM_DO(s, folder_rename, g, &workflow_folders, project, id,
                      arena_printf(engine_arena(g), "n%d", (int)sim_below(s, 9)), e);
    if (kind == 0) {
        rc = sim_folder_create(s, g, k, e);
    } else {
        s->defs.folders[k].there = false;
        picture_drop_entity(s, k);
        rc = SIM_DO(s, folder_delete, g, &workflow_folders, project, id, e);
    }
    sim_check(s, (rc == E_OK) == (kind == 0 ? !there : there && empty) || rc == E_IO,
              "1.3: folder %d is %s, and: %s", k, there ? "there" : "not there", e->text);
    return rc;
}

enum err_code op_task_folders(struct sim *s, struct engine *g, struct err *e)
{
    int k = (int)sim_below(s, 3);
    struct task_folder_key key = { .project_id = str_from(sim_project_names[0]),
                                   .workflow_id = str_from(sim_workflow_names[0]),
                                   .id = arena_printf(engine_arena(g), "inner%d", k) };
    struct task_folder_request r = { .id = key.id,
                                     .project_id = key.project_id,
                                     .workflow_id = key.workflow_id,
                                     .type = STR("GENERAL"),
                                     .parent_path = STR("/"),
                                     .name = arena_printf(engine_arena(g), "f%d", k),
                                     .creator_uin = STR("1") };
    struct str made;

    snprintf(s->action, sizeof(s->action), "task folder %d", k);
    switch (sim_below(s, 3)) {
    case 0:
        return SIM_DO(s, task_folder_create, g, &r, &made, e);
    case 1:
        return SIM_DO(s, task_folder_rename, g, &key,
                      arena_printf(engine_arena(g), "n%d", (int)sim_below(s, 9)), e);
    default:
        return SIM_DO(s, task_folder_delete, g, &key, e);
    }
}
