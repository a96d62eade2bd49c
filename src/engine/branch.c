/* engine/branch.c - the decisions of branch tasks: {"<downstream task>":true,...} as outputs. */
#include "engine/branch.h"

#include <jansson.h>
#include <stdio.h>

#include "base/jw.h"
#include "engine/engine_int.h"
#include "engine/parameter.h"
#include "model/expression.h"

static enum err_code evaluate(struct parameter_finding *f, int at, bool *ret, struct err *e)
{
    const struct task_branch *b = &f->version->spec.branches[at];
    struct err why = ERR_INIT;
    struct str condition;
    enum err_code rc = parameter_text(f, b->condition, &condition, &why);

    if (rc == E_OK)
        rc = expression_evaluate(condition, ret, &why);
    if (parameter_is_refusal(rc))
        return err_set(e, E_CONFLICT, "condition %d (%.*s): %s", at + 1,
                       STR_ARG(str_whole(str_sub(b->condition, 0, 100))), why.text);
    if (rc != E_OK && e)
        *e = why;
    return rc;
}

enum err_code branch_decide(struct engine *g, const struct instance *i, struct err *e)
{
    const struct version_entry *version;
    struct parameter_finding f;
    char id[TASK_ID_LEN + 4];
    struct buf doc;
    struct jw w;
    enum err_code rc =
        version_cache_get(&g->versions, engine_view(g), i->key.task_id, i->version_no, &version, e);

    if (parameter_is_refusal(rc))
        return err_set(e, E_CONFLICT, "version %d of the task is not there any more",
                       i->version_no);
    if (rc != E_OK)
        return rc;
    parameter_finding_init(&f, g, i, version);
    buf_init(&doc, 8192);
    jw_init(&w, &doc);
    jw_object(&w);
    for (int at = 0; at < version->spec.n_branches && rc == E_OK; at++) {
        bool holds = false;
        rc = evaluate(&f, at, &holds, e);
        task_id_format(version->spec.branches[at].task_id, id);
        jw_kbool(&w, id, holds);
    }
    jw_object_end(&w);
    parameter_finding_done(&f);
    if (rc == E_OK)
        rc = parameter_keep(g, i, buf_str(&doc), e);
    buf_done(&doc);
    return rc;
}

/* The present round of the instance. */
static enum err_code round_of(struct engine *g, struct instance_key key, int32_t *ret,
                              struct err *e)
{
    const struct instance *pending = effects_pending(g, key);
    struct instance_row row = { .task_id = key.task_id, .data_time = key.data_time };
    enum err_code rc = E_OK;

    if (!pending)
        rc = row_get(engine_view(g), &table_instance, &g->arena, &row, e);
    *ret = pending ? pending->round : row.round;
    return rc;
}

enum err_code branch_takes(struct engine *g, struct instance_key branch, int64_t down_task,
                           bool *ret, struct err *e)
{
    struct output_row row = { .task_id = branch.task_id, .data_time = branch.data_time };
    char id[TASK_ID_LEN + 4];
    int32_t round;
    json_t *doc;
    enum err_code rc = round_of(g, branch, &round, e);

    *ret = true;
    if (rc == E_OK)
        rc = row_get(engine_view(g), &table_output, &g->arena, &row, e);
    if (rc == E_MISSING || (rc == E_OK && row.round != round))
        return E_OK;
    if (rc != E_OK)
        return rc;
    doc = json_loadb(row.doc.ptr, row.doc.len, 0, NULL);
    if (!doc)
        return err_set(e, E_CORRUPT, "the decisions of a branch are no JSON");
    task_id_format(down_task, id);
    *ret = !json_is_false(json_object_get(doc, id));
    json_decref(doc);
    return E_OK;
}
