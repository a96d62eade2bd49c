/* engine/plan_doc.c - the request that made a round. */
#include "engine/plan_doc.h"

#include "engine/engine_int.h"

enum err_code plan_doc_read(struct view *v, struct arena *a, struct doc_cache *cache, struct str id,
                            json_t **ret, struct err *e)
{
    struct plan_row plan = { .id = id };
    struct job_row job = { .id = id };
    enum err_code rc = row_get(v, &table_plan, a, &plan, e);
    struct str doc = plan.doc;

    if (rc == E_MISSING) {
        rc = row_get(v, &table_job, a, &job, e);
        doc = job.doc;
    }
    if (rc == E_MISSING) {
        *ret = json_object();
        return E_OK;
    }
    return rc == E_OK ? doc_cache_get(cache, doc, ret, e) : rc;
}

/* The first and the last of the data times of a run, added (1.8). */
static int64_t mirror_of_times(const json_t *times)
{
    struct civil first = { INT64_MAX }, last = { INT64_MIN }, at;
    const json_t *item;
    size_t i;

    json_array_foreach(times, i, item)
    {
        const char *text = json_string_value(item);
        if (!text || civil_parse(str_from(text), &at, NULL) != E_OK)
            continue;
        first = at.s < first.s ? at : first;
        last = at.s > last.s ? at : last;
    }
    return first.s > last.s ? 0 : first.s + last.s;
}

/* The first and the last second of its days, added. */
static int64_t mirror_of(const json_t *doc)
{
    const json_t *ranges = json_object_get(doc, "DataBackfillRangeList"), *range;
    const json_t *times = json_object_get(doc, "DataTimeList");
    struct civil first = { INT64_MAX }, last = { INT64_MIN }, day;
    size_t i;

    if (times)
        return mirror_of_times(times);

    json_array_foreach(ranges, i, range)
    {
        const char *from = json_string_value(json_object_get(range, "StartDate"));
        const char *to = json_string_value(json_object_get(range, "EndDate"));
        if (from && civil_parse_date(str_from(from), &day, NULL) == E_OK && day.s < first.s)
            first = day;
        if (to && civil_parse_date(str_from(to), &day, NULL) == E_OK && day.s > last.s)
            last = day;
    }
    return first.s > last.s ? 0 : first.s + last.s + CIVIL_DAY - 1;
}

enum err_code plan_doc_fact(struct engine *g, struct str id, struct plan_fact *ret, struct err *e)
{
    json_t *doc;
    enum err_code rc = plan_doc_read(engine_view(g), &g->arena, &g->docs, id, &doc, e);

    if (rc == E_SYNTAX) { /* its attempts say so (parameter.c) */
        *ret = (struct plan_fact){ .limit = 0 };
        return E_OK;
    }
    if (rc != E_OK)
        return rc;
    json_int_t n = json_integer_value(json_object_get(doc, "RedefineParallelNum"));
    const char *group = json_string_value(json_object_get(doc, "SchedulerResourceGroupId"));
    const char *order = json_string_value(json_object_get(doc, "DataTimeOrder"));
    *ret = (struct plan_fact){ .limit = n > 0 && n <= PLAN_PARALLEL_MAX ? (int)n : 0 };
    if (group)
        ret->group_id = arena_str(&g->arena, str_from(group));
    if (order && str_eq_c(str_from(order), "ORDER"))
        ret->order = PLAN_ORDER;
    if (order && str_eq_c(str_from(order), "REVERSE")) {
        ret->order = PLAN_REVERSE;
        ret->mirror = mirror_of(doc);
    }
    json_decref(doc);
    return E_OK;
}
