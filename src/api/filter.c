/* api/filter.c - filters of lists that go by way of another table. */
#include "api/filter.h"

#include "model/task.h"

/* ---- tasks by words ------------------------------------------------------------------------ */

enum { ID_PART_MIN = 9 }; /* fewer are in every id of a day */

struct named_tasks {
    struct str words[KEYWORD_WORDS_MAX];
    int n_words;
    int64_t *ids;
    int n;
    bool overflow;
};

static bool add_id(struct named_tasks *t, int64_t id)
{
    t->overflow = t->n == QUERY_IN_MAX;
    if (!t->overflow)
        t->ids[t->n++] = id;
    return !t->overflow;
}

static bool take_task(void *ctx, const void *data)
{
    struct named_tasks *t = ctx;
    const struct task_row *row = data;
    char id[TASK_ID_LEN + 4];

    task_id_format(row->id, id);
    for (int i = 0; i < t->n_words; i++) {
        struct str word = t->words[i];
        bool part = word.len >= ID_PART_MIN && word.len < TASK_ID_LEN;
        if (str_has(row->name, word) || (part && str_find(str_from(id), word) >= 0))
            return add_id(t, row->id);
    }
    return true;
}

static enum err_code read_words(struct call *c, struct str text, struct named_tasks *t)
{
    while (text.ptr) {
        struct str word = str_trim(str_split(&text, ','));
        if (word.len == 0)
            continue;
        if (t->n_words == KEYWORD_WORDS_MAX)
            return err_user(&c->err, E_RANGE, "Keyword", "it has more than %d words",
                            "关键字超过 %d 个", KEYWORD_WORDS_MAX);
        t->words[t->n_words++] = word;
    }
    return E_OK;
}

enum err_code filter_keyword(struct call *c, struct query *q, int column)
{
    struct named_tasks t = { .ids = ARENA_ARRAY(&c->arena, int64_t, QUERY_IN_MAX) };
    struct str text = param_str(c->params, "Keyword");
    struct query tasks;
    int64_t id;

    if (text.len == 0)
        return E_OK;
    enum err_code rc = read_words(c, text, &t);
    if (rc != E_OK)
        return rc;
    for (int i = 0; i < t.n_words; i++)
        if (t.words[i].len <= TASK_ID_LEN && task_id_parse(t.words[i], &id))
            add_id(&t, id);
    query_init(&tasks, &table_task);
    query_text(&tasks, TASK_PROJECT_ID, QUERY_EQ, param_str(c->params, "ProjectId"));
    rc = query_run(c->view, &tasks, take_task, &t, &c->err);
    if (rc != E_OK)
        return rc;
    if (t.overflow)
        return err_user(&c->err, E_LIMIT, "Keyword",
                        "more than %d tasks fit it; use longer words or ids",
                        "匹配的任务超过 %d 个，请使用更长的关键字或任务 ID", QUERY_IN_MAX);
    if (t.n == 0)
        add_id(&t, -1); /* no task has this id: an empty list, not all */
    query_numbers(q, column, t.ids, t.n);
    return E_OK;
}

/* ---- workflows ----------------------------------------------------------------------------- */

struct found_workflows {
    struct arena *arena;
    struct str *ids;
    int n;
    bool overflow;
};

static bool take_workflow(void *ctx, const void *data)
{
    struct found_workflows *f = ctx;

    f->overflow = f->n == QUERY_IN_MAX;
    if (!f->overflow)
        f->ids[f->n++] = arena_str(f->arena, ((const struct workflow_row *)data)->id);
    return !f->overflow;
}

enum err_code filter_workflows(struct call *c, struct query *q, int column,
                               const struct query *workflows, const char *name)
{
    struct found_workflows f = { .arena = &c->arena,
                                 .ids = ARENA_ARRAY(&c->arena, struct str, QUERY_IN_MAX) };
    enum err_code rc = query_run(c->view, workflows, take_workflow, &f, &c->err);

    if (rc != E_OK)
        return rc;
    if (f.overflow)
        return err_user(&c->err, E_LIMIT, name,
                        "more than %d workflows fit it; name the one with WorkflowId",
                        "匹配的工作流超过 %d 个，请用 WorkflowId 指定", QUERY_IN_MAX);
    if (f.n == 0)
        f.ids[f.n++] = STR("-"); /* no workflow has this id: an empty list, not all */
    query_texts(q, column, f.ids, f.n);
    return E_OK;
}
