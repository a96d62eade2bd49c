/* api/act_event_consumer.c - version 2021-08-20: DescribeEventConsumeTasks
 * (docs/reference/semantics.md 4.5).
 *
 * One item is one round of an instance that took the case.  ConsumerDetail is the consumer's task
 * as its submitted version has it, and what the instance itself keeps when the task is gone.  Of an
 * instance that is gone as well only its name is left, and whose it was is not known any more.
 */
#include "api/page.h"

#include "api/access.h"
#include "api/fill.h"
#include "api/ops_view.h"
#include "api/scan.h"
#include "cal/zone.h"
#include "engine/cmd_project.h"
#include "model/instance.h"
#include "model/json_text.h"
#include "model/task.h"

/* What an item is made of. */
struct consumer {
    struct instance_row instance;
    bool there;            /* the instance */
    struct task_row task;  /* id 0: it was deleted */
    struct task_spec spec; /* what is submitted of it, in texts */
    struct arena texts;    /* long, and of this item only */
    struct wall first_run;
    struct workflow_row workflow;
    struct folder_row folder; /* the workflow's; id empty: it is in none */
    struct project_row project;
    struct group_row group;
    json_t *scheduler; /* of the submitted version, owned; NULL: not there */
};

/* What may be gone leaves *row as it was. */
static enum err_code get_if_there(struct call *c, const struct table *t, void *row, bool *ret)
{
    enum err_code rc = row_get(c->view, t, &c->arena, row, &c->err);

    *ret = rc == E_OK;
    if (rc == E_MISSING)
        c->err = ERR_INIT;
    return rc == E_MISSING ? E_OK : rc;
}

/* What is submitted of the task. */
static enum err_code load_submitted(struct call *c, struct consumer *k)
{
    struct version_row version = { .task_id = k->task.id, .num = k->task.submit_version_no };
    enum err_code rc = row_get(c->view, &table_version, &k->texts, &version, &c->err);

    if (rc == E_MISSING) {
        c->err = ERR_INIT;
        return E_OK;
    }
    if (rc != E_OK)
        return rc;
    json_t *doc = json_loadb(version.doc.ptr, version.doc.len, 0, NULL);
    k->scheduler = json_incref(json_object_get(doc, "TaskSchedulerConfiguration"));
    json_decref(doc);
    rc = task_decode_text(version.doc, (struct civil){ 0 }, &k->texts, &k->spec, &c->err);
    return rc == E_OK ? ops_view_first_run(c, k->task.id, &k->first_run) : rc;
}

/* Where the task lives and runs; what is gone stays without a name. */
static enum err_code load_place(struct call *c, struct consumer *k)
{
    bool there;
    enum err_code rc;

    k->workflow.id = k->instance.workflow_id;
    k->project.id = k->instance.project_id;
    k->group.id = k->instance.group_id;
    rc = get_if_there(c, &table_workflow, &k->workflow, &there);
    if (rc == E_OK)
        rc = get_if_there(c, &table_project, &k->project, &there);
    if (rc == E_OK && k->group.id.len > 0)
        rc = get_if_there(c, &table_group, &k->group, &there);
    k->folder = (struct folder_row){ .project_id = k->instance.project_id,
                                     .path = k->workflow.folder_path };
    if (rc != E_OK || k->folder.path.len == 0)
        return rc;
    rc = row_get_by(c->view, &table_folder, 0, &c->arena, &k->folder, &c->err);
    if (rc == E_MISSING)
        c->err = ERR_INIT;
    return rc == E_MISSING ? E_OK : rc;
}

static enum err_code load_consumer(struct call *c, const struct consumption_row *r,
                                   struct consumer *k)
{
    bool there;
    enum err_code rc;

    *k = (struct consumer){ .instance = { .task_id = r->task_id, .data_time = r->data_time },
                            .task = { .id = r->task_id },
                            .first_run = WALL_NONE };
    arena_init(&k->texts);
    rc = get_if_there(c, &table_instance, &k->instance, &k->there);
    if (rc == E_OK)
        rc = get_if_there(c, &table_task, &k->task, &there);
    if (rc == E_OK && there)
        rc = load_submitted(c, k);
    if (rc == E_OK && !there)
        k->task = (struct task_row){ .id = 0 };
    return rc == E_OK ? load_place(c, k) : rc;
}

/* ---- ConsumerDetail ------------------------------------------------------------------------ */

/* Empty text is left out: there is no value. */
static void set_text(json_t *o, const char *name, struct str text)
{
    if (text.len > 0)
        json_object_set_new(o, name, json_stringn(text.ptr, text.len));
}

static void set_wall(json_t *o, const char *name, struct wall t)
{
    char text[CIVIL_TEXT_LEN + 1];

    if (!wall_is_set(t))
        return;
    civil_format(zone_to_civil(zone_default(), t), text);
    json_object_set_new(o, name, json_string(text));
}

static void set_key(json_t *o, const struct instance_row *i)
{
    char id[TASK_ID_LEN + 4], data_time[CIVIL_TEXT_LEN + 1];

    task_id_format(i->task_id, id);
    civil_format(i->data_time, data_time);
    json_object_set_new(o, "TaskId", json_string(id));
    /* The one that consumed. */
    json_object_set_new(o, "MinDateTime", json_string(data_time));
    json_object_set_new(o, "MaxDateTime", json_string(data_time));
}

static void set_instance(json_t *o, const struct consumer *k)
{
    const struct instance_row *i = &k->instance;
    const char *type_name = task_type_name(i->task_type_id);

    set_text(o, "TaskName", i->task_name);
    set_text(o, "WorkflowId", i->workflow_id);
    set_text(o, "WorkflowName", k->workflow.name);
    set_text(o, "WorkflowType", k->workflow.type);
    set_text(o, "FolderId", k->folder.id);
    set_text(o, "FolderName", k->folder.name);
    set_text(o, "ProjectId", i->project_id);
    set_text(o, "ProjectIdent", k->project.name);
    set_text(o, "ProjectName", k->project.display_name);
    set_text(o, "InCharge", i->owner_uin);
    set_text(o, "InChargeId", i->owner_uin);
    set_text(o, "OwnerId", i->owner_uin);
    set_text(o, "ExecutorGroupId", i->group_id);
    set_text(o, "ExecutorGroupName", k->group.name);
    json_object_set_new(o, "CycleType", json_string(cycle_name((enum cycle)i->cycle)));
    json_object_set_new(o, "TryLimit", json_integer(i->try_limit));
    json_object_set_new(o, "RunPriority", json_integer(i->priority));
    json_object_set_new(o, "TaskTypeId", json_integer(i->task_type_id));
    json_object_set_new(o, "TaskTypeDesc", json_string(type_name));
    json_object_set_new(o, "TaskType",
                        json_pack("{s:s?,s:i}", "TypeDesc", type_name, "TypeId", i->task_type_id));
    json_object_set_new(o, "VirtualFlag", json_false());
}

static void set_task(json_t *o, const struct task_row *t)
{
    json_object_set_new(o, "Status", json_string(task_status_name((enum task_status)t->status)));
    json_object_set_new(o, "Submit", json_boolean(t->submitted));
    set_text(o, "Notes", t->description);
    set_text(o, "Creator", t->creator_uin);
    set_text(o, "UpdateUser", t->updater_uin);
    set_text(o, "UpdateUserId", t->updater_uin);
    set_text(o, "BundleId", t->bundle_id);
    set_wall(o, "CreateTime", t->created_at);
    set_wall(o, "LastUpdate", t->updated_at);
    set_wall(o, "UpdateTime", t->updated_at);
    set_wall(o, "FirstSubmitTime", t->first_submit_at);
    set_wall(o, "LastSchedulerCommitTime", t->last_submit_at);
}

static void set_scheduler(json_t *o, const json_t *scheduler)
{
    static const struct {
        const char *name, *of_version;
    } same[] = {
        { "StartTime", "StartTime" },
        { "EndTime", "EndTime" },
        { "ExecutionStartTime", "ExecutionStartTime" },
        { "ExecutionEndTime", "ExecutionEndTime" },
        { "CrontabExpression", "CrontabExpression" },
        { "ScheduleTimeZone", "ScheduleTimeZone" },
        { "SelfDepend", "SelfDepend" },
        { "InstanceInitStrategy", "InitStrategy" },
        { "AllowRedoType", "AllowRedoType" },
        { "RetryWait", "RetryWait" },
        { "ExecutionTTL", "ExecutionTTL" },
    };

    for (size_t i = 0; i < ARRAY_LEN(same); i++) {
        json_t *value = json_object_get(scheduler, same[i].of_version);
        if (value)
            json_object_set(o, same[i].name, value);
    }
}

static void set_schedule_words(struct call *c, json_t *o, const struct task_spec *spec)
{
    struct buf describe;

    buf_init(&describe, 1024);
    schedule_describe(&spec->schedule, spec->cron, c->lang == LANG_ZH, &describe);
    set_text(o, "ScheduleDesc", buf_str(&describe));
    buf_done(&describe);
}

/* The events that the task listens to; what is not said of their cases is null. */
static enum err_code set_listeners(struct call *c, json_t *o, const struct consumer *k)
{
    json_t *given = json_object_get(k->scheduler, "EventListenerList"), *all = json_array(), *item;
    size_t i;
    enum err_code rc = E_OK;

    json_array_foreach(given, i, item)
    {
        struct str of = k->spec.listeners[i].project_id;
        struct project_row project = { .id = of.len > 0 ? of : k->instance.project_id };
        json_t *listener = json_copy(item);
        bool there;
        rc = get_if_there(c, &table_project, &project, &there);
        set_text(listener, "ProjectId", project.id);
        set_text(listener, "ProjectDisplayName", project.display_name);
        json_array_append_new(all, listener);
        if (rc != E_OK)
            break;
    }
    json_object_set_new(o, "EventListenerInfos", all);
    return rc;
}

static enum err_code write_detail(struct call *c, const struct consumer *k)
{
    json_t *detail = json_object();
    enum err_code rc = E_OK;

    set_key(detail, &k->instance);
    if (k->there)
        set_instance(detail, k);
    if (k->task.id != 0)
        set_task(detail, &k->task);
    set_scheduler(detail, k->scheduler);
    if (k->scheduler) {
        set_schedule_words(c, detail, &k->spec);
        set_wall(detail, "FirstRunTime", k->first_run);
        rc = set_listeners(c, detail, k);
    }
    fill_object(fill_of(c->schema, "Data.Items.ConsumerDetail"), detail);
    jw_kraw(&c->out, "ConsumerDetail", json_text(detail, &c->arena));
    json_decref(detail);
    return rc;
}

/* ---- the list ------------------------------------------------------------------------------ */

static enum err_code write_item(struct call *c, const struct consumption_row *r)
{
    struct jw *w = &c->out;
    struct consumer k;
    struct buf id;
    char task_id[TASK_ID_LEN + 4];
    enum err_code rc = load_consumer(c, r, &k);

    if (rc == E_OK) {
        buf_init(&id, 128);
        instance_key_format((struct instance_key){ r->task_id, r->data_time }, &id);
        buf_printf(&id, "_%d", r->round);
        task_id_format(r->task_id, task_id);
        jw_object(w);
        jw_kstr(w, "ConsumeLogId", buf_str(&id));
        jw_kstr(w, "EventCaseId", r->case_id);
        jw_kcstr(w, "ConsumerId", task_id);
        jw_wall(w, "CreationTimestamp", r->at, zone_default());
        rc = write_detail(c, &k);
        jw_object_end(w);
        buf_done(&id);
    }
    json_decref(k.scheduler);
    arena_done(&k.texts);
    return rc;
}

/* The case, of the project that is named, if one is; one that the account does not see is not
 * there. */
static enum err_code find_case(struct call *c, struct case_row *ret)
{
    struct str project_id = param_str(c->params, "ProjectId"),
               id = param_str(c->params, "EventCaseId");
    struct project_row project;
    bool sees = false;
    enum err_code rc = E_OK;

    *ret = (struct case_row){ .id = id };
    if (project_id.len > 0)
        rc = access_require(c, c->view, project_id, RIGHT_READ);
    if (rc == E_OK && project_id.len > 0)
        rc = project_require(c->view, &c->arena, project_id, "ProjectId", &project, &c->err);
    if (rc != E_OK)
        return rc;
    if (id.len > 0)
        rc = row_get(c->view, &table_case, &c->arena, ret, &c->err);
    if (id.len > 0 && rc == E_OK)
        rc = access_sees(c, c->view, ret->project_id, &sees);
    if (id.len == 0 || rc == E_MISSING || (rc == E_OK && !sees) ||
        (rc == E_OK && project_id.len > 0 && !str_eq(ret->project_id, project_id)))
        return err_user(&c->err, E_MISSING, "EventCaseId", "there is no case `%.*s`",
                        "事件实例 `%.*s` 不存在", STR_ARG(str_sub(id, 0, 64)));
    return rc;
}

struct consumer_list {
    struct call *c;
    struct scan scan;
    enum err_code rc;
};

/* Consumers are often tasks of other projects. */
static bool take_consumer(void *ctx, const void *row)
{
    struct consumer_list *l = ctx;
    const struct consumption_row *r = row;
    struct instance_row i = { .task_id = r->task_id, .data_time = r->data_time };
    bool sees = l->c->is_root, there;

    if (!sees) {
        l->rc = get_if_there(l->c, &table_instance, &i, &there);
        if (l->rc == E_OK && there)
            l->rc = access_sees(l->c, l->c->view, i.project_id, &sees);
    }
    if (sees)
        scan_take(&l->scan, row);
    return l->rc == E_OK;
}

static enum err_code consumers_answer(struct call *c)
{
    struct jw *w = &c->out;
    struct consumer_list l = { .c = c, .rc = E_OK };
    struct case_row of;
    struct page page;
    struct query q;
    enum err_code rc = page_params(c, 10, 200, &page);

    if (rc == E_OK)
        rc = find_case(c, &of);
    if (rc != E_OK)
        return rc;
    query_init(&q, &table_consumption);
    query_text(&q, CONSUMPTION_CASE_ID, QUERY_EQ, of.id);
    query_order(&q, CONSUMPTION_AT, false);
    scan_init(&l.scan, &table_consumption, sizeof(struct consumption_row), &page, &c->arena);
    rc = query_run(c->view, &q, take_consumer, &l, &c->err);
    if (rc == E_OK)
        rc = l.rc;
    if (rc != E_OK)
        return rc;
    jw_key(w, "Data");
    jw_object(w);
    jw_ki64(w, "TotalCount", l.scan.total);
    jw_ki64(w, "TotalPage", (l.scan.total + page.size - 1) / page.size);
    jw_ki64(w, "PageCount", l.scan.n);
    jw_ki64(w, "PageNumber", page.number);
    jw_ki64(w, "PageSize", page.size);
    jw_key(w, "Items");
    jw_array(w);
    for (int64_t i = 0; i < l.scan.n && rc == E_OK; i++)
        rc = write_item(c, (const struct consumption_row *)(void *)l.scan.rows + i);
    if (rc != E_OK)
        return rc;
    jw_array_end(w);
    jw_object_end(w);
    return E_OK;
}

static const struct action actions[] = {
    { API_2021, "DescribeEventConsumeTasks", NULL, NULL, consumers_answer, ACCESS_ANY },
};
const struct action_family family_event_consumer = { actions, ARRAY_LEN(actions) };
