/* cli/project_belongs.c - what belongs to a project as a whole, as a server has it: settings,
 * resource groups, events, folders, permissions, members. */
#include "cli/project.h"

#include <string.h>

enum { PAGE = 200 };

struct belongings {
    struct session *s;
    struct project_names *names;
    struct project *project;
};

static json_t *in_project(const struct session *s)
{
    return json_pack("{s:s}", "ProjectId", s->project);
}

static struct project_item *add(struct project *p, enum definition_kind kind, const char *name,
                                const json_t *value)
{
    json_t *normal = shape_normal(definition_shapes[kind], value);

    definition_sort(normal);
    struct project_item *made = project_add(p, kind, name, normal);
    if (!made)
        json_decref(normal);
    return made;
}

static void keep_id(struct project *p, struct project_item *item, const char *id)
{
    if (item)
        item->id = arena_cstr(p->arena, str_from(id));
}

static int load_settings(struct belongings *b)
{
    json_t *response;
    int status = session_call(b->s, VERSION_2025, "GetProject", in_project(b->s), &response);

    if (status != EXIT_DONE)
        return status;
    json_t *data = json_object_get(response, "Data");
    json_object_set_new(data, "Format", json_integer(PROJECT_FORMAT));
    add(b->project, DEFINITION_PROJECT, DEFINITION_SETTINGS, data);
    json_decref(response);
    return EXIT_DONE;
}

/* ---- resource groups ----------------------------------------------------------------------- */

static bool is_associated(const struct session *s, const json_t *group)
{
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(group, "AssociateProjects"), i, item)
    {
        if (strcmp(text_of(item, "ProjectId"), s->project) == 0)
            return true;
    }
    return false;
}

/* The list does not say how many slots a group has. */
static int load_group(struct belongings *b, json_t *group)
{
    json_t *response;
    const char *id = text_of(group, "Id"), *name = text_of(group, "Name");
    int status = session_call(b->s, VERSION_2025, "GetResourceGroupMetrics",
                              json_pack("{s:s}", "ResourceGroupId", id), &response);

    if (status != EXIT_DONE)
        return status;
    json_object_set(group, "Number",
                    json_object_get(json_object_get(response, "Data"), "MaximumConcurrency"));
    json_object_set(group, "ResourceRegion", json_object_get(group, "Region"));
    json_object_set_new(group, "Associated", json_boolean(is_associated(b->s, group)));
    keep_id(b->project, add(b->project, DEFINITION_GROUP, name, group), id);
    json_decref(response);
    return EXIT_DONE;
}

/* ---- lists ----------------------------------------------------------------------------------- */

typedef int take_item(struct belongings *b, json_t *item);

static int each_item(struct belongings *b, const char *version, const char *action, json_t *params,
                     take_item *take)
{
    json_t *items, *item;
    size_t i;
    int status = session_items(b->s, version, action, params, PAGE, &items);

    if (status != EXIT_DONE)
        return status;
    json_array_foreach(items, i, item)
    {
        status = take(b, item);
        if (status != EXIT_DONE)
            break;
    }
    json_decref(items);
    return status;
}

static int load_event(struct belongings *b, json_t *item)
{
    add(b->project, DEFINITION_EVENT, text_of(item, "Name"), item);
    return EXIT_DONE;
}

static int load_member(struct belongings *b, json_t *item)
{
    json_t *names = json_array(), *role;
    size_t i;

    json_array_foreach(json_object_get(item, "Roles"), i, role)
        json_array_append(names, json_object_get(role, "RoleName"));
    json_object_set_new(item, "Roles", names);
    struct project_item *made = add(b->project, DEFINITION_MEMBER, text_of(item, "UserUin"), item);
    if (made)
        made->stays = json_is_true(json_object_get(item, "IsProjectOwner"));
    return EXIT_DONE;
}

static int load_folder(struct belongings *b, json_t *item)
{
    json_t *nothing = json_object();

    keep_id(b->project, add(b->project, DEFINITION_FOLDER, text_of(item, "FolderPath"), nothing),
            text_of(item, "FolderId"));
    json_decref(nothing);
    return EXIT_DONE;
}

/* Each folder that was found is looked into, too. */
static int load_folders(struct belongings *b)
{
    const char *path = "/";
    int status = EXIT_DONE;

    for (size_t next = 0; path && status == EXIT_DONE; next++) {
        status =
            each_item(b, VERSION_2025, "ListWorkflowFolders",
                      json_pack("{s:s,s:s}", "ProjectId", b->s->project, "ParentFolderPath", path),
                      load_folder);
        path = next < b->project->n[DEFINITION_FOLDER]
                   ? b->project->items[DEFINITION_FOLDER][next]->name
                   : NULL;
    }
    return status;
}

int project_load_belongs(struct session *s, struct project_names *n, struct project *p)
{
    struct belongings b = { .s = s, .names = n, .project = p };
    int status = load_settings(&b);

    if (status == EXIT_DONE)
        status = each_item(&b, VERSION_2025, "ListResourceGroups", json_object(), load_group);
    if (status == EXIT_DONE)
        status = each_item(&b, VERSION_WEFT, "ListEvents", in_project(s), load_event);
    if (status == EXIT_DONE)
        status = each_item(&b, VERSION_2025, "ListProjectMembers", in_project(s), load_member);
    return status == EXIT_DONE ? load_folders(&b) : status;
}

/* ---- permissions ----------------------------------------------------------------------------- */

/* A role that nobody knows keeps its id. */
static void name_permission(struct belongings *b, const json_t *item, json_t *list)
{
    const char *id = text_of(item, "PermissionTargetId");
    bool is_role = strcmp(text_of(item, "PermissionTargetType"), "role") == 0;
    const char *name = is_role ? names_role(b->names, id) : id;

    json_array_append_new(list, json_pack("{s:s}", is_role ? "Role" : "User", name ? name : id));
}

static int load_permissions(struct belongings *b, struct project_item *of)
{
    json_t *items, *item, *list;
    size_t i;
    int status = session_items(b->s, VERSION_2025, "ListWorkflowPermissions",
                               json_pack("{s:s,s:s,s:s}", "ProjectId", b->s->project, "EntityId",
                                         of->id, "EntityType",
                                         of->kind == DEFINITION_FOLDER ? "folder" : "workflow"),
                               PAGE, &items);

    if (status != EXIT_DONE)
        return status;
    list = json_array();
    json_array_foreach(items, i, item) name_permission(b, item, list);
    json_object_set_new(of->definition, "Permissions", list);
    definition_sort(of->definition);
    json_decref(items);
    return EXIT_DONE;
}

int project_load_permissions(struct session *s, struct project_names *n, struct project *p)
{
    static const enum definition_kind kinds[] = { DEFINITION_FOLDER, DEFINITION_WORKFLOW };
    struct belongings b = { .s = s, .names = n, .project = p };
    int status = EXIT_DONE;

    for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
        for (size_t i = 0; i < p->n[kinds[k]] && status == EXIT_DONE; i++)
            status = load_permissions(&b, p->items[kinds[k]][i]);
    return status;
}
