/* engine/alarm_inform.c - a task is deleted, and the owners of those that named it as upstream are
 * told (docs/reference/semantics.md 1.6). */
#include "engine/alarm_int.h"

#include "model/task.h"

/* What a rule would say: by mail, to the owners, once. */
static const struct alarm_group to_owners = { .to_owner = true,
                                              .ways = 1u << ALARM_BY_MAIL,
                                              .notify_count = 1 };
static const struct alarm_rule informing = { .level = ALARM_NORMAL,
                                             .groups = &to_owners,
                                             .n_groups = 1 };

/* A task that names the deleted one. */
struct informed {
    struct task_row task;
    bool in_ops; /* what is submitted of it does; else only its draft */
};

struct informing {
    const struct task_row *deleted;
    bool gentle;
    struct str uin;
    struct informed *list;
    size_t n;
};

/* ---- who ----------------------------------------------------------------------------------- */

static enum err_code read_edges(struct engine *g, int64_t task_id, bool in_ops,
                                const struct edge_row **ret, size_t *ret_n, struct err *e)
{
    struct query q;
    void *rows;

    query_init(&q, &table_edge);
    query_number(&q, EDGE_UP_TASK, QUERY_EQ, task_id);
    query_number(&q, EDGE_IN_OPS, QUERY_EQ, in_ops);
    query_order(&q, EDGE_DOWN_TASK, false);
    q.limit = ALARM_INFORM_MAX + 1;
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &rows, ret_n, e);
    if (rc == E_OK)
        *ret = rows;
    return rc;
}

/* Both lists are in the order of their tasks; one that is in both is told once. */
static void merge(struct informing *w, const struct edge_row *ops, size_t n_ops,
                  const struct edge_row *drafts, size_t n_drafts)
{
    for (size_t i = 0, k = 0; i < n_ops || k < n_drafts;) {
        bool in_ops = i < n_ops && (k == n_drafts || ops[i].down_task <= drafts[k].down_task);
        int64_t id = in_ops ? ops[i].down_task : drafts[k].down_task;
        w->list[w->n++] = (struct informed){ .task = { .id = id }, .in_ops = in_ops };
        i += in_ops;
        k += k < n_drafts && drafts[k].down_task == id;
    }
}

static enum err_code refuse(struct err *e)
{
    return err_user(e, E_LIMIT, "OperateInform",
                    "more than %d notifications would be sent; delete the task without it",
                    "通知数量超过 %d，请不带该参数删除任务", ALARM_INFORM_MAX);
}

static size_t count_owners(struct str owners)
{
    size_t n = 0;

    while (owners.len > 0)
        n += str_split(&owners, ';').len > 0;
    return n;
}

static enum err_code find_informed(struct engine *g, struct informing *w, struct err *e)
{
    const struct edge_row *ops, *drafts;
    size_t n_ops, n_drafts, n_letters = 0;
    enum err_code rc = read_edges(g, w->deleted->id, true, &ops, &n_ops, e);

    if (rc == E_OK)
        rc = read_edges(g, w->deleted->id, false, &drafts, &n_drafts, e);
    if (rc != E_OK)
        return rc;
    w->list = ARENA_ARRAY(&g->arena, struct informed, n_ops + n_drafts + 1);
    merge(w, ops, n_ops, drafts, n_drafts);
    for (size_t i = 0; i < w->n && rc == E_OK && n_letters <= ALARM_INFORM_MAX; i++) {
        rc = row_get(engine_view(g), &table_task, &g->arena, &w->list[i].task, e);
        n_letters += count_owners(w->list[i].task.owner_uin);
    }
    return rc == E_OK && n_letters > ALARM_INFORM_MAX ? refuse(e) : rc;
}

/* ---- what ---------------------------------------------------------------------------------- */

static struct str consequence(const struct informing *w, const struct informed *i, bool chinese)
{
    if (!i->in_ops)
        return chinese ? STR("草稿仍引用该任务，下次保存或提交前须删除此依赖。")
                       : STR("Its draft still names it: remove the dependency before the next "
                             "save or submit.");
    if (w->gentle)
        return chinese ? STR("已提交的任务不再等待它；草稿若仍引用它，下次保存或提交前须删除此"
                             "依赖。")
                       : STR("What is submitted waits for it no more; where the draft still names "
                             "it, remove the dependency before the next save or submit.");
    return chinese ? STR("等待它的实例已失败，以后的实例仍会等待它：请删除此依赖并重新提交。")
                   : STR("Instances that waited for it have failed, and later ones will wait for "
                         "it: remove the dependency and submit again.");
}

static struct str sentence(struct engine *g, const struct informing *w, const struct informed *i)
{
    char id[TASK_ID_LEN + 4], deleted[TASK_ID_LEN + 4];
    struct str english = consequence(w, i, false), chinese = consequence(w, i, true);

    task_id_format(i->task.id, id);
    task_id_format(w->deleted->id, deleted);
    return arena_printf(&g->arena,
                        "Task %.*s (%s): its upstream task %.*s (%s) was deleted by %.*s. %.*s\n"
                        "任务 %.*s（%s）：上游任务 %.*s（%s）已被 %.*s 删除。%.*s",
                        STR_ARG(i->task.name), id, STR_ARG(w->deleted->name), deleted,
                        STR_ARG(w->uin), STR_ARG(english), STR_ARG(i->task.name), id,
                        STR_ARG(w->deleted->name), deleted, STR_ARG(w->uin), STR_ARG(chinese));
}

/* The id of a deleted task may come again with a fixture, so the time makes it unique. */
static enum err_code inform(struct engine *g, const struct informing *w, const struct informed *i,
                            struct err *e)
{
    struct alarm_message_row row = {
        .project_id = i->task.project_id,
        .rule_id = STR(""),
        .rule_name = STR(""),
        .task_id = i->task.id,
        .task_name = i->task.name,
        .round = ALARM_NO_ROUND,
        .reason = STR(ALARM_UPSTREAM_DELETED),
        .fired =
            arena_printf(&g->arena, ALARM_UPSTREAM_DELETED " %lld %lld %lld", (long long)i->task.id,
                         (long long)w->deleted->id, (long long)g->now.us),
        .text = sentence(g, w, i),
    };

    return alarm_tell(g, &informing, i->task.owner_uin, &row, e);
}

enum err_code alarms_inform_downstream(struct engine *g, const struct task_row *task, bool gentle,
                                       struct str uin, struct err *e)
{
    struct informing w = { .deleted = task, .gentle = gentle, .uin = uin };
    enum err_code rc = find_informed(g, &w, e);

    for (size_t i = 0; i < w.n && rc == E_OK; i++)
        rc = inform(g, &w, &w.list[i], e);
    return rc;
}
