/* cli/apply_folders.c - carries out what files ask for: folders, of workflows, tasks and resource
 * files. */
#include "cli/apply.h"

#include <string.h>

struct wish {
    const struct project_item *item; /* what is to be in it */
    enum folder_kind kind;
    const char *workflow_id, *type; /* of a folder of tasks */
};

static json_t *folder_params(struct apply *a, const struct wish *w, struct str parent,
                             struct str name)
{
    json_t *above = parent.len > 0 ? json_stringn(parent.ptr, parent.len) : json_string("/");

    if (w->kind != FOLDER_OF_TASKS)
        return json_pack("{s:s,s:o,s:s%}", "ProjectId", a->s->project, "ParentFolderPath", above,
                         "FolderName", name.ptr, name.len);
    return json_pack("{s:s,s:s,s:s,s:o,s:s%}", "ProjectId", a->s->project, "WorkflowId",
                     w->workflow_id, "TaskFolderType", w->type, "ParentTaskFolderPath", above,
                     "TaskFolderName", name.ptr, name.len);
}

/* A folder of workflows is known from now on, with its id. */
static void keep(struct apply *a, struct str path, const json_t *response)
{
    json_t *nothing = json_object();
    struct project_item *made =
        project_add(a->have, DEFINITION_FOLDER, arena_cstr(&a->s->arena, path), nothing);

    if (made)
        made->id = arena_cstr(a->have->arena,
                              str_from(text_of(json_object_get(response, "Data"), "FolderId")));
    else
        json_decref(nothing);
}

static int make(struct apply *a, const struct wish *w, struct str parent, struct str name)
{
    static const char *const actions[] = { [FOLDER_OF_WORKFLOWS] = "CreateWorkflowFolder",
                                           [FOLDER_OF_TASKS] = "CreateTaskFolder",
                                           [FOLDER_OF_RESOURCES] = "CreateResourceFolder" };
    struct str path = arena_printf(&a->s->arena, "%.*s/%.*s", STR_ARG(parent), STR_ARG(name));
    struct str key =
        arena_printf(&a->s->arena, "%d %s %s %.*s", (int)w->kind,
                     w->workflow_id ? w->workflow_id : "", w->type ? w->type : "", STR_ARG(path));
    struct failure failure;
    json_t *response;

    if (map_put(&a->folders, key, a))
        return EXIT_DONE;
    int status = session_try(a->s, VERSION_2025, actions[w->kind],
                             folder_params(a, w, parent, name), &response, &failure);
    if (status != EXIT_DONE)
        return strcmp(failure.why.code, "InvalidParameter.DuplicateName") == 0
                   ? EXIT_DONE
                   : session_fail(a->s, status, "%s: %s", w->item->file, failure.why.message);
    if (w->kind == FOLDER_OF_WORKFLOWS)
        keep(a, path, response);
    json_decref(response);
    return EXIT_DONE;
}

int apply_folder(struct apply *a, const struct project_item *item, enum folder_kind kind,
                 const char *workflow_id, const char *type, const char *path)
{
    struct wish w = { .item = item, .kind = kind, .workflow_id = workflow_id, .type = type };
    struct str whole = str_from(path);
    int status = EXIT_DONE;

    for (size_t from = 1; from < whole.len && status == EXIT_DONE;) {
        ptrdiff_t slash = str_find_char(str_sub(whole, from, whole.len), '/');
        size_t end = slash < 0 ? whole.len : from + (size_t)slash;
        status = make(a, &w, str_sub(whole, 0, from - 1), str_sub(whole, from, end - from));
        from = end + 1;
    }
    return status;
}
