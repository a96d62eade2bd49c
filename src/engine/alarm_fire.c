/* engine/alarm_fire.c - writes a message and all its deliveries. */
#include "engine/alarm_int.h"

#include "model/task.h"

/* What is told about: a task's instance, or a project. */
struct subject {
    struct str name, owners, text;
};

static enum err_code read_task(struct engine *g, const struct alarm_event *v, struct subject *ret,
                               bool *ret_gone, struct err *e)
{
    struct task_row task = { .id = v->key.task_id };
    struct err why = ERR_INIT;
    char id[TASK_ID_LEN + 4], data_time[CIVIL_TEXT_LEN + 1];
    enum err_code rc = row_get(engine_view(g), &table_task, &g->arena, &task, &why);

    *ret_gone = rc == E_MISSING;
    if (rc == E_MISSING)
        return E_OK;
    if (rc != E_OK)
        return err_set(e, rc, "%s", why.text);
    task_id_format(v->key.task_id, id);
    civil_format(v->key.data_time, data_time);
    *ret = (struct subject){ .name = task.name,
                             .owners = task.owner_uin,
                             .text = arena_printf(&g->arena,
                                                  "Task %.*s (%s), data time %s, round %d: %.*s\n"
                                                  "任务 %.*s（%s），数据时间 %s，第 %d 轮：%.*s",
                                                  STR_ARG(task.name), id, data_time, (int)v->round,
                                                  STR_ARG(v->english), STR_ARG(task.name), id,
                                                  data_time, (int)v->round, STR_ARG(v->chinese)) };
    return E_OK;
}

static enum err_code read_project(struct engine *g, const struct alarm_event *v,
                                  struct subject *ret, struct err *e)
{
    struct project_row project = { .id = v->rule->project_id };
    enum err_code rc = row_get(engine_view(g), &table_project, &g->arena, &project, e);

    if (rc == E_OK)
        *ret = (struct subject){ .name = STR(""),
                                 .owners = project.owner_uin,
                                 .text = arena_printf(&g->arena,
                                                      "Project %.*s (%.*s): %.*s\n项目 "
                                                      "%.*s（%.*s）：%.*s",
                                                      STR_ARG(project.name), STR_ARG(project.id),
                                                      STR_ARG(v->english), STR_ARG(project.name),
                                                      STR_ARG(project.id), STR_ARG(v->chinese)) };
    return rc;
}

/* Receivers of one group. */
enum { PEOPLE_MAX = 64 * 1024 };
_Static_assert(ALARM_INFORM_MAX * 21 <= PEOPLE_MAX,
               "owners of a task, of 20 digits each, have room");

/* ---- lists --------------------------------------------------------------------------------- */

static void add_item(struct buf *list, struct str item)
{
    if (item.len == 0 || str_list_has(buf_str(list), ';', item))
        return;
    if (list->len > 0)
        buf_add_char(list, ';');
    buf_add_str(list, item);
}

static void add_receivers(struct buf *list, const struct alarm_group *group, struct str owners)
{
    while (group->to_owner && owners.len > 0)
        add_item(list, str_split(&owners, ';'));
    for (int i = 0; !group->to_owner && i < group->n_ids; i++)
        add_item(list, group->ids[i]);
}

static void describe(struct engine *g, const struct alarm_rule *r, struct str owners,
                     struct alarm_message_row *row)
{
    struct buf ways, people;
    char way[8];

    buf_init(&ways, 64 * 1024);
    buf_init(&people, 256 * 1024);
    for (int i = 0; i < r->n_groups; i++) {
        for (int k = 1; k < ALARM_WAY_N_; k++)
            if (r->groups[i].ways & 1u << k) {
                snprintf(way, sizeof(way), "%d", k);
                add_item(&ways, str_from(way));
            }
        add_receivers(&people, &r->groups[i], owners);
    }
    row->ways = arena_str(&g->arena, buf_str(&ways));
    row->recipients = arena_str(&g->arena, buf_str(&people));
    buf_done(&ways);
    buf_done(&people);
}

/* ---- deliveries ---------------------------------------------------------------------------- */

struct delivering {
    struct engine *g;
    const struct alarm_message_row *message;
    const struct alarm_group *group;
    int number;
    struct str escalation;
    struct wall due;
    enum err_code rc;
    struct err *e;
};

static void deliver_to(struct delivering *d, enum alarm_way way, struct str target)
{
    bool quiet = alarm_is_quiet(d->group, d->due);
    struct alarm_delivery_row row = { .message_id = d->message->id,
                                      .rule_id = d->message->rule_id,
                                      .state = quiet ? DELIVERY_QUIET : DELIVERY_PENDING,
                                      .way = (int32_t)way,
                                      .target = target,
                                      .number = d->number,
                                      .escalation = d->escalation,
                                      .created_at = d->g->now,
                                      .due = d->due,
                                      .ended_at = quiet ? d->g->now : WALL_NONE };
    uint64_t id;

    if (d->rc == E_OK)
        d->rc = store_next_fence(d->g->config.store, &id, d->e);
    if (d->rc != E_OK)
        return;
    row.id = (int64_t)id;
    d->rc = row_insert(d->g->config.store, &table_alarm_delivery, &row, NULL, d->e);
    if (!quiet)
        alarms_delivery_due(d->g, d->due);
}

static void deliver_hooks(struct delivering *d)
{
    for (int i = 0; i < d->group->n_hooks; i++)
        deliver_to(d, d->group->hooks[i].way, d->group->hooks[i].url);
}

static void deliver_notice(struct delivering *d, struct str people)
{
    while ((d->group->ways & 1u << ALARM_BY_MAIL) && people.len > 0)
        deliver_to(d, ALARM_BY_MAIL, str_split(&people, ';'));
    deliver_hooks(d);
}

static struct wall minutes_later(struct engine *g, int64_t minutes)
{
    return wall_add(g->now, DUR_MIN(minutes));
}

static enum err_code deliver_group(struct engine *g, const struct alarm_group *group,
                                   const struct alarm_message_row *message, struct str owners,
                                   struct err *e)
{
    struct delivering d = { .g = g, .message = message, .group = group, .e = e };
    struct buf people;

    buf_init(&people, PEOPLE_MAX);
    add_receivers(&people, group, owners);
    for (int k = 0; k < group->notify_count && d.rc == E_OK; k++) {
        d.number = k + 1;
        d.due = minutes_later(g, (int64_t)k * group->notify_minutes);
        deliver_notice(&d, buf_str(&people));
    }
    for (int k = 0; k < group->n_escalation && d.rc == E_OK; k++) {
        d.number = 1;
        d.escalation = group->escalation[k];
        d.due = minutes_later(g, (int64_t)(k + 1) * group->escalation_minutes);
        deliver_notice(&d, group->escalation[k]);
    }
    buf_done(&people);
    return d.rc;
}

enum err_code alarm_tell(struct engine *g, const struct alarm_rule *r, struct str owners,
                         struct alarm_message_row *row, struct err *e)
{
    uint64_t id;
    enum err_code rc = store_next_fence(g->config.store, &id, e);

    if (rc != E_OK)
        return rc;
    row->id = (int64_t)id;
    row->level = (int32_t)r->level;
    row->fired_at = row->at = g->now;
    describe(g, r, owners, row);
    rc = row_insert(g->config.store, &table_alarm_message, row, NULL, e);
    for (int i = 0; i < r->n_groups && rc == E_OK; i++)
        rc = deliver_group(g, &r->groups[i], row, owners, e);
    return rc;
}

enum err_code alarm_fire(struct engine *g, const struct alarm_event *v, struct err *e)
{
    struct alarm_message_row row = { .project_id = v->rule->project_id,
                                     .rule_id = v->rule->id,
                                     .rule_name = v->rule->name,
                                     .task_id = v->key.task_id,
                                     .data_time = v->key.data_time,
                                     .round = v->round,
                                     .reason = v->reason };
    struct subject s = { .name = STR("") };
    struct err why = ERR_INIT;
    bool gone = false;

    row.fired = arena_printf(&g->arena, "%.*s %lld %lld %d %.*s", STR_ARG(v->rule->id),
                             (long long)v->key.task_id, (long long)v->key.data_time.s,
                             (int)v->round, STR_ARG(v->once));
    struct alarm_message_row there = { .fired = row.fired };
    enum err_code rc = row_get_by(engine_view(g), &table_alarm_message, 0, &g->arena, &there, &why);
    if (rc != E_MISSING)
        return rc == E_OK ? E_OK : err_set(e, rc, "%s", why.text);
    rc = v->key.task_id ? read_task(g, v, &s, &gone, e) : read_project(g, v, &s, e);
    if (rc != E_OK || gone)
        return rc;
    row.task_name = s.name;
    row.text = s.text;
    return alarm_tell(g, &v->rule->rule, s.owners, &row, e);
}

/* ---- projects ------------------------------------------------------------------------------ */

static enum err_code delete_where(struct engine *g, const struct table *t, int column,
                                  struct str project_id, struct err *e)
{
    struct query q;

    query_init(&q, t);
    query_text(&q, column, QUERY_EQ, project_id);
    return query_delete(g->config.store, &q, NULL, e);
}

enum err_code alarms_project_delete(struct engine *g, struct str project_id, struct err *e)
{
    struct query q;
    void *rows = NULL;
    size_t n = 0;

    query_init(&q, &table_alarm_message);
    query_text(&q, ALARM_MESSAGE_PROJECT_ID, QUERY_EQ, project_id);
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &rows, &n, e);
    for (size_t i = 0; i < n && rc == E_OK; i++) {
        query_init(&q, &table_alarm_delivery);
        query_number(&q, ALARM_DELIVERY_MESSAGE_ID, QUERY_EQ,
                     ((const struct alarm_message_row *)rows)[i].id);
        rc = query_delete(g->config.store, &q, NULL, e);
    }
    if (rc == E_OK)
        rc = delete_where(g, &table_alarm_message, ALARM_MESSAGE_PROJECT_ID, project_id, e);
    if (rc == E_OK)
        rc = delete_where(g, &table_alarm_tally, ALARM_TALLY_PROJECT_ID, project_id, e);
    query_init(&q, &table_alarm_rule);
    query_text(&q, ALARM_RULE_PROJECT_ID, QUERY_EQ, project_id);
    if (rc == E_OK)
        rc = query_rows(engine_view(g), &q, &g->arena, &rows, &n, e);
    if (rc == E_OK)
        rc = delete_where(g, &table_alarm_rule, ALARM_RULE_PROJECT_ID, project_id, e);
    for (size_t i = 0; i < n && rc == E_OK; i++)
        rc = alarms_rule_drop(g, ((const struct alarm_rule_row *)rows)[i].id, e);
    return rc;
}
