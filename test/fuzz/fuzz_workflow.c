/* test/fuzz/fuzz_workflow.c - documents of workflows (docs/reference/semantics.md 2.9): what
 * decodes is kept as it is, and a task that gets the workflow's schedule still decodes.
 *
 *   input: the parameters of CreateWorkflow as a flattened form, one "name=value" per line
 */
#include "fuzz.h"

#include "api/form.h"
#include "api/workflow_doc.h"
#include "model/task.h"

static const struct civil today = { 1767225600 };
static const char plain_task[] =
    "{\"TaskBaseAttribute\":{\"TaskName\":\"t\",\"TaskTypeId\":\"35\",\"WorkflowId\":\"w\"},"
    "\"TaskConfiguration\":{},\"TaskSchedulerConfiguration\":{\"UpstreamDependencyConfigList\":"
    "[{\"TaskId\":\"20241204111252781\",\"MainCyclicConfig\":\"RANGE_DAY\",\"Offset\":\"-1,0\"}]}}";

static json_t *read_params(struct str input, struct arena *a)
{
    const struct schema_object *object =
        schema_action_find(STR("2025-08-06"), STR("CreateWorkflow"))->request;
    struct public_error fault;
    struct auth_field *fields;
    json_t *params = NULL;
    int n;
    char *form = arena_cstr(a, input);

    for (size_t i = 0; i < input.len; i++)
        form[i] = form[i] == '\n' ? '&' : form[i];
    if (form_parse(str_make(form, input.len), a, &fields, &n, &fault))
        params = form_to_json(object, fields, n, false, &fault);
    if (params && schema_check(object, params, NULL) != SCHEMA_OK) {
        json_decref(params);
        params = NULL;
    }
    return params;
}

static void check_task(const json_t *doc, const struct workflow_schedule *s, struct arena *a)
{
    json_t *task = json_loads(plain_task, 0, NULL);
    struct task_spec spec;

    check(workflow_schedule_is_left_out(task));
    workflow_schedule_put(json_object_get(doc, WORKFLOW_SCHEDULE), task);
    if (s->reset_pairs)
        workflow_schedule_reset(s, task);
    check(task_decode(task, today, a, &spec, NULL) == E_OK);
    check(spec.schedule.cycle == s->cycle);
    json_decref(task);
}

static void check_made(const json_t *params, const struct workflow_doc *made, struct arena *a)
{
    json_t *doc = json_loadb(made->text.ptr, made->text.len, 0, NULL);
    struct workflow_doc again;
    struct schedule schedule;
    struct str cron;
    enum cycle cycle = CYCLE_N_;

    check(json_is_object(doc));
    check(workflow_doc_make(params, made->text, a, &again, NULL) == E_OK);
    check(str_eq(again.text, made->text));
    check(workflow_schedule_read(made->text, a, &schedule, &cron) == (made->schedule != NULL));
    if (made->schedule) {
        check(schedule.cycle == made->schedule->cycle && schedule.start.s <= schedule.end.s);
        check(workflow_schedule_waits(made->text, &cycle) == made->schedule->waits);
        check(!made->schedule->waits || cycle == made->schedule->cycle);
        check_task(doc, made->schedule, a);
    }
    json_decref(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct workflow_doc made = { .text = STR("x") };
    struct err e = ERR_INIT;
    struct arena a;

    arena_init(&a);
    json_t *params = read_params(str_make((const char *)bytes, n), &a);
    if (params && workflow_doc_make(params, STR("{}"), &a, &made, &e) == E_OK)
        check_made(params, &made, &a);
    else if (params)
        check(e.path[0] && e.text[0] && e.text_zh[0] && str_eq_c(made.text, "x"));
    json_decref(params);
    arena_done(&a);
    return 0;
}
