/* cli/project_write_belongs.c - writes what belongs to a project as a whole: settings, resource
 * groups and files, folders, events, calendars, alarm rules, members. */
#include "cli/project_write_int.h"

#include <string.h>

#include "cli/alarm_hooks.h"
#include "cli/file_name.h"
#include "sys/crypto.h"
#include "sys/file.h"

/* ---- resource files -------------------------------------------------------------------------- */

/* "/a/b/file" as the place of its definition; *ret_bytes: that of its bytes, which is never one of
 * a definition. */
static enum err_code resource_paths(struct writing *w, const char *name, const char **ret,
                                    const char **ret_dir, const char **ret_bytes)
{
    const char *slash = strrchr(name, '/'), *dir = NULL, *path = NULL;
    struct str folder = str_make(name, slash ? (size_t)(slash - name) : 0),
               file = str_from(slash ? slash + 1 : name);
    enum err_code rc = folder_dir(w, "resources", arena_cstr(w->arena, folder), &dir);

    if (rc == E_OK)
        rc = file_name_make(w->arena, file, ".json", &path, &w->e);
    if (rc != E_OK)
        return rc;
    path = arena_printf(w->arena, "%s/%s", dir, path).ptr;
    slash = strrchr(path, '/');
    struct str stem = str_make(slash + 1, strlen(slash + 1) - 5);
    *ret = path;
    *ret_dir = arena_cstr(w->arena, str_make(path, (size_t)(slash - path)));
    *ret_bytes = str_ends_with(stem, STR(".json"))
                     ? arena_printf(w->arena, "%.*s%%2Ejson", (int)stem.len - 5, stem.ptr).ptr
                     : arena_cstr(w->arena, stem);
    return E_OK;
}

/* Behind what is in out; somebody may change the file between two parts of it. */
static enum err_code fetch_whole(struct writing *w, const struct project_item *item,
                                 struct buf *out)
{
    char digest[2 * SHA256_LEN + 1];

    if (project_fetch_resource(w->s, item, out) != EXIT_DONE)
        return err_set(&w->e, E_IO, "resource file %s was not written", item->name);
    sha256_hex(buf_str(out), digest);
    return strcmp(digest, text_of(item->definition, "Digest")) == 0
               ? E_OK
               : err_set(&w->e, E_CONFLICT, "resource file %s was changed meanwhile; export again",
                         item->name);
}

/* Only what is not there already is fetched. */
static enum err_code write_bytes(struct writing *w, const struct project_item *item,
                                 const char *path)
{
    const char *full = arena_printf(w->arena, "%s/%s", w->dir, path).ptr;
    char digest[2 * SHA256_LEN + 1] = "";
    struct buf bytes;
    enum err_code rc = E_OK;

    map_put(&w->written, str_from(path), w);
    buf_init(&bytes, PROJECT_RESOURCE_MAX);
    if (file_read(full, &bytes, NULL) == E_OK)
        sha256_hex(buf_str(&bytes), digest);
    if (strcmp(digest, text_of(item->definition, "Digest")) != 0) {
        buf_reset(&bytes);
        rc = fetch_whole(w, item, &bytes);
        if (rc == E_OK)
            rc = put_file(w, path, buf_str(&bytes));
    }
    buf_done(&bytes);
    return rc;
}

enum err_code write_resource(struct writing *w, const struct project_item *item)
{
    json_t *shown = json_copy(item->definition);
    const char *path = NULL, *dir = NULL, *bytes = NULL;
    enum err_code rc = resource_paths(w, item->name, &path, &dir, &bytes);

    json_object_del(shown, "Digest");
    if (rc == E_OK) {
        json_object_set_new(shown, "ContentFile", json_string(bytes));
        rc = put_json(w, path, shown);
    }
    if (rc == E_OK)
        rc = write_bytes(w, item, arena_printf(w->arena, "%s/%s", dir, bytes).ptr);
    json_decref(shown);
    return rc;
}

/* ---- the others ---------------------------------------------------------------------------- */

enum err_code write_group(struct writing *w, const struct project_item *item)
{
    struct project_item shown = *item;
    enum err_code rc = E_OK;

    shown.definition = json_copy(item->definition);
    json_object_del(shown.definition, "Associated");
    if (json_is_true(json_object_get(item->definition, "Associated")))
        rc = write_flat(w, &shown, "groups");
    json_decref(shown.definition);
    return rc;
}

enum err_code write_settings(struct writing *w, const struct project_item *item)
{
    json_t *shown = json_copy(item->definition);
    enum err_code rc;

    if (json_integer_value(json_object_get(shown, "Status")) != 0)
        json_object_del(shown, "Status"); /* what most are, and what nobody has to say */
    rc = put_json(w, "project.json", shown);
    json_decref(shown);
    return rc;
}

/* ---- folders ------------------------------------------------------------------------------- */

static bool is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);

    return strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* Directories say that it is there. */
static bool has_content_below(const struct project *p, const char *folder)
{
    for (size_t i = 0; i < p->n[DEFINITION_WORKFLOW]; i++)
        if (is_below(text_of(p->items[DEFINITION_WORKFLOW][i]->definition, "ParentFolderPath"),
                     folder))
            return true;
    for (size_t i = 0; i < p->n[DEFINITION_FOLDER]; i++) {
        const char *other = p->items[DEFINITION_FOLDER][i]->name;
        if (strcmp(other, folder) != 0 && is_below(other, folder))
            return true;
    }
    return false;
}

enum err_code write_folder(struct writing *w, const struct project_item *item)
{
    json_t *shown = json_copy(item->definition);
    const char *dir = NULL;
    enum err_code rc = folder_dir(w, "workflows", item->name, &dir);

    leave_permissions(shown);
    if (rc == E_OK && (json_object_size(shown) > 0 || !has_content_below(w->project, item->name)))
        rc = put_json(w, arena_printf(w->arena, "%s/folder.json", dir).ptr, shown);
    json_decref(shown);
    return rc;
}

/* ---- files of one folder ------------------------------------------------------------------- */

enum err_code write_alarm(struct writing *w, const struct project_item *item)
{
    struct project_item shown = *item;
    enum err_code rc;

    shown.definition = json_deep_copy(item->definition);
    if (!w->hooks)
        alarm_hooks_hide(shown.definition, w->arena);
    rc = write_flat(w, &shown, "alarms");
    json_decref(shown.definition);
    return rc;
}

enum err_code write_event(struct writing *w, const struct project_item *item)
{
    return write_flat(w, item, "events");
}

enum err_code write_calendar(struct writing *w, const struct project_item *item)
{
    return item->used ? write_flat(w, item, "calendars") : E_OK;
}

enum err_code write_member(struct writing *w, const struct project_item *item)
{
    return write_flat(w, item, "members");
}
