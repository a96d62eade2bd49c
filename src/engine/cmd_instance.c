/* engine/cmd_instance.c - kill instances, declare them successful. */
#include "engine/cmd_instance.h"

#include "engine/cmd_instance_int.h"

enum err_code instances_load(struct engine *g, const struct instance_request *r,
                             struct instance **ret, struct err *e)
{
    struct instance *all = ARENA_ARRAY(&g->arena, struct instance, (size_t)r->n_keys + 1);
    struct project_row project;
    char path[48];
    enum err_code rc =
        project_require(engine_view(g), &g->arena, r->project_id, "ProjectId", &project, e);

    /* What this turn has changed must be seen. */
    if (rc == E_OK)
        rc = effects_flush(g, e);
    for (int i = 0; i < r->n_keys && rc == E_OK; i++) {
        struct instance_row row = { .task_id = r->keys[i].task_id,
                                    .data_time = r->keys[i].data_time };
        rc = row_get(engine_view(g), &table_instance, &g->arena, &row, e);
        if (rc == E_OK && str_eq(row.project_id, r->project_id)) {
            instance_from_row(&row, &all[i]);
            continue;
        }
        if (rc != E_OK && rc != E_MISSING)
            return rc;
        snprintf(path, sizeof(path), "InstanceKeyList.%d", i);
        rc = err_user(e, E_MISSING, path, "there is no such instance in this project",
                      "该项目中没有此实例");
    }
    *ret = all;
    return rc;
}

struct str instance_text(struct engine *g, struct instance_key key)
{
    struct buf text;

    buf_init(&text, INSTANCE_KEY_MAX);
    instance_key_format(key, &text);
    struct str copy = arena_str(&g->arena, buf_str(&text));
    buf_done(&text);
    return copy;
}

enum err_code instances_kill(struct engine *g, const struct instance_request *r, struct str *ret_id,
                             struct err *e)
{
    struct instance *all;
    struct job job;
    enum err_code rc = instances_load(g, r, &all, e);

    if (rc != E_OK)
        return rc;
    rc = job_begin(&job, g, JOB_KILL, r->project_id, r->uin, r->doc, e);
    for (int i = 0; i < r->n_keys && rc == E_OK; i++) {
        if (instance_state_is_terminal(all[i].state) ||
            !core_kill(g->core, all[i].key, STR("manually terminated"), g->now))
            job_success(&job); /* nothing to do (5.6) */
        else
            rc = job_pending(&job, all[i].key, all[i].round, e);
    }
    if (rc == E_OK)
        rc = job_finish(&job, e);
    *ret_id = job.id;
    job_done(&job);
    return rc;
}

enum err_code instances_set_success(struct engine *g, const struct instance_request *r,
                                    struct str *ret_id, struct err *e)
{
    struct instance *all;
    struct job job;
    enum err_code rc = instances_load(g, r, &all, e);

    if (rc != E_OK)
        return rc;
    rc = job_begin(&job, g, JOB_SET_SUCCESS, r->project_id, r->uin, r->doc, e);
    for (int i = 0; i < r->n_keys && rc == E_OK; i++) {
        struct err why = ERR_INIT;
        if (core_set_success(g->core, all[i].key, &all[i], STR("set successful by an operator"),
                             g->now, &why) == E_OK)
            job_success(&job);
        else
            job_failure(&job, instance_text(g, all[i].key), why.text, why.text_zh);
    }
    if (rc == E_OK)
        rc = job_finish(&job, e);
    *ret_id = job.id;
    job_done(&job);
    return rc;
}
