/* cli/project_names.c - names for ids and ids for names. */
#include <stdio.h>
#include <string.h>

#include "cli/project.h"

enum { PAGE = 200 };

struct both_ways {
    struct map name_of, id_of; /* values are C strings */
};

struct foreign {
    const char *name, *project;
};

struct project_names {
    struct session *s;
    struct both_ways tasks, projects, groups, roles;
    struct map foreign_of;  /* id -> struct foreign */
    struct map foreign_ids; /* "project/name" -> id, "" when there is none */
    struct map asked;       /* tasks whose neighbours are in foreign_of */
};

static struct map *const *all_maps(struct project_names *n, struct map *out[11])
{
    out[0] = &n->tasks.name_of;
    out[1] = &n->tasks.id_of;
    out[2] = &n->projects.name_of;
    out[3] = &n->projects.id_of;
    out[4] = &n->groups.name_of;
    out[5] = &n->groups.id_of;
    out[6] = &n->foreign_of;
    out[7] = &n->foreign_ids;
    out[8] = &n->asked;
    out[9] = &n->roles.name_of;
    out[10] = &n->roles.id_of;
    return out;
}

struct project_names *project_names_new(struct session *s)
{
    struct project_names *n = NEW(struct project_names);
    struct map *maps[11];

    n->s = s;
    all_maps(n, maps);
    for (size_t i = 0; i < ARRAY_LEN(maps); i++)
        map_init(maps[i]);
    return n;
}

void project_names_free(struct project_names *n)
{
    struct map *maps[11];

    if (!n)
        return;
    all_maps(n, maps);
    for (size_t i = 0; i < ARRAY_LEN(maps); i++)
        map_done(maps[i]);
    mem_free(n);
}

static char *keep(struct project_names *n, const char *text)
{
    return arena_cstr(&n->s->arena, str_from(text));
}

static void put(struct project_names *n, struct both_ways *b, const char *id, const char *name)
{
    map_put(&b->name_of, str_from(id), keep(n, name));
    map_put(&b->id_of, str_from(name), keep(n, id));
}

static int load_list(struct project_names *n, struct both_ways *b, const char *action,
                     json_t *params, const char *id, const char *name)
{
    json_t *items, *item;
    size_t i;
    int status = session_items(n->s, VERSION_2025, action, params, PAGE, &items);

    if (status != EXIT_DONE)
        return status;
    json_array_foreach(items, i, item) put(n, b, text_of(item, id), text_of(item, name));
    json_decref(items);
    return EXIT_DONE;
}

int names_load(struct project_names *n)
{
    int status =
        load_list(n, &n->projects, "ListProjects", json_object(), "ProjectId", "ProjectName");

    if (status == EXIT_DONE)
        status = load_list(n, &n->groups, "ListResourceGroups", json_object(), "Id", "Name");
    return status == EXIT_DONE
               ? load_list(n, &n->roles, "ListProjectRoles",
                           json_pack("{s:s}", "ProjectId", n->s->project), "RoleId", "RoleName")
               : status;
}

void names_put_task(struct project_names *n, const char *id, const char *name)
{
    put(n, &n->tasks, id, name);
}

const char *names_task(const struct project_names *n, const char *id)
{
    return map_get(&n->tasks.name_of, str_from(id));
}

const char *names_task_id(const struct project_names *n, const char *name)
{
    return map_get(&n->tasks.id_of, str_from(name));
}

const char *names_project(const struct project_names *n, const char *id)
{
    return map_get(&n->projects.name_of, str_from(id));
}

const char *names_project_id(const struct project_names *n, const char *name)
{
    return map_get(&n->projects.id_of, str_from(name));
}

const char *names_group(const struct project_names *n, const char *id)
{
    return map_get(&n->groups.name_of, str_from(id));
}

const char *names_group_id(const struct project_names *n, const char *name)
{
    return map_get(&n->groups.id_of, str_from(name));
}

void names_put_group(struct project_names *n, const char *id, const char *name)
{
    put(n, &n->groups, id, name);
}

const char *names_role(const struct project_names *n, const char *id)
{
    return map_get(&n->roles.name_of, str_from(id));
}

const char *names_role_id(const struct project_names *n, const char *name)
{
    return map_get(&n->roles.id_of, str_from(name));
}

/* ---- tasks of other projects --------------------------------------------------------------- */

static void learn_neighbours(struct project_names *n, const char *task, const char *action)
{
    json_t *items, *item;
    size_t i;

    if (session_items(n->s, VERSION_2025, action,
                      json_pack("{s:s,s:s}", "ProjectId", n->s->project, "TaskId", task), PAGE,
                      &items) != EXIT_DONE)
        return;
    json_array_foreach(items, i, item)
    {
        const char *project = names_project(n, text_of(item, "ProjectId"));
        struct foreign *f = ARENA_NEW(&n->s->arena, struct foreign);
        f->name = keep(n, text_of(item, "TaskName"));
        f->project = project;
        if (project)
            map_put(&n->foreign_of, str_from(text_of(item, "TaskId")), f);
    }
    json_decref(items);
}

const char *names_foreign(struct project_names *n, const char *task, const char *id,
                          const char **ret_project)
{
    const struct foreign *f = map_get(&n->foreign_of, str_from(id));

    if (!f && !map_get(&n->asked, str_from(task))) {
        map_put(&n->asked, str_from(task), n);
        learn_neighbours(n, task, "ListUpstreamTasks");
        learn_neighbours(n, task, "ListDownstreamTasks");
        f = map_get(&n->foreign_of, str_from(id));
    }
    if (!f)
        return NULL;
    *ret_project = f->project;
    return f->name;
}

const char *names_foreign_id(struct project_names *n, const char *project, const char *name)
{
    const char *project_id = names_project_id(n, project);
    struct str key = arena_printf(&n->s->arena, "%s/%s", project, name);
    const char *known = map_get(&n->foreign_ids, key);
    json_t *items, *item;
    size_t i;

    if (known || !project_id)
        return known && known[0] ? known : NULL;
    known = "";
    if (session_items(n->s, VERSION_2025, "ListTasks",
                      json_pack("{s:s,s:s}", "ProjectId", project_id, "TaskName", name), PAGE,
                      &items) == EXIT_DONE) {
        json_array_foreach(items, i, item)
        {
            if (strcmp(text_of(item, "TaskName"), name) == 0)
                known = keep(n, text_of(item, "TaskId"));
        }
        json_decref(items);
    }
    map_put(&n->foreign_ids, key, (void *)(uintptr_t)known);
    return known[0] ? known : NULL;
}
