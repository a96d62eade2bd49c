/* test/sim/op_resource.c - resource files and their folders come, move and go.
 *
 * The picture has no paths: a folder knows its parent and its name.  What the rows say is held
 * against the paths that follow from that. */
#include <stdio.h>

#include "engine/cmd_folder.h"
#include "engine/cmd_resource.h"
#include "operators.h"
#include "picture.h"

/* One is the beginning of another. */
static const char *const names[] = { "a", "ab", "a.b", "b" };

static struct str project(void)
{
    return str_from(sim_project_names[0]);
}

static struct str path_of(struct sim *s, const struct sim_resource *r, struct arena *a)
{
    struct str path = arena_printf(a, "/%s", names[r->name]);

    for (int up = r->parent; up >= 0; up = s->defs.file_folders[up].parent)
        path = arena_printf(a, "/%s%.*s", names[s->defs.file_folders[up].name], STR_ARG(path));
    return path;
}

static struct str folder_path(struct sim *s, int folder, struct arena *a)
{
    return folder < 0 ? STR("/") : path_of(s, &s->defs.file_folders[folder], a);
}

static struct str digest_of(int content, struct arena *a)
{
    return arena_printf(a, "%064x", (unsigned)content);
}

/* Is another than `self` called so there? */
static bool is_taken(struct sim *s, const struct sim_resource *self, int parent, int name)
{
    for (int k = 0; k < SIM_RESOURCES; k++) {
        const struct sim_resource *both[] = { &s->defs.file_folders[k], &s->defs.files[k] };
        for (int i = 0; i < 2; i++)
            if (both[i] != self && both[i]->there && both[i]->parent == parent &&
                both[i]->name == name)
                return true;
    }
    return false;
}

static bool is_empty(struct sim *s, int folder)
{
    for (int k = 0; k < SIM_RESOURCES; k++)
        if ((s->defs.file_folders[k].there && s->defs.file_folders[k].parent == folder) ||
            (s->defs.files[k].there && s->defs.files[k].parent == folder))
            return false;
    return true;
}

/* The root, or a folder; one that is not there has had the path that it would have. */
static int any_parent(struct sim *s, bool *ret_there)
{
    int parent = (int)sim_below(s, SIM_RESOURCES + 1) - 1;

    if (parent >= 0 && !s->defs.file_folders[parent].there)
        parent = -1;
    *ret_there = sim_chance(s, 90);
    return parent;
}

static struct str parent_path(struct sim *s, int parent, bool there, struct arena *a)
{
    return there ? folder_path(s, parent, a) : STR("/nowhere");
}

static enum err_code answered(struct sim *s, enum err_code rc, bool possible, const struct err *e)
{
    sim_check(s, rc == E_IO || (rc == E_OK) == possible, "%s is %spossible, and: %s %s", s->action,
              possible ? "" : "not ", e->path, e->text);
    return rc;
}

/* ---- folders --------------------------------------------------------------------------------- */

static enum err_code create_folder(struct sim *s, struct engine *g, int k, struct err *e)
{
    struct sim_resource *f = &s->defs.file_folders[k];
    struct arena *a = engine_arena(g);
    bool there, was = f->there;
    int parent = any_parent(s, &there), name = (int)sim_below(s, (int64_t)ARRAY_LEN(names));
    struct folder_request r = { .id = arena_printf(a, "rf%d", k),
                                .project_id = project(),
                                .parent_path = parent_path(s, parent, there, a),
                                .name = str_from(names[name]),
                                .creator_uin = STR("1") };
    bool possible = !was && there && !is_taken(s, f, parent, name);
    struct str made;

    snprintf(s->action, sizeof(s->action), "resource folder %d in %d as %s", k, parent,
             names[name]);
    if (possible)
        *f = (struct sim_resource){ .there = true, .parent = parent, .name = name };
    return answered(s, SIM_DO(s, folder_create, g, &resource_folders, &r, &made, e), possible, e);
}

static enum err_code change_folder(struct sim *s, struct engine *g, struct err *e)
{
    int k = (int)sim_below(s, SIM_RESOURCES), name = (int)sim_below(s, (int64_t)ARRAY_LEN(names));
    struct sim_resource *f = &s->defs.file_folders[k];
    struct str id = arena_printf(engine_arena(g), "rf%d", k);
    bool possible = f->there;

    if (!f->there && sim_chance(s, 80))
        return create_folder(s, g, k, e);
    switch (sim_below(s, 3)) {
    case 0:
        return create_folder(s, g, k, e);
    case 1:
        snprintf(s->action, sizeof(s->action), "resource folder %d is called %s", k, names[name]);
        possible = possible && !is_taken(s, f, f->parent, name);
        if (possible)
            f->name = name;
        return answered(
            s,
            SIM_DO(s, folder_rename, g, &resource_folders, project(), id, str_from(names[name]), e),
            possible, e);
    default:
        snprintf(s->action, sizeof(s->action), "resource folder %d goes", k);
        possible = possible && is_empty(s, k);
        if (possible)
            f->there = false;
        return answered(s, SIM_DO(s, folder_delete, g, &resource_folders, project(), id, e),
                        possible, e);
    }
}

/* ---- files ----------------------------------------------------------------------------------- */

static enum err_code create_file(struct sim *s, struct engine *g, int k, struct err *e)
{
    struct sim_resource *f = &s->defs.files[k];
    struct arena *a = engine_arena(g);
    bool there;
    int parent = any_parent(s, &there), name = (int)sim_below(s, (int64_t)ARRAY_LEN(names)),
        content = (int)sim_below(s, 4);
    struct resource_request r = { .id = arena_printf(a, "r%d", k),
                                  .project_id = project(),
                                  .folder_path = parent_path(s, parent, there, a),
                                  .name = str_from(names[name]),
                                  .bucket = STR("weft"),
                                  .remote_path = arena_printf(a, "/datastudio/resource/%.*s/x",
                                                              STR_ARG(project())),
                                  .digest = digest_of(content, a),
                                  .size = content,
                                  .creator_uin = STR("1") };
    bool possible = !f->there && there && !is_taken(s, f, parent, name);
    struct str made;

    snprintf(s->action, sizeof(s->action), "resource file %d in %d as %s", k, parent, names[name]);
    if (possible)
        *f = (struct sim_resource){ true, parent, name, content };
    return answered(s, SIM_DO(s, resource_create, g, &r, &made, e), possible, e);
}

static enum err_code update_file(struct sim *s, struct engine *g, int k, struct err *e)
{
    struct sim_resource *f = &s->defs.files[k];
    struct arena *a = engine_arena(g);
    int name = (int)sim_below(s, (int64_t)ARRAY_LEN(names)), content = (int)sim_below(s, 4);
    struct str called = str_from(names[name]),
               remote = arena_printf(a, "/datastudio/resource/%.*s/y", STR_ARG(project()));
    bool renames = sim_chance(s, 60), replaces = sim_chance(s, 60);
    struct resource_change change = { .name = renames ? &called : NULL,
                                      .remote_path = replaces ? &remote : NULL,
                                      .digest = digest_of(content, a),
                                      .size = content,
                                      .updater_uin = STR("2") };
    bool possible = f->there && (!renames || !is_taken(s, f, f->parent, name));

    snprintf(s->action, sizeof(s->action), "resource file %d%s%s%s", k,
             renames ? " is called " : "", renames ? names[name] : "",
             replaces ? " has other bytes" : "");
    if (possible && renames)
        f->name = name;
    if (possible && replaces)
        f->content = content;
    return answered(s,
                    SIM_DO(s, resource_update, g, project(), arena_printf(a, "r%d", k), &change, e),
                    possible, e);
}

static enum err_code change_file(struct sim *s, struct engine *g, struct err *e)
{
    int k = (int)sim_below(s, SIM_RESOURCES);
    struct sim_resource *f = &s->defs.files[k];
    bool there = f->there;

    if (!there && sim_chance(s, 80))
        return create_file(s, g, k, e);
    switch (sim_below(s, 4)) {
    case 0:
        return create_file(s, g, k, e);
    case 1:
        snprintf(s->action, sizeof(s->action), "resource file %d goes", k);
        f->there = false;
        return answered(
            s, SIM_DO(s, resource_delete, g, project(), arena_printf(engine_arena(g), "r%d", k), e),
            there, e);
    default:
        return update_file(s, g, k, e);
    }
}

/* Some changes, all or none. */
enum err_code op_resources(struct sim *s, struct engine *g, struct err *e)
{
    enum err_code rc = E_OK;

    for (int64_t n = 1 + sim_below(s, 4); n > 0 && rc == E_OK; n--)
        rc = sim_chance(s, 50) ? change_folder(s, g, e) : change_file(s, g, e);
    return rc;
}

/* ---- what must hold ----------------------------------------------------------------------------
 */

static void check_count(struct sim *s, const struct table *t, const struct sim_resource *all)
{
    struct query q;
    int64_t n = 0, there = 0;

    for (int k = 0; k < SIM_RESOURCES; k++)
        there += all[k].there;
    query_init(&q, t);
    sim_check(s, query_count(store_view(s->store), &q, &n, NULL) == E_OK && n == there,
              "I6: %lld of the resource files or folders are there, and %lld rows",
              (long long)there, (long long)n);
}

void resources_check(struct sim *s)
{
    struct view *v = store_view(s->store);
    struct arena a;

    arena_init(&a);
    check_count(s, &table_resource_folder, s->defs.file_folders);
    check_count(s, &table_resource, s->defs.files);
    for (int k = 0; k < SIM_RESOURCES; k++) {
        const struct sim_resource *folder = &s->defs.file_folders[k], *file = &s->defs.files[k];
        struct folder_row f = { .id = arena_printf(&a, "rf%d", k) };
        struct resource_row r = { .id = arena_printf(&a, "r%d", k) };
        sim_check(s,
                  !folder->there || (row_get(v, &table_resource_folder, &a, &f, NULL) == E_OK &&
                                     str_eq(f.path, path_of(s, folder, &a)) &&
                                     str_eq(f.parent_path, folder_path(s, folder->parent, &a)) &&
                                     str_eq_c(f.name, names[folder->name])),
                  "I6: resource folder %d is not where it was put: %.*s", k, STR_ARG(f.path));
        sim_check(s,
                  !file->there || (row_get(v, &table_resource, &a, &r, NULL) == E_OK &&
                                   str_eq(r.path, path_of(s, file, &a)) &&
                                   str_eq(r.folder_path, folder_path(s, file->parent, &a)) &&
                                   str_eq_c(r.name, names[file->name]) && r.size == file->content &&
                                   str_eq(r.digest, digest_of(file->content, &a))),
                  "I6: resource file %d is not what was put there: %.*s", k, STR_ARG(r.path));
    }
    arena_done(&a);
}
