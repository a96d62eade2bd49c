/* engine/cmd_ops_owner.c - who answers for tasks in operation. */
#include <jansson.h>

#include "engine/cmd_ops_int.h"
#include "engine/task_packed.h"
#include "engine/task_rows.h"
#include "model/json_text.h"
#include "model/names.h"

struct giving {
    struct engine *g;
    struct arena *one; /* documents of one task, which may be long */
    struct str owner, uin;
    struct err *e;
};

/* The document of a version as this owner's, in the arena of the task; *ret_same: it is that
 * already. */
static enum err_code doc_of_owner(const struct giving *s, int64_t task_id, int32_t num,
                                  struct str *ret, bool *ret_same)
{
    struct version_row version = { .task_id = task_id, .num = num };
    struct arena *a = s->one;
    enum err_code rc = row_get(engine_view(s->g), &table_version, a, &version, s->e);

    if (rc != E_OK)
        return rc;
    json_t *doc = json_loadb(version.doc.ptr, version.doc.len, 0, NULL);
    json_t *base = json_object_get(doc, "TaskBaseAttribute");
    const char *old = json_string_value(json_object_get(base, "OwnerUin"));

    *ret_same = old && str_eq_c(s->owner, old);
    if (base &&
        json_object_set_new(base, "OwnerUin", json_stringn(s->owner.ptr, s->owner.len)) == 0)
        *ret = json_text(doc, a);
    else
        rc = err_set(s->e, E_CORRUPT, "version %.*s is not readable", STR_ARG(version.id));
    json_decref(doc);
    return rc;
}

static enum err_code write_row(const struct giving *s, struct task_row *task)
{
    struct schedule_row schedule = { .task_id = task->id, .version_no = task->submit_version_no };
    enum err_code rc =
        row_update(s->g->config.store, &table_schedule, &schedule, COL(SCHEDULE_VERSION_NO), s->e);

    task->owner_uin = s->owner;
    task->updater_uin = task->ops_uin = s->uin;
    task->updated_at = task->ops_at = s->g->now;
    if (rc == E_OK)
        rc = task_packed_renumber(s->g, task->id, task->submit_version_no, s->e);
    return rc != E_OK ? rc
                      : row_update(s->g->config.store, &table_task, task,
                                   COL(TASK_OWNER_UIN) | COL(TASK_UPDATER_UIN) |
                                       COL(TASK_UPDATED_AT) | COL(TASK_OPS_AT) | COL(TASK_OPS_UIN) |
                                       COL(TASK_VERSION_NO) | COL(TASK_SUBMIT_VERSION_NO),
                                   s->e);
}

static enum err_code add_version(const struct giving *s, struct task_row *task,
                                 enum version_kind kind, struct str doc)
{
    struct str remark = kind == SUBMITTED_VERSION ? STR("UpdateOpsTasksOwner") : STR("");

    task->version_no++;
    if (kind == SUBMITTED_VERSION)
        task->submit_version_no = task->version_no;
    return task_version_write(s->g, task->id, task->version_no, kind, remark, s->uin, doc, NULL,
                              s->e);
}

/* Versions never change, so production gets a new one; what the draft has beyond it is saved again
 * on top, or the next submit would bring the old owner back.  Nothing but the owner differs, so
 * what SubmitTask would check is not looked at, and edges and status stay. */
static enum err_code give(const struct giving *s, struct task_row *task, bool *ret_changed)
{
    bool ahead = !task->submitted, same = false, draft_same = true;
    struct str doc, draft = STR("");
    enum err_code rc = doc_of_owner(s, task->id, task->submit_version_no, &doc, &same);

    if (rc == E_OK && ahead)
        rc = doc_of_owner(s, task->id, task->version_no, &draft, &draft_same);
    *ret_changed = !same || !draft_same;
    if (rc != E_OK || !*ret_changed)
        return rc;
    rc = add_version(s, task, SUBMITTED_VERSION, doc);
    if (rc == E_OK && ahead)
        rc = add_version(s, task, SAVED_VERSION, draft);
    return rc != E_OK ? rc : write_row(s, task);
}

enum err_code ops_owner(struct engine *g, const struct ops_request *r, struct str owner,
                        struct err *e)
{
    struct arena one;
    struct giving s = { .g = g, .one = &one, .owner = owner, .uin = r->uin, .e = e };
    bool *changed = ARENA_ARRAY(&g->arena, bool, (size_t)r->n_tasks + 1);
    struct task_row *tasks;
    enum err_code rc = name_check_owner(owner, "OwnerUin", e);

    if (rc == E_OK)
        rc = ops_load_tasks(g, r, &tasks, e);
    arena_init(&one);
    for (int i = 0; i < r->n_tasks && rc == E_OK; i++) {
        arena_reset(&one);
        rc = give(&s, &tasks[i], &changed[i]);
    }
    arena_done(&one);
    /* The core reads the tasks anew, so it must find what this turn has done to them. */
    if (rc == E_OK)
        rc = effects_flush(g, e);
    for (int i = 0; i < r->n_tasks && rc == E_OK; i++)
        if (changed[i])
            rc = task_tell(g, tasks[i].id, e);
    return rc;
}
