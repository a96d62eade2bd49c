/* api/act_group_metrics.c - GetResourceGroupMetrics (docs/reference/semantics.md 5.2).
 *
 * What is known is the load of the slots at this moment: no history is kept, and a machine is not
 * looked at, so system metrics have no snapshots.
 */
#include "api/access.h"

#include "core/core.h"
#include "engine/cmd_group.h"

static enum err_code metrics_prepare(struct call *c)
{
    struct str type = param_str(c->params, "MetricType");
    int64_t from = param_i64(c->params, "StartTime", 0),
            to = param_i64(c->params, "EndTime", INT64_MAX);

    if (type.len > 0 && !str_eq_c(type, "all") && !str_eq_c(type, "task") &&
        !str_eq_c(type, "system"))
        return err_user(&c->err, E_RANGE, "MetricType", "`%.*s` is not all, task or system",
                        "`%.*s` 不是 all、task 或 system", STR_ARG(str_sub(type, 0, 64)));
    if (to < from)
        return err_user(&c->err, E_RANGE, "EndTime", "it is before StartTime", "早于 StartTime");
    if (param_i64(c->params, "Granularity", 1) < 1)
        return err_user(&c->err, E_RANGE, "Granularity", "it must be at least one minute",
                        "至少为 1 分钟");
    return E_OK;
}

/* Changes nothing: what runs and waits is known on the engine thread only. */
static enum err_code metrics_apply(struct call *c, struct engine *g)
{
    struct group_load *load = ARENA_NEW(&c->arena, struct group_load);
    struct group_row row;
    struct str id = param_str(c->params, "ResourceGroupId");
    bool sees = false;
    enum err_code rc =
        group_require(engine_view(g), &c->arena, id, "ResourceGroupId", &row, &c->err);

    if (rc == E_OK)
        rc = access_sees_group(c, engine_view(g), id, &sees);
    if (rc == E_OK && !sees)
        rc = group_absent(id, "ResourceGroupId", &c->err);
    if (rc != E_OK)
        return rc;
    if (!core_group_load(engine_core(g), id, load))
        load->slots = row.slots;
    c->state = load;
    return E_OK;
}

static void write_metric(struct jw *w, const char *name, int64_t value)
{
    jw_object(w);
    jw_kcstr(w, "MetricName", name);
    jw_ki64(w, "SnapshotValue", value);
    jw_knull(w, "TrendList"); /* no history is kept */
    jw_object_end(w);
}

static enum err_code metrics_answer(struct call *c)
{
    static const char *const unknown[] = { "CpuNum", "DiskVolume", "MemSize", "LifeCycle" };
    const struct group_load *load = c->state;
    struct jw *w = &c->out;

    jw_key(w, "Data");
    jw_object(w);
    for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
        jw_knull(w, unknown[i]);
    jw_ki64(w, "MaximumConcurrency", load->slots);
    jw_ki64(w, "Status", 1); /* it runs as long as the server does */
    jw_key(w, "MetricSnapshots");
    jw_array(w);
    if (!str_eq_c(param_str(c->params, "MetricType"), "system")) {
        write_metric(w, "MaximumConcurrency", load->slots);
        write_metric(w, "ConcurrencyUsage",
                     load->slots > 0 ? (int64_t)load->running * 100 / load->slots : 0);
        write_metric(w, "DevelopRunningTask", load->running);
        write_metric(w, "DevelopQueueTask", load->queued);
        write_metric(w, "DevelopSchedulingTask", (int64_t)load->running + load->queued);
    }
    jw_array_end(w);
    jw_object_end(w);
    return E_OK;
}

static const struct action actions[] = {
    { API_2025, "GetResourceGroupMetrics", metrics_prepare, metrics_apply, metrics_answer,
      ACCESS_ANY, NULL, true },
};
const struct action_family family_group_metrics = { actions, ARRAY_LEN(actions) };
