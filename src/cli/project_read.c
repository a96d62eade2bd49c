/* cli/project_read.c - reads a project from files, and says where they are wrong. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/codec.h"
#include "cli/file_name.h"
#include "cli/json_place.h"
#include "cli/project.h"
#include "sys/crypto.h"
#include "sys/file.h"

enum { FILE_MAX = 32 << 20, FILES_MAX = 200000 };

struct reading {
    struct session *s;
    struct project *project;
    const char *dir;
    size_t n_files;
    int status; /* the worst so far; reading goes on, so that all broken files are told at once */
};

/* ---- errors -------------------------------------------------------------------------------- */

static void broken(struct reading *r, const char *file, int line, const char *path,
                   const char *what)
{
    const char *place = line > 0 ? arena_printf(&r->s->arena, ":%d", line).ptr : "";

    r->status = session_fail(r->s, EXIT_USAGE, "%s%s: %s%s%s", file, place, path,
                             path[0] ? ": " : "", what);
}

static void broken_at(struct reading *r, const char *file, struct str text, const struct err *e)
{
    broken(r, file, json_line(text, str_from(e->path)), e->path, e->text);
}

/* ---- one file ------------------------------------------------------------------------------ */

static const char *full_path(struct reading *r, const char *file)
{
    return arena_printf(&r->s->arena, "%s/%s", r->dir, file).ptr;
}

static bool read_text(struct reading *r, const char *file, struct str *ret)
{
    struct err e = ERR_INIT;
    struct buf text;

    buf_init(&text, FILE_MAX);
    bool read = file_read(full_path(r, file), &text, &e) == E_OK;
    if (read)
        *ret = arena_str(r->project->arena, buf_str(&text));
    else
        broken(r, file, 0, "", e.text);
    buf_done(&text);
    return read;
}

static json_t *read_json(struct reading *r, const char *file, struct str *ret_text)
{
    json_error_t where;
    json_t *value;

    if (!read_text(r, file, ret_text))
        return NULL;
    value = json_loadb(ret_text->ptr ? ret_text->ptr : "", ret_text->len, JSON_REJECT_DUPLICATES,
                       &where);
    if (!value)
        broken(r, file, where.line, "", where.text);
    return value;
}

/* The code of a task, from the file that it names. */
static bool read_code(struct reading *r, const char *folder, const char *file, struct str text,
                      json_t *task)
{
    json_t *config = json_object_get(task, "TaskConfiguration");
    const char *name = text_of(config, "CodeFile");
    struct buf code, encoded;
    struct err e = ERR_INIT;

    if (!name[0])
        return true;
    if (strchr(name, '/')) {
        err_set(&e, E_RANGE, "it must be the name of a file beside this one");
        err_prefix(&e, "TaskConfiguration.CodeFile");
        return broken_at(r, file, text, &e), false;
    }
    buf_init(&code, FILE_MAX);
    buf_init(&encoded, 2 * FILE_MAX);
    bool read = file_read(full_path(r, arena_printf(&r->s->arena, "%s/%s", folder, name).ptr),
                          &code, &e) == E_OK;
    if (read) {
        base64_encode(&encoded, buf_str(&code));
        json_object_set_new(config, "CodeContent",
                            json_stringn(encoded.ptr ? encoded.ptr : "", encoded.len));
        json_object_del(config, "CodeFile");
    } else {
        err_prefix(&e, "TaskConfiguration.CodeFile");
        broken_at(r, file, text, &e);
    }
    buf_done(&code);
    buf_done(&encoded);
    return read;
}

static void add(struct reading *r, enum definition_kind kind, const char *file, const char *name,
                struct str text, json_t *value)
{
    const struct project_item *other = project_find(r->project, kind, name);

    if (other) {
        broken(r, file, 0, "",
               arena_printf(&r->s->arena,
                            "there is a %s %s in %s already; names are unique in a project",
                            definition_names[kind], name, other->file)
                   .ptr);
        json_decref(value);
        return;
    }
    struct project_item *item = project_add(r->project, kind, name, value);
    item->file = arena_cstr(r->project->arena, str_from(file));
    item->text = text;
}

/* The definition in a file, checked; NULL: it is broken, and was told. */
static json_t *read_definition(struct reading *r, enum definition_kind kind, const char *file,
                               struct str *ret_text)
{
    struct err e = ERR_INIT;
    json_t *value = read_json(r, file, ret_text);

    if (value && definition_check_file(kind, value, &e) != E_OK) {
        broken_at(r, file, *ret_text, &e);
        json_decref(value);
        return NULL;
    }
    return value;
}

/* The bytes of a resource file, which stand beside it: their digest, and where they are. */
static const char *read_bytes(struct reading *r, const char *folder, const char *file,
                              struct str text, json_t *value)
{
    const char *name = text_of(value, "ContentFile"), *full = NULL;
    char digest[2 * SHA256_LEN + 1];
    struct err e = ERR_INIT;
    struct buf bytes;
    enum err_code rc = E_OK;

    buf_init(&bytes, PROJECT_RESOURCE_MAX);
    if (strchr(name, '/'))
        rc = err_set(&e, E_RANGE, "it must be the name of a file beside this one");
    if (rc == E_OK) {
        full = full_path(r, arena_printf(&r->s->arena, "%s/%s", folder, name).ptr);
        rc = file_read(full, &bytes, &e);
    }
    if (rc == E_OK) {
        sha256_hex(buf_str(&bytes), digest);
        json_object_set_new(value, "Digest", json_string(digest));
        json_object_del(value, "ContentFile");
    } else {
        err_prefix(&e, "ContentFile");
        broken_at(r, file, text, &e);
    }
    buf_done(&bytes);
    return rc == E_OK ? full : NULL;
}

static void read_flat(struct reading *r, enum definition_kind kind, const char *file,
                      const char *name)
{
    struct str text;
    json_t *value = read_definition(r, kind, file, &text);

    if (!value)
        return;
    if (kind == DEFINITION_GROUP)
        json_object_set_new(value, "Associated", json_true());
    json_t *normal = shape_normal(definition_shapes[kind], value);
    definition_sort(normal);
    add(r, kind, file, name, text, normal);
    json_decref(value);
}

/* ---- directories --------------------------------------------------------------------------- */

/* Where the walk is: in a folder of workflows, or in a workflow, in a folder of its tasks. */
struct place {
    const char *path;     /* below dir */
    const char *folder;   /* "" or "/a/b", of workflows or, in a workflow, of tasks */
    const char *workflow; /* NULL: in none */
    const char *begun;    /* the part of a name that the directories so far have of it, or "" */
    const json_t *of_workflow;
    int depth;
};

static void read_task(struct reading *r, const struct place *at, const char *file, const char *name)
{
    struct str text;
    json_t *value = read_definition(r, DEFINITION_TASK, file, &text);
    json_t *base = json_object_get(value, "TaskBaseAttribute");

    if (value && read_code(r, at->path, file, text, value)) {
        json_object_set_new(base, "TaskFolderPath", json_string(at->folder));
        json_object_set_new(base, "WorkflowName", json_string(at->workflow));
        definition_take_schedule(value, at->of_workflow);
        definition_open_settings(value);
        definition_leave_project(value, r->s->project);
        add(r, DEFINITION_TASK, file, name, text,
            shape_normal(definition_shapes[DEFINITION_TASK], value));
    }
    json_decref(value);
}

/* at becomes the place of the workflow. */
static bool enter_workflow(struct reading *r, struct place *at, const char *name)
{
    const char *file = arena_printf(&r->s->arena, "%s/workflow.json", at->path).ptr;
    struct str text;
    json_t *value = read_definition(r, DEFINITION_WORKFLOW, file, &text);

    if (!value)
        return false;
    const char *slash = strrchr(at->folder, '/');
    definition_leave_project(value, r->s->project);
    json_object_set_new(value, "ParentFolderPath",
                        json_stringn(at->folder, slash ? (size_t)(slash - at->folder) : 0));
    add(r, DEFINITION_WORKFLOW, file, name, text,
        shape_normal(definition_shapes[DEFINITION_WORKFLOW], value));
    json_decref(value);
    const struct project_item *item = project_find(r->project, DEFINITION_WORKFLOW, name);
    at->workflow = name;
    at->of_workflow = item ? item->definition : NULL;
    at->folder = "";
    return true;
}

static void read_resource(struct reading *r, const struct place *at, const char *file,
                          const char *name)
{
    struct str text;
    json_t *value = read_definition(r, DEFINITION_RESOURCE, file, &text);
    const char *content = value ? read_bytes(r, at->path, file, text, value) : NULL;

    if (content) {
        const char *path = arena_printf(&r->s->arena, "%s/%s", at->folder, name).ptr;
        add(r, DEFINITION_RESOURCE, file, path, text,
            shape_normal(definition_shapes[DEFINITION_RESOURCE], value));
        struct project_item *item = project_find(r->project, DEFINITION_RESOURCE, path);
        item->content = content;
    }
    json_decref(value);
}

static void walk(struct reading *r, enum definition_kind kind, struct place at);

static void take_dir(struct reading *r, enum definition_kind kind, const struct place *at,
                     const char *path, const char *name)
{
    struct place below = *at;

    below.path = path;
    below.begun = "";
    below.folder = arena_printf(&r->s->arena, "%s/%s", at->folder, name).ptr;
    bool is_workflow =
        kind == DEFINITION_TASK && !at->workflow &&
        file_exists(full_path(r, arena_printf(&r->s->arena, "%s/workflow.json", path).ptr));
    if (!is_workflow || enter_workflow(r, &below, name))
        walk(r, kind, below);
}

/* A name goes on in this directory. */
static void take_part(struct reading *r, enum definition_kind kind, const struct place *at,
                      const char *path, const char *begun)
{
    struct place inside = *at;

    inside.path = path;
    inside.begun = begun;
    walk(r, kind, inside);
}

static void take_file(struct reading *r, enum definition_kind kind, const struct place *at,
                      const char *path, const char *name)
{
    if (++r->n_files > FILES_MAX) {
        if (r->n_files == FILES_MAX + 1)
            broken(r, path, 0, "", "there are too many files");
        return;
    }
    if (kind == DEFINITION_RESOURCE)
        read_resource(r, at, path, name);
    else if (kind != DEFINITION_TASK)
        read_flat(r, kind, path, name);
    else if (at->workflow)
        read_task(r, at, path, name);
    else if (strcmp(name, "folder") == 0 && at->folder[0])
        read_flat(r, DEFINITION_FOLDER, path, at->folder);
    else
        broken(r, path, 0, "",
               "a task stands in the directory of its workflow, which has a workflow.json");
}

static void take_entry(struct reading *r, enum definition_kind kind, const struct place *at,
                       const char *entry)
{
    const char *path = arena_printf(&r->s->arena, "%s/%s", at->path, entry).ptr, *name = NULL;
    struct str stem = str_from(entry);
    struct err e = ERR_INIT;
    bool goes_on = false;
    struct stat st;

    if (entry[0] == '.' || lstat(full_path(r, path), &st) != 0)
        return;
    if (!S_ISDIR(st.st_mode)) {
        if (!str_ends_with(stem, STR(".json")) ||
            (kind == DEFINITION_TASK && !at->begun[0] && strcmp(entry, "workflow.json") == 0))
            return;
        stem.len -= 5;
    } else {
        goes_on = file_name_goes_on(&stem);
        if (!goes_on && kind != DEFINITION_TASK && kind != DEFINITION_RESOURCE)
            return;
    }
    if (file_name_read(&r->s->arena, stem, &name, &e) != E_OK) {
        broken(r, path, 0, "", e.text);
        return;
    }
    name = arena_printf(&r->s->arena, "%s%s", at->begun, name).ptr;
    if (goes_on)
        take_part(r, kind, at, path, name);
    else if (S_ISDIR(st.st_mode))
        take_dir(r, kind, at, path, name);
    else
        take_file(r, kind, at, path, name);
}

static void walk(struct reading *r, enum definition_kind kind, struct place at)
{
    struct dirent **names = NULL;
    int n;

    if (++at.depth > PROJECT_DEPTH_MAX) {
        broken(r, at.path, 0, "", "the directories are nested too deep");
        return;
    }
    n = scandir(full_path(r, at.path), &names, NULL, alphasort);

    for (int i = 0; i < n; i++) {
        take_entry(r, kind, &at, names[i]->d_name);
        free(names[i]); /* lint: scandir's memory */
    }
    free(names); /* lint: scandir's memory */
}

int project_read(struct session *s, const char *dir, struct project *ret)
{
    static const struct {
        const char *folder;
        enum definition_kind kind;
    } tops[] = { { "calendars", DEFINITION_CALENDAR }, { "groups", DEFINITION_GROUP },
                 { "resources", DEFINITION_RESOURCE }, { "events", DEFINITION_EVENT },
                 { "workflows", DEFINITION_TASK },     { "alarms", DEFINITION_ALARM },
                 { "members", DEFINITION_MEMBER } };
    struct reading r = { .s = s, .project = ret, .dir = dir, .status = EXIT_DONE };
    struct str text;

    if (!file_exists(full_path(&r, "project.json")))
        return session_fail(s, EXIT_USAGE,
                            "%s has no project.json; weft export --dir %s makes such a directory",
                            dir, dir);
    json_t *marker = read_json(&r, "project.json", &text);
    if (marker && json_object_get(marker, PROJECT_UNFINISHED))
        broken(&r, "project.json", json_line(text, STR(PROJECT_UNFINISHED)), PROJECT_UNFINISHED,
               "an export into this directory did not end, so files are missing; export again");
    else if (marker && json_integer_value(json_object_get(marker, "Format")) != PROJECT_FORMAT)
        broken(&r, "project.json", json_line(text, STR("Format")), "Format",
               "this weft reads format 1");
    else if (marker)
        read_flat(&r, DEFINITION_PROJECT, "project.json", DEFINITION_SETTINGS);
    json_decref(marker);
    for (size_t i = 0; i < ARRAY_LEN(tops); i++)
        walk(&r, tops[i].kind, (struct place){ .path = tops[i].folder, .folder = "", .begun = "" });
    project_sort(ret);
    return r.status;
}
