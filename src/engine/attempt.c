/* engine/attempt.c - begins attempts: writes them down, and after the commit sends them. */
#include "engine/engine_int.h"

#include "engine/parameter.h"
#include "engine/resource_tree.h"
#include "model/resource.h"
#include "sys/log.h"

static const uint64_t instance_of_task = COL(INSTANCE_WORKFLOW_ID) | COL(INSTANCE_TASK_NAME) |
                                         COL(INSTANCE_OWNER_UIN) | COL(INSTANCE_GROUP_ID);

static void row_of_task(const struct version_entry *version, const struct instance *i,
                        struct instance_row *row)
{
    row->project_id = version->project_id;
    row->workflow_id = version->spec.workflow_id;
    row->task_name = version->spec.name;
    row->owner_uin = version->spec.owner_uin;
    row->group_id = i->group_id.ptr ? i->group_id : version->spec.group_id;
    row->task_type_id = version->spec.type_id;
    row->cycle = (int32_t)version->spec.schedule.cycle;
}

/* What the task's row says is enough to see whose instance it is. */
static enum err_code add_without_version(struct engine *g, const struct instance *i,
                                         struct instance_row *row, struct err *e)
{
    struct task_row task = { .id = i->key.task_id };
    enum err_code rc = row_get(engine_view(g), &table_task, &g->arena, &task, e);

    row->project_id = task.project_id;
    row->workflow_id = task.workflow_id;
    row->task_name = task.name;
    row->owner_uin = task.owner_uin;
    row->task_type_id = task.type_id;
    row->cycle = task.cycle;
    return rc;
}

enum err_code instance_add_task(struct engine *g, const struct instance *i,
                                struct instance_row *row, struct err *e)
{
    const struct version_entry *version;
    enum err_code rc =
        version_cache_get(&g->versions, engine_view(g), i->key.task_id, i->version_no, &version, e);

    if (parameter_is_refusal(rc)) /* its attempts say so */
        return add_without_version(g, i, row, e);
    if (rc == E_OK)
        row_of_task(version, i, row);
    return rc;
}

static struct pair_key fence_key(uint64_t fence)
{
    return (struct pair_key){ fence, 0 };
}

static enum err_code find_version(struct engine *g, const struct instance *i,
                                  const struct version_entry **ret, struct err *e)
{
    enum err_code rc =
        version_cache_get(&g->versions, engine_view(g), i->key.task_id, i->version_no, ret, e);

    return rc == E_MISSING ? err_set(e, rc, "version %d of task %lld is not there any more",
                                     i->version_no, (long long)i->key.task_id)
                           : rc;
}

/* What it executes is looked up once and kept with it; where that is not possible, why. */
static enum err_code prepare(struct engine *g, const struct instance *i,
                             const struct version_entry **ret_version, struct attempt_row *row,
                             struct err *e)
{
    struct prepared *p = ARENA_NEW(&g->arena, struct prepared);
    struct err why = ERR_INIT;
    enum err_code rc = find_version(g, i, ret_version, &why);

    if (rc == E_OK) {
        rc = parameter_find(g, i, *ret_version, &row->substitutions, &p->code, &why);
        p->is_plain = p->code.ptr == (*ret_version)->spec.code.ptr;
    }
    if (parameter_is_refusal(rc)) {
        row->text = arena_str(&g->arena, str_from(why.text));
        p->is_plain = true;
        p->refusal = row->text;
        rc = E_OK;
    }
    if (rc == E_OK)
        pair_map_put(&g->prepared, fence_key((uint64_t)row->fence), p);
    else if (e)
        *e = why;
    return rc;
}

enum err_code attempt_write(struct engine *g, const struct effect *f, struct err *e)
{
    const struct instance *i = &f->instance;
    struct instance_row named = { .task_id = i->key.task_id, .data_time = i->key.data_time };
    struct attempt_row row = { .fence = (int64_t)f->fence,
                               .task_id = i->key.task_id,
                               .data_time = i->key.data_time,
                               .round = i->round,
                               .number = i->tries,
                               .node = str_from(g->config.node),
                               .outcome = -1,
                               .begun_at = g->now };
    const struct version_entry *version = NULL;
    enum err_code rc = prepare(g, i, &version, &row, e);

    if (rc == E_OK)
        rc = row_insert(g->config.store, &table_attempt, &row, NULL, e);
    if (rc != E_OK || !version)
        return rc;
    /* The version is pinned now (5.11), so the texts are those of this version. */
    row_of_task(version, i, &named);
    return row_update(g->config.store, &table_instance, &named, instance_of_task, e);
}

void attempt_live(struct engine *g, uint64_t fence, struct instance_key key, int type_id)
{
    struct live_attempt *a = NEW(struct live_attempt);

    a->key = key;
    a->type_id = type_id;
    mem_free(pair_map_put(&g->live, fence_key(fence), a));
}

static const struct attempt_param *settings(struct engine *g, const struct task_spec *task)
{
    struct attempt_param *list =
        ARENA_ARRAY(&g->arena, struct attempt_param, (size_t)task->n_ext + 1);

    for (int i = 0; i < task->n_ext; i++)
        list[i] = (struct attempt_param){ task->ext[i].key, task->ext[i].value };
    return list;
}

/* The part that is written down: code and refusal.  What was written a moment ago is known. */
static enum err_code read_parameters(struct engine *g, const struct task_spec *task,
                                     struct attempt_spec *spec, struct err *e)
{
    struct attempt_row row = { .fence = (int64_t)spec->fence };
    const struct prepared *p = pair_map_get(&g->prepared, fence_key(spec->fence));

    if (p) {
        spec->code = p->is_plain ? task->code : p->code;
        spec->refusal = p->refusal;
        return E_OK;
    }
    enum err_code rc = row_get(engine_view(g), &table_attempt, &g->arena, &row, e);

    spec->refusal = row.text;
    if (rc != E_OK || row.text.len > 0)
        return rc;
    rc = parameter_code(task, row.substitutions, &g->arena, &spec->code, e);
    return rc == E_CORRUPT ? E_SYNTAX : rc; /* of this one attempt, and not of the store */
}

/* A for-each runs as a Shell script (model/for_each.h). */
static int program_type(const struct task_spec *spec)
{
    return spec->type_id == TASK_TYPE_FOR_EACH ? TASK_TYPE_SHELL : spec->type_id;
}

/* What the instance's own data keep from being sent is why it cannot start. */
static enum err_code fill(struct engine *g, const struct instance *i, struct live_attempt *live,
                          struct attempt_spec *spec, struct err *e)
{
    const struct version_entry *version;
    enum err_code rc = find_version(g, i, &version, e);

    if (rc != E_OK)
        return rc;
    live->type_id = version->spec.type_id;
    spec->type_id = program_type(&version->spec);
    spec->task_name = version->spec.name;
    spec->project_id = version->project_id;
    spec->params = settings(g, &version->spec);
    spec->n_params = version->spec.n_ext;
    spec->event_hook = version->spec.event_hook;
    spec->outputs = parameter_wanted(&version->spec, &g->arena, &spec->n_outputs);
    rc = read_parameters(g, &version->spec, spec, e);
    if (rc != E_OK)
        return rc;
    spec->resources = resource_tree_folder(g, spec->project_id);
    if (spec->resources.len > 0)
        spec->code = resource_text(&g->arena, spec->code, spec->project_id, spec->resources);
    return E_OK;
}

static enum err_code send(struct engine *g, uint64_t fence, const struct instance *i, bool again,
                          struct live_attempt *live, struct err *e)
{
    char id[TASK_ID_LEN + 4], data_time[CIVIL_TEXT_LEN + 1], planned[CIVIL_TEXT_LEN + 1];
    char instance_key[INSTANCE_KEY_MAX];

    task_id_format(i->key.task_id, id);
    civil_format(i->key.data_time, data_time);
    civil_format(i->planned, planned);
    snprintf(instance_key, sizeof(instance_key), "%s_%s", id, data_time);
    struct attempt_spec spec = { .fence = fence,
                                 .instance_key = str_from(instance_key),
                                 .task_id = str_from(id),
                                 .data_time = str_from(data_time),
                                 .planned_time = str_from(planned),
                                 .round = i->round,
                                 .number = i->tries,
                                 .resent = again };
    enum err_code rc = fill(g, i, live, &spec, e);
    if (parameter_is_refusal(rc))
        spec.refusal = arena_str(&g->arena, str_from(e->text));
    else if (rc != E_OK)
        return rc;
    if (g->runner_synced)
        runner_has(g, fence);
    g->stats.attempts_begun++;
    g->config.runner.begin(g->config.runner.ctx, &spec);
    return E_OK;
}

void attempt_send(struct engine *g, uint64_t fence, struct instance_key key, bool again)
{
    const struct instance *i = core_instance_get(g->core, key);
    struct live_attempt *live = pair_map_get(&g->live, fence_key(fence));
    struct err e = ERR_INIT;

    if (i && i->fence == fence && live && send(g, fence, i, again, live, &e) != E_OK)
        log_error("engine", "attempt %llu: cannot read version %d of task %lld: %s",
                  (unsigned long long)fence, i->version_no, (long long)key.task_id, e.text);
}
