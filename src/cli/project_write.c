/* cli/project_write.c - writes a project as files. */
#include "cli/project_write_int.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "cli/file_name.h"
#include "sys/file.h"

enum { FILE_MAX = 32 << 20 };

/* ---- one file ------------------------------------------------------------------------------ */

static bool has_content(const char *path, struct str content)
{
    struct buf old;

    buf_init(&old, FILE_MAX);
    bool same = file_read(path, &old, NULL) == E_OK && str_eq(buf_str(&old), content);
    buf_done(&old);
    return same;
}

/* Before the first change: until the whole of it is there, project.json says that it is not, so
 * that no apply takes what is missing for what is to go. */
static enum err_code begin(struct writing *w)
{
    const char *full = arena_printf(w->arena, "%s/project.json", w->dir).ptr;
    struct buf old;
    enum err_code rc;

    if (w->begun)
        return E_OK;
    buf_init(&old, FILE_MAX);
    if (file_read(full, &old, NULL) == E_OK)
        w->settings = arena_str(w->arena, buf_str(&old));
    buf_done(&old);
    rc = dir_make(w->dir, 0777, &w->e);
    if (rc == E_OK)
        rc = file_write_quick(full, STR("{\n  \"" PROJECT_UNFINISHED "\": true\n}\n"), 0666, &w->e);
    w->begun = rc == E_OK;
    return rc;
}

enum err_code put_file(struct writing *w, const char *path, struct str content)
{
    const char *full = arena_printf(w->arena, "%s/%s", w->dir, path).ptr;
    const char *slash = strrchr(full, '/');

    map_put(&w->written, str_from(path), w);
    if (has_content(full, content))
        return E_OK;
    enum err_code rc = begin(w);
    if (rc == E_OK)
        rc = dir_make(arena_cstr(w->arena, str_make(full, (size_t)(slash - full))), 0777, &w->e);
    if (rc == E_OK)
        rc = file_write_quick(full, content, 0666, &w->e);
    w->n_written += rc == E_OK;
    return rc;
}

enum err_code put_json(struct writing *w, const char *path, const json_t *value)
{
    char *text = json_dumps(value, JSON_INDENT(2));
    enum err_code rc = put_file(w, path, arena_printf(w->arena, "%s\n", text));

    free(text); /* lint: jansson's own memory */
    return rc;
}

/* ---- paths --------------------------------------------------------------------------------- */

enum err_code folder_dir(struct writing *w, const char *prefix, const char *folder,
                         const char **ret)
{
    struct str rest = str_from(folder), path = arena_str(w->arena, str_from(prefix));
    enum err_code rc = E_OK;

    while (rest.ptr && rc == E_OK) {
        struct str part = str_split(&rest, '/');
        const char *name = NULL;
        if (part.len == 0)
            continue;
        rc = file_name_dir(w->arena, part, &name, &w->e);
        if (rc == E_OK)
            path = arena_printf(w->arena, "%.*s/%s", STR_ARG(path), name);
    }
    *ret = path.ptr;
    return rc;
}

static enum err_code workflow_dir(struct writing *w, const struct project_item *workflow,
                                  const char **ret)
{
    const char *parent = NULL, *name = NULL;
    enum err_code rc =
        folder_dir(w, "workflows", text_of(workflow->definition, "ParentFolderPath"), &parent);

    if (rc == E_OK)
        rc = file_name_dir(w->arena, str_from(workflow->name), &name, &w->e);
    if (rc == E_OK)
        *ret = arena_printf(w->arena, "%s/%s", parent, name).ptr;
    return rc;
}

/* ---- objects ------------------------------------------------------------------------------- */

enum err_code write_flat(struct writing *w, const struct project_item *item, const char *folder)
{
    const char *name = NULL;
    enum err_code rc = file_name_make(w->arena, str_from(item->name), ".json", &name, &w->e);

    return rc != E_OK
               ? rc
               : put_json(w, arena_printf(w->arena, "%s/%s", folder, name).ptr, item->definition);
}

void leave_permissions(json_t *shown)
{
    if (json_array_size(json_object_get(shown, "Permissions")) == 0)
        json_object_del(shown, "Permissions");
}

static enum err_code write_workflow(struct writing *w, const struct project_item *item)
{
    json_t *shown = json_deep_copy(item->definition);
    const char *dir = NULL;
    enum err_code rc = workflow_dir(w, item, &dir);

    json_object_del(shown, "ParentFolderPath");
    leave_permissions(shown);
    if (rc == E_OK)
        rc = put_json(w, arena_printf(w->arena, "%s/workflow.json", dir).ptr, shown);
    json_decref(shown);
    return rc;
}

/* The code as a file; CodeFile takes the place of CodeContent. */
static enum err_code write_code(struct writing *w, const char *dir, const char *stem,
                                const char *type, json_t *config)
{
    const char *path = arena_printf(w->arena, "%s/%s%s", dir, stem, file_name_of_code(type)).ptr;
    const char *name = strrchr(path, '/') + 1;
    struct buf code;
    enum err_code rc;

    if (!text_of(config, "CodeContent")[0])
        return E_OK;
    buf_init(&code, FILE_MAX);
    if (!base64_decode(&code, str_from(text_of(config, "CodeContent"))))
        rc = err_set(&w->e, E_CORRUPT, "the server's code for %s is not base64", name);
    else
        rc = put_file(w, path, buf_str(&code));
    buf_done(&code);
    json_object_set_new(config, "CodeFile", json_string(name));
    json_object_del(config, "CodeContent");
    return rc;
}

static enum err_code write_task(struct writing *w, const struct project_item *item)
{
    const struct project_item *workflow =
        project_find(w->project, DEFINITION_WORKFLOW, project_workflow_of(item));
    json_t *shown = json_deep_copy(item->definition);
    json_t *base = json_object_get(shown, "TaskBaseAttribute");
    json_t *config = json_object_get(shown, "TaskConfiguration");
    const char *dir = NULL, *stem = NULL, *full = NULL;
    enum err_code rc = workflow ? workflow_dir(w, workflow, &dir)
                                : err_set(&w->e, E_MISSING, "task %s has no workflow", item->name);

    if (rc == E_OK)
        rc = folder_dir(w, dir, text_of(base, "TaskFolderPath"), &dir);
    if (rc == E_OK)
        rc = file_name_make(w->arena, str_from(item->name), ".json", &full, &w->e);
    if (rc == E_OK) {
        stem = arena_cstr(w->arena, str_make(full, strlen(full) - 5));
        rc = write_code(w, dir, stem, text_of(base, "TaskTypeId"), config);
    }
    json_object_del(base, "TaskFolderPath");
    json_object_del(base, "WorkflowName");
    if (strcmp(text_of(shown, "Status"), "Y") == 0)
        json_object_del(shown, "Status"); /* what most are, and what nobody has to say */
    json_t *normal = shape_normal(definition_shapes[DEFINITION_TASK], shown);
    definition_leave_schedule(normal, workflow ? workflow->definition : NULL);
    if (rc == E_OK)
        rc = put_json(w, arena_printf(w->arena, "%s/%s", dir, full).ptr, normal);
    json_decref(normal);
    json_decref(shown);
    return rc;
}

static enum err_code write_all(struct writing *w)
{
    static project_writer *const writers[DEFINITION_KINDS_] = {
        [DEFINITION_CALENDAR] = write_calendar, [DEFINITION_GROUP] = write_group,
        [DEFINITION_RESOURCE] = write_resource, [DEFINITION_EVENT] = write_event,
        [DEFINITION_FOLDER] = write_folder,     [DEFINITION_WORKFLOW] = write_workflow,
        [DEFINITION_TASK] = write_task,         [DEFINITION_ALARM] = write_alarm,
        [DEFINITION_MEMBER] = write_member,
    };
    enum err_code rc = E_OK;

    for (int kind = 0; kind < DEFINITION_KINDS_; kind++)
        for (size_t i = 0; i < w->project->n[kind] && rc == E_OK && writers[kind]; i++)
            rc = writers[kind](w, w->project->items[kind][i]);
    return rc;
}

/* The last file, with which it is whole; one that was the same before is not counted. */
static enum err_code finish(struct writing *w)
{
    size_t before = w->n_written;
    enum err_code rc = E_OK;

    for (size_t i = 0; i < w->project->n[DEFINITION_PROJECT] && rc == E_OK; i++)
        rc = write_settings(w, w->project->items[DEFINITION_PROJECT][i]);
    if (rc == E_OK && w->settings.len > 0 &&
        has_content(arena_printf(w->arena, "%s/project.json", w->dir).ptr, w->settings))
        w->n_written = before;
    return rc;
}

/* ---- what an earlier export left ------------------------------------------------------------ */

static json_t *load_json(const char *full)
{
    return json_load_file(full, JSON_REJECT_DUPLICATES, NULL);
}

static void remove_file(struct writing *w, const char *path)
{
    if (map_get(&w->written, str_from(path)) || begin(w) != E_OK)
        return;
    if (unlink(arena_printf(w->arena, "%s/%s", w->dir, path).ptr) == 0)
        w->n_removed++;
}

/* A definition that was not written now, and its code. */
static void remove_definition(struct writing *w, const char *folder, const char *name)
{
    const char *path = arena_printf(w->arena, "%s/%s", folder, name).ptr;
    json_t *old;

    if (map_get(&w->written, str_from(path)))
        return;
    old = load_json(arena_printf(w->arena, "%s/%s", w->dir, path).ptr);
    const char *code = text_of(json_object_get(old, "TaskConfiguration"), "CodeFile");
    if (!code[0])
        code = text_of(old, "ContentFile");
    if (code[0] && !strchr(code, '/'))
        remove_file(w, arena_printf(w->arena, "%s/%s", folder, code).ptr);
    json_decref(old);
    remove_file(w, path);
}

static bool is_dir(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void sweep(struct writing *w, const char *folder, int depth)
{
    const char *full = arena_printf(w->arena, "%s/%s", w->dir, folder).ptr;
    struct dirent **names = NULL;
    int n = depth < PROJECT_DEPTH_MAX ? scandir(full, &names, NULL, alphasort) : 0;

    for (int i = 0; i < n; i++) {
        const char *name = names[i]->d_name;
        const char *path = arena_printf(w->arena, "%s/%s", folder, name).ptr;
        if (name[0] != '.' && is_dir(arena_printf(w->arena, "%s/%s", w->dir, path).ptr))
            sweep(w, path, depth + 1);
        else if (name[0] != '.' && str_ends_with(str_from(name), STR(".json")))
            remove_definition(w, folder, name);
    }
    for (int i = 0; i < n; i++)
        free(names[i]); /* lint: scandir's memory */
    free(names);        /* lint: scandir's memory */
    rmdir(full);        /* only when nothing is in it any more */
}

/* ---- all ----------------------------------------------------------------------------------- */

/* Not over somebody else's files. */
static enum err_code check_dir(struct writing *w)
{
    struct dirent **names = NULL;
    int n;

    if (file_exists(arena_printf(w->arena, "%s/project.json", w->dir).ptr))
        return E_OK;
    n = scandir(w->dir, &names, NULL, alphasort);
    bool empty = true;
    for (int i = 0; i < n; i++) {
        empty &= names[i]->d_name[0] == '.';
        free(names[i]); /* lint: scandir's memory */
    }
    free(names); /* lint: scandir's memory */
    return empty ? E_OK
                 : err_set(&w->e, E_EXISTS,
                           "%s has files and no project.json, so it is no earlier export; name a "
                           "new or an empty directory",
                           w->dir);
}

int project_write(struct session *s, const struct project *p, const char *dir, bool hooks,
                  size_t *ret_written, size_t *ret_removed)
{
    static const char *const folders[] = { "calendars", "groups", "resources", "events",
                                           "workflows", "alarms", "members" };
    struct writing w = { .s = s, .project = p, .dir = dir, .arena = &s->arena, .hooks = hooks };
    enum err_code rc;

    map_init(&w.written);
    rc = check_dir(&w);
    if (rc == E_OK)
        rc = write_all(&w);
    for (size_t i = 0; i < ARRAY_LEN(folders) && rc == E_OK; i++)
        sweep(&w, folders[i], 0);
    if (rc == E_OK)
        rc = finish(&w);
    map_done(&w.written);
    *ret_written = w.n_written;
    *ret_removed = w.n_removed;
    return rc == E_OK ? EXIT_DONE : session_fail(s, EXIT_USAGE, "%s", w.e.text);
}
