/* engine/resource_tree.c - the resource files as tasks see them. */
#include "engine/resource_tree.h"

#include "engine/engine_int.h"
#include "engine/objects.h"
#include "sys/below.h"
#include "sys/log.h"

/* The name in the tree that below_link needs; no project is called so. */
static const char spare_name[] = ".new";

static const struct dur again_pause = { 5000000 }, sweep_pause = { 20000 },
                        round_pause = { 600000000 };

struct tree_change {
    struct str project_id, path, to; /* to: empty unless it moved */
};

static void add(struct engine *g, struct str project_id, struct str path, struct str to)
{
    struct resource_tree *t = &g->tree;
    struct arena *a = &g->arena;

    if (!g->config.resources)
        return;
    t->changes = mem_grow(t->changes, &t->cap, t->n + 1, sizeof(*t->changes));
    t->changes[t->n++] =
        (struct tree_change){ arena_str(a, project_id), arena_str(a, path), arena_str(a, to) };
}

void resource_tree_changed(struct engine *g, struct str project_id, struct str path)
{
    add(g, project_id, path, STR(""));
}

void resource_tree_moved(struct engine *g, struct str project_id, struct str from, struct str to)
{
    add(g, project_id, from, to);
}

void resource_tree_forget(struct engine *g)
{
    g->tree.n = 0;
}

struct str resource_tree_folder(struct engine *g, struct str project_id)
{
    if (!g->config.resources)
        return (struct str){ NULL, 0 };
    return arena_printf(&g->arena, "%.*s/%.*s", STR_ARG(g->config.resources->folder),
                        STR_ARG(project_id));
}

/* ---- one place ------------------------------------------------------------------------------- */

/* As a path below the tree; the path begins with '/'. */
static struct str place_of(struct engine *g, struct str project_id, struct str path)
{
    if (str_eq_c(path, "/"))
        return project_id;
    return arena_printf(&g->arena, "%.*s%.*s", STR_ARG(project_id), STR_ARG(path));
}

static enum err_code is_folder(struct engine *g, struct str project_id, struct str path, bool *ret,
                               struct err *e)
{
    struct folder_row folder = { .project_id = project_id, .path = path };
    struct project_row project = { .id = project_id };
    enum err_code rc =
        str_eq_c(path, "/")
            ? row_get(engine_view(g), &table_project, &g->arena, &project, e)
            : row_get_by(engine_view(g), &table_resource_folder, 0, &g->arena, &folder, e);

    *ret = rc == E_OK;
    return rc == E_MISSING ? E_OK : rc;
}

/* Folders that it is in are made as well: they are there, whatever the order of the changes.  One
 * whose object is gone, as after a backup was restored without it, keeps no other from its place.
 */
static enum err_code link_file(struct engine *g, const struct resource_row *file, struct err *e)
{
    const struct resource_files *f = g->config.resources;
    struct str place = place_of(g, file->project_id, file->path);
    const char *digest = arena_cstr(&g->arena, file->digest);

    if (!object_there(f, file->digest)) {
        log_error("engine", "objects/%s is gone, the bytes of the resource file %.*s", digest,
                  STR_ARG(place));
        return below_remove(f->tree, place, e);
    }
    enum err_code rc = below_folder(f->tree, place_of(g, file->project_id, file->folder_path), e);
    if (rc != E_OK)
        return rc;
    rc = below_link(f->objects, digest, f->tree, place, spare_name, e);
    if (rc == E_OK)
        return rc;
    /* A folder that has lost its row may be in the way. */
    rc = below_remove(f->tree, place, e);
    return rc == E_OK ? below_link(f->objects, digest, f->tree, place, spare_name, e) : rc;
}

/* Make the place what the rows say of it; *ret_there: something belongs there. */
static enum err_code settle(struct engine *g, struct str project_id, struct str path,
                            bool *ret_there, struct err *e)
{
    struct resource_row file = { .project_id = project_id, .path = path };
    int tree = g->config.resources->tree;
    enum err_code rc = is_folder(g, project_id, path, ret_there, e);

    if (rc != E_OK)
        return rc;
    if (*ret_there) {
        rc = below_folder(tree, place_of(g, project_id, path), e);
        if (rc != E_DENIED && rc != E_EXISTS)
            return rc;
        rc = below_remove(tree, place_of(g, project_id, path), e);
        return rc == E_OK ? below_folder(tree, place_of(g, project_id, path), e) : rc;
    }
    rc = row_get_by(engine_view(g), &table_resource, 0, &g->arena, &file, e);
    *ret_there = rc == E_OK;
    if (rc == E_OK)
        return link_file(g, &file, e);
    return rc == E_MISSING ? below_remove(tree, place_of(g, project_id, path), e) : rc;
}

/* ---- whole projects -------------------------------------------------------------------------- */

struct restoring {
    struct engine *g;
    enum err_code rc;
    struct err *e;
};

/* What is in the tree and not among the rows goes. */
static bool keep_or_remove(void *ctx, const struct below_entry *entry)
{
    struct restoring *r = ctx;
    struct str path = entry->path, project_id = str_split(&path, '/');
    bool there;

    path = path.ptr ? arena_printf(&r->g->arena, "/%.*s", STR_ARG(path)) : STR("/");
    r->rc = settle(r->g, project_id, path, &there, r->e);
    /* A place that nobody could have named, such as what a crash left of a link. */
    if (r->rc == E_RANGE)
        r->rc = E_OK;
    return r->rc == E_OK;
}

static bool make_folder(void *ctx, const void *row)
{
    const struct folder_row *folder = row;
    struct restoring *r = ctx;

    r->rc = below_folder(r->g->config.resources->tree,
                         place_of(r->g, folder->project_id, folder->path), r->e);
    return r->rc == E_OK;
}

static bool make_file(void *ctx, const void *row)
{
    struct restoring *r = ctx;

    r->rc = link_file(r->g, row, r->e);
    return r->rc == E_OK;
}

/* project_id empty: all of them. */
static enum err_code restore(struct engine *g, struct str project_id, struct err *e)
{
    struct restoring r = { g, E_OK, e };
    struct query q;
    enum err_code rc = below_walk(g->config.resources->tree, project_id, keep_or_remove, &r, e);

    if (rc == E_OK && r.rc == E_OK) {
        query_init(&q, &table_resource_folder);
        if (project_id.len > 0)
            query_text(&q, FOLDER_PROJECT_ID, QUERY_EQ, project_id);
        rc = query_run(engine_view(g), &q, make_folder, &r, e);
    }
    if (rc == E_OK && r.rc == E_OK) {
        query_init(&q, &table_resource);
        if (project_id.len > 0)
            query_text(&q, RESOURCE_PROJECT_ID, QUERY_EQ, project_id);
        rc = query_run(engine_view(g), &q, make_file, &r, e);
    }
    return rc != E_OK ? rc : r.rc;
}

static void try_again(struct engine *g, const struct err *e)
{
    log_error("engine", "the folder of the resource files does not follow: %s", e->text);
    g->tree.stale = true;
    g->tree.next_at = wall_add(g->now, again_pause);
}

void resource_tree_restore(struct engine *g)
{
    struct err e = ERR_INIT;

    if (!g->config.resources)
        return;
    g->tree.stale = false;
    if (!effects_open_view(g)) {
        g->tree.stale = true;
        g->tree.next_at = wall_add(g->now, again_pause);
        return;
    }
    if (restore(g, STR(""), &e) != E_OK)
        try_again(g, &e);
    store_rollback(g->config.store);
    arena_reset(&g->arena); /* between turns there is nothing else in it */
}

/* ---- what changed ---------------------------------------------------------------------------- */

/* The folder and what is in it at once, where both places are as they should be. */
static enum err_code move(struct engine *g, const struct tree_change *c, struct err *e)
{
    int tree = g->config.resources->tree;
    struct str from = place_of(g, c->project_id, c->path), to = place_of(g, c->project_id, c->to);
    bool old_there, new_there;
    enum err_code rc = is_folder(g, c->project_id, c->path, &old_there, e);

    if (rc == E_OK)
        rc = is_folder(g, c->project_id, c->to, &new_there, e);
    if (rc == E_OK && new_there && !old_there && below_move(tree, from, to, e) == E_OK)
        return E_OK;
    return rc == E_OK ? restore(g, c->project_id, e) : rc;
}

/* Places of other changes in the turn may have other paths since a folder moved, so the project is
 * looked through; once. */
static enum err_code restore_once(struct engine *g, size_t at, struct err *e)
{
    const struct tree_change *changes = g->tree.changes;

    for (size_t i = 0; i < at; i++)
        if (str_eq(changes[i].project_id, changes[at].project_id))
            return E_OK;
    return restore(g, changes[at].project_id, e);
}

void resource_tree_follow(struct engine *g)
{
    struct resource_tree *t = &g->tree;
    struct err e = ERR_INIT;
    enum err_code rc = E_OK;
    bool there, moves = false;

    if (t->n == 0)
        return;
    for (size_t i = 0; i < t->n; i++)
        moves = moves || t->changes[i].to.len > 0;
    if (!effects_open_view(g)) {
        t->stale = true;
        t->next_at = g->now;
        t->n = 0;
        return;
    }
    for (size_t i = 0; i < t->n; i++) {
        const struct tree_change *c = &t->changes[i];
        if (t->n > 1 && moves)
            rc = restore_once(g, i, &e);
        else
            rc = c->to.len > 0 ? move(g, c, &e) : settle(g, c->project_id, c->path, &there, &e);
        if (rc != E_OK)
            try_again(g, &e);
    }
    store_rollback(g->config.store);
    t->n = 0;
}

struct wall resource_tree_due(const struct engine *g)
{
    return g->config.resources ? g->tree.next_at : WALL_FAR;
}

void resource_tree_tend(struct engine *g)
{
    struct resource_tree *t = &g->tree;

    /* A clock that was set back must not stop it for long. */
    if (!g->config.resources || g->broken ||
        (g->now.us < t->next_at.us && t->next_at.us - g->now.us <= 2 * round_pause.us))
        return;
    if (t->stale) {
        resource_tree_restore(g);
        if (t->stale)
            return;
    }
    t->next_at = wall_add(g->now, objects_sweep(g) ? sweep_pause : round_pause);
}
