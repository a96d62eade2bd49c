/* cli/apply_belongs.c - carries out what files ask for: what belongs to the project as a whole. */
#include "cli/apply.h"

#include <string.h>

static json_t *in_project(struct apply *a)
{
    return json_pack("{s:s}", "ProjectId", a->s->project);
}

static json_int_t number_of(const struct project_item *item, const char *name)
{
    return json_integer_value(json_object_get(item->definition, name));
}

/* ---- settings -------------------------------------------------------------------------------- */

static bool differs_in(const struct change *c, const char *name)
{
    return !json_equal(json_object_get(c->want->definition, name),
                       json_object_get(c->have->definition, name));
}

int apply_disabled(struct apply *a, struct change *c)
{
    return differs_in(c, "Status") && number_of(c->want, "Status") == 0
               ? apply_act(a, c->want, VERSION_2025, "DisableProject", in_project(a))
               : EXIT_DONE;
}

int apply_settings(struct apply *a, struct change *c)
{
    static const char *const texts[] = { "ProjectOwnerUin", "Description" };
    json_t *params = in_project(a);
    int status = EXIT_DONE;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (differs_in(c, texts[i]))
            json_object_set(params, texts[i], json_object_get(c->want->definition, texts[i]));
    if (json_object_size(params) > 1)
        status = apply_act(a, c->want, VERSION_2025, "UpdateProject", json_incref(params));
    json_decref(params);
    if (status == EXIT_DONE && differs_in(c, "Status") && number_of(c->want, "Status") == 1)
        status = apply_act(a, c->want, VERSION_2025, "EnableProject", in_project(a));
    return status;
}

/* ---- resource groups ------------------------------------------------------------------------- */

/* What a group is bought with, and what says nothing here. */
static json_t *bought(const struct project_item *want)
{
    const char *type = text_of(want->definition, "ResourceGroupType");
    json_int_t number = number_of(want, "Number");

    if (strcmp(type, "Integration") == 0)
        return json_pack("{s:s,s:{s:{s:s,s:I}}}", "ResourceGroupType", type, "Integration",
                         "OfflineDataSync", "Specification", "integrated", "Number", number);
    return json_pack("{s:s,s:{s:s,s:I}}", "ResourceGroupType", type, type, "Specification",
                     strcmp(type, "DataService") == 0 ? "ds_s" : "s_small", "Number", number);
}

static int create_group(struct apply *a, const struct project_item *want)
{
    static const char *const texts[] = { "VpcId", "SubNet", "ResourceRegion", "Description" };
    json_t *params = json_pack("{s:s,s:o,s:b,s:i,s:s}", "Name", want->name, "Type", bought(want),
                               "AutoRenewEnabled", 0, "PurchasePeriod", 1, "AssociatedProjectId",
                               a->s->project),
           *response;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        json_object_set_new(params, texts[i], json_string(text_of(want->definition, texts[i])));
    int status = apply_call(a, want, VERSION_2025, "CreateResourceGroup", params, &response);
    if (status != EXIT_DONE)
        return status;
    names_put_group(a->names, text_of(json_object_get(response, "Data"), "ResourceGroupId"),
                    want->name);
    json_decref(response);
    return EXIT_DONE;
}

int apply_group(struct apply *a, struct change *c)
{
    if (!c->have)
        return create_group(a, c->want);
    json_int_t more = number_of(c->want, "Number") - number_of(c->have, "Number");
    int status = EXIT_DONE;
    if (more != 0)
        status =
            apply_act(a, c->want, VERSION_2025, "UpdateResourceGroup",
                      json_pack("{s:s,s:{s:s,s:I}}", "Id", c->have->id, "Number", "Type",
                                more > 0 ? "ADD" : "DELETE", "Quantity", more > 0 ? more : -more));
    if (status == EXIT_DONE && differs_in(c, "Associated"))
        status = apply_act(
            a, c->want, VERSION_2025, "AssociateResourceGroupToProject",
            json_pack("{s:s,s:s}", "ResourceGroupId", c->have->id, "ProjectId", a->s->project));
    return status;
}

/* ---- members --------------------------------------------------------------------------------- */

static bool has_text(const json_t *list, const char *text)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        if (strcmp(json_string_value(item), text) == 0)
            return true;
    }
    return false;
}

/* The ids of the roles that `of` has and `other` does not. */
static json_t *roles_beyond(struct apply *a, const struct project_item *of,
                            const struct project_item *other)
{
    const json_t *theirs = other ? json_object_get(other->definition, "Roles") : NULL, *role;
    json_t *ids = json_array();
    size_t i;

    json_array_foreach(json_object_get(of->definition, "Roles"), i, role)
    {
        const char *name = json_string_value(role), *id = names_role_id(a->names, name);
        if (!has_text(theirs, name))
            json_array_append_new(ids, json_string(id ? id : name));
    }
    return ids;
}

static int change_roles(struct apply *a, const struct change *c, const char *action, json_t *ids)
{
    if (json_array_size(ids) == 0) {
        json_decref(ids);
        return EXIT_DONE;
    }
    return apply_act(a, c->want, VERSION_2025, action,
                     json_pack("{s:s,s:s,s:o}", "ProjectId", a->s->project, "UserUin",
                               c->want->name, "RoleIds", ids));
}

/* The API adds nobody without a role; who has lost all is still a member. */
static int create_member(struct apply *a, const struct change *c, json_t *ids)
{
    const char *visitor = names_role_id(a->names, "Visitor");
    bool none = json_array_size(ids) == 0 && visitor;

    if (none)
        json_array_append_new(ids, json_string(visitor));
    int status = apply_act(a, c->want, VERSION_2025, "CreateProjectMember",
                           json_pack("{s:s,s:[s],s:O}", "ProjectId", a->s->project, "UserUins",
                                     c->want->name, "RoleIds", ids));
    if (status == EXIT_DONE && none)
        return change_roles(a, c, "RemoveMemberProjectRole", ids);
    json_decref(ids);
    return status;
}

int apply_member(struct apply *a, struct change *c)
{
    json_t *more = roles_beyond(a, c->want, c->have);

    if (!c->have)
        return create_member(a, c, more);
    int status = change_roles(a, c, "GrantMemberProjectRole", more);
    return status != EXIT_DONE
               ? status
               : change_roles(a, c, "RemoveMemberProjectRole", roles_beyond(a, c->have, c->want));
}

/* ---- permissions ----------------------------------------------------------------------------- */

static bool has_value(const json_t *list, const json_t *value)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        if (json_equal(item, value))
            return true;
    }
    return false;
}

/* What `list` has and `other` does not, as the API takes it. */
static json_t *permissions_beyond(struct apply *a, const json_t *list, const json_t *other)
{
    json_t *out = json_array();
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        const char *role = text_of(item, "Role"), *id = names_role_id(a->names, role);
        if (!has_value(other, item))
            json_array_append_new(out, json_pack("{s:s,s:s,s:[s]}", "PermissionTargetType",
                                                 role[0] ? "role" : "user", "PermissionTargetId",
                                                 !role[0] ? text_of(item, "User")
                                                 : id     ? id
                                                          : role,
                                                 "PermissionTypeList", "CAN_MANAGE"));
    }
    return out;
}

static int change_permissions(struct apply *a, const struct change *c, const char *id,
                              const char *action, const char *list_name, json_t *list)
{
    if (json_array_size(list) == 0) {
        json_decref(list);
        return EXIT_DONE;
    }
    return apply_act(
        a, c->want, VERSION_2025, action,
        json_pack("{s:s,s:s,s:s,s:o}", "ProjectId", a->s->project, "EntityId", id, "EntityType",
                  c->want->kind == DEFINITION_FOLDER ? "folder" : "workflow", list_name, list));
}

bool apply_moves_permissions(const struct change *c)
{
    const json_t *want = json_object_get(c->want->definition, "Permissions"),
                 *have = c->have ? json_object_get(c->have->definition, "Permissions") : NULL;

    return json_array_size(want) + json_array_size(have) > 0 && want && !json_equal(want, have);
}

int apply_permissions(struct apply *a, struct change *c)
{
    const json_t *want = json_object_get(c->want->definition, "Permissions"),
                 *have = c->have ? json_object_get(c->have->definition, "Permissions") : NULL;
    const struct project_item *there = project_find(a->have, c->want->kind, c->want->name);
    const char *id = there && there->id ? there->id : "";
    int status = change_permissions(a, c, id, "CreateWorkflowPermissions", "PermissionList",
                                    permissions_beyond(a, want, have));

    return status != EXIT_DONE
               ? status
               : change_permissions(a, c, id, "DeleteWorkflowPermissions", "DeletePermissionList",
                                    permissions_beyond(a, have, want));
}
