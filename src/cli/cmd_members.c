/* cli/cmd_members.c - `weft members`: who belongs to a project, and what each may do there. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "cli/table.h"

enum { PAGE = 200 };

static json_t *in_project(struct session *s)
{
    return json_pack("{s:s}", "ProjectId", s->project);
}

static const char *role_names(struct session *s, const json_t *item)
{
    const json_t *role;
    const char *names = NULL;
    size_t i;

    json_array_foreach(json_object_get(item, "Roles"), i, role)
    {
        const char *name = member(s, role, "RoleName");
        names = arena_printf(&s->arena, "%s%s%s", names ? names : "", names ? "," : "",
                             name ? name : "")
                    .ptr;
    }
    return names;
}

static int list(struct session *s)
{
    static const char *const titles[] = { "ACCOUNT", "ROLES", "OWNER", "CREATOR", "SINCE", NULL };
    struct table_text table;
    const json_t *item;
    json_t *all;
    size_t i;
    int status = session_items(s, VERSION_2025, "ListProjectMembers", in_project(s), PAGE, &all);

    if (status != EXIT_DONE)
        return status;
    if (s->json) {
        print_json(all);
    } else {
        table_init(&table, &s->arena, titles);
        json_array_foreach(all, i, item)
        {
            const char *cells[] = { member(s, item, "UserUin"), role_names(s, item),
                                    member(s, item, "IsProjectOwner"), member(s, item, "IsCreator"),
                                    member(s, item, "CreateTime") };
            table_row(&table, cells);
        }
        table_print(&table, stdout);
    }
    json_decref(all);
    return EXIT_DONE;
}

static bool is_role(const json_t *role, const char *word)
{
    const char *id = json_string_value(json_object_get(role, "RoleId")),
               *name = json_string_value(json_object_get(role, "RoleName"));

    return (id && strcmp(id, word) == 0) || (name && strcmp(name, word) == 0);
}

/* The ids of the roles that --role names, "A,B" by name or id; a word that is neither is passed on,
 * and the server says what is wrong with it. */
static int role_ids(struct session *s, json_t **ret)
{
    struct str rest = str_from(args_get(&s->args, "role"));
    json_t *response, *ids;
    int status = session_call(s, VERSION_2025, "ListProjectRoles", in_project(s), &response);

    if (status != EXIT_DONE)
        return status;
    const json_t *items = json_object_get(json_object_get(response, "Data"), "Items"), *role;
    ids = json_array();
    while (rest.len > 0) {
        const char *word = arena_cstr(&s->arena, str_trim(str_split(&rest, ','))), *id = word;
        size_t i;
        json_array_foreach(items, i, role)
        {
            if (is_role(role, word))
                id = json_string_value(json_object_get(role, "RoleId"));
        }
        json_array_append_new(ids, json_string(id));
    }
    json_decref(response);
    *ret = ids;
    return EXIT_DONE;
}

static int act(struct session *s, const char *action, const char *account, bool many, bool roles)
{
    json_t *params = in_project(s), *ids;
    int status = EXIT_DONE;

    if (many)
        json_object_set_new(params, "UserUins", json_pack("[s]", account));
    else
        json_object_set_new(params, "UserUin", json_string(account));
    if (roles)
        status = role_ids(s, &ids);
    if (status != EXIT_DONE) {
        json_decref(params);
        return status;
    }
    if (roles)
        json_object_set_new(params, "RoleIds", ids);
    return session_act(s, VERSION_2025, action, params);
}

static int run(struct session *s)
{
    const char *verb = s->args.words[0], *who = s->args.n_words > 1 ? s->args.words[1] : NULL;
    const char *role = args_get(&s->args, "role");

    if (strcmp(verb, "list") == 0 && !who)
        return list(s);
    if (strcmp(verb, "add") == 0 && who && role)
        return act(s, "CreateProjectMember", who, true, true);
    if (strcmp(verb, "remove") == 0 && who)
        return act(s, "DeleteProjectMember", who, true, false);
    if (strcmp(verb, "grant") == 0 && who && role)
        return act(s, "GrantMemberProjectRole", who, false, true);
    if (strcmp(verb, "revoke") == 0 && who && role)
        return act(s, "RemoveMemberProjectRole", who, false, true);
    return session_fail(
        s, EXIT_USAGE,
        "members list | members add|grant|revoke ACCOUNT --role NAME[,NAME] | members "
        "remove ACCOUNT");
}

static const struct option_help options[] = {
    { "role", "NAMES", "ProjectManager, DataEngineer, OperationEngineer, Visitor; by commas" },
    { NULL, NULL, NULL },
};
const struct command command_members = { "members",
                                         "members list|add|grant|revoke|remove ACCOUNT",
                                         "who belongs to a project, and with which roles",
                                         options,
                                         1,
                                         2,
                                         true,
                                         run };
