/* engine/plan_doc.c - the request that made a round. */
#include "engine/plan_doc.h"

enum err_code plan_doc_read(struct view *v, struct arena *a, struct str id, json_t **ret,
                            struct err *e)
{
    struct plan_row plan = { .id = id };
    struct job_row job = { .id = id };
    enum err_code rc = row_get(v, &table_plan, a, &plan, e);
    struct str doc = plan.doc;

    if (rc == E_MISSING) {
        rc = row_get(v, &table_job, a, &job, e);
        doc = job.doc;
    }
    if (rc != E_OK && rc != E_MISSING)
        return rc;
    *ret = rc == E_MISSING ? json_object()
                           : json_loadb(doc.ptr ? doc.ptr : "", doc.len, JSON_ALLOW_NUL, NULL);
    return *ret ? E_OK : err_set(e, E_CORRUPT, "the request of plan %.*s is no JSON", STR_ARG(id));
}

enum err_code plan_doc_limit(struct view *v, struct arena *a, struct str id, int *ret,
                             struct err *e)
{
    json_t *doc;
    enum err_code rc = plan_doc_read(v, a, id, &doc, e);

    if (rc != E_OK)
        return rc;
    json_int_t n = json_integer_value(json_object_get(doc, "RedefineParallelNum"));
    *ret = n > 0 && n <= PLAN_PARALLEL_MAX ? (int)n : 0;
    json_decref(doc);
    return E_OK;
}
