/* cli/resolve.c - names of tasks where ids are wanted. */
#include "cli/resolve.h"

#include <string.h>

#include "cal/civil.h"
#include "cli/suggest.h"
#include "model/task.h"

enum { PAGE = 200 };

static json_t *params_of(const struct session *s, const char *filter, const char *word)
{
    json_t *params = json_object();

    if (s->project)
        json_object_set_new(params, "ProjectId", json_string(s->project));
    if (filter)
        json_object_set_new(params, filter, json_string(word));
    return params;
}

/* What a list action has under this name: its id, or what may be meant. */
static int find_named(struct session *s, const char *kind, const char *action, const char *filter,
                      const char *id, const char *name, const char *word, const char **ret)
{
    struct suggestion near;
    json_t *items, *item;
    size_t i;
    int status =
        session_items(s, VERSION_2025, action,
                      json_pack("{s:s,s:s}", "ProjectId", s->project, filter, word), PAGE, &items);

    if (status != EXIT_DONE)
        return status;
    *ret = NULL;
    json_array_foreach(items, i, item)
    {
        if (strcmp(text_of(item, name), word) == 0)
            *ret = arena_cstr(&s->arena, str_from(text_of(item, id)));
    }
    json_decref(items);
    if (*ret)
        return EXIT_DONE;
    status = session_items(s, VERSION_2025, action, params_of(s, NULL, NULL), PAGE, &items);
    if (status != EXIT_DONE)
        return status;
    suggest_begin(&near, str_from(word));
    json_array_foreach(items, i, item)
    {
        suggest_offer(&near, text_of(item, name));
        if (strcmp(text_of(item, id), word) == 0)
            *ret = word; /* an id of a form that is not the usual one */
    }
    const char *best = suggest_best(&near);
    if (!*ret)
        status = session_fail(s, EXIT_REFUSED, "there is no %s %s%s%s%s", kind, word,
                              best ? "; did you mean " : "", best ? best : "", best ? "?" : "");
    json_decref(items);
    return status;
}

int resolve_task(struct session *s, const char *word, const char **ret)
{
    int64_t id;

    *ret = word;
    if (task_id_parse(str_from(word), &id) || !s->project)
        return EXIT_DONE;
    return find_named(s, "task", "ListTasks", "TaskName", "TaskId", "TaskName", word, ret);
}

int resolve_workflow(struct session *s, const char *word, const char **ret)
{
    return find_named(s, "workflow", "ListWorkflows", "Keyword", "WorkflowId", "WorkflowName", word,
                      ret);
}

/* The task and the time behind its last '_', where that is a data time. */
static bool split_key(struct session *s, struct str word, struct str *ret_task,
                      const char **ret_time)
{
    ptrdiff_t at = str_rfind_char(word, '_');
    struct civil time;

    if (at <= 0)
        return false;
    struct str rest = str_sub(word, (size_t)at + 1, word.len);
    *ret_task = str_sub(word, 0, (size_t)at);
    if (civil_parse(rest, &time, NULL) == E_OK)
        *ret_time = arena_cstr(&s->arena, rest);
    else if (civil_parse_date(rest, &time, NULL) == E_OK)
        *ret_time = arena_printf(&s->arena, "%.*s 00:00:00", STR_ARG(rest)).ptr;
    else
        return false;
    return true;
}

int resolve_instance(struct session *s, const char *word, const char **ret)
{
    struct str task;
    const char *time, *id;

    *ret = word;
    if (!split_key(s, str_from(word), &task, &time))
        return EXIT_DONE; /* the server says what is wrong with it */
    int status = resolve_task(s, arena_cstr(&s->arena, task), &id);
    if (status == EXIT_DONE)
        *ret = arena_printf(&s->arena, "%s_%s", id, time).ptr;
    return status;
}

static int resolve_all(struct session *s,
                       int (*resolve)(struct session *s, const char *word, const char **ret),
                       json_t **ret)
{
    json_t *list = json_array();
    int status = EXIT_DONE;

    for (int i = 0; i < s->args.n_words && status == EXIT_DONE; i++) {
        const char *id = NULL;
        status = resolve(s, s->args.words[i], &id);
        if (status == EXIT_DONE)
            json_array_append_new(list, json_string(id));
    }
    if (status == EXIT_DONE)
        *ret = list;
    else
        json_decref(list);
    return status;
}

int resolve_tasks(struct session *s, json_t **ret)
{
    return resolve_all(s, resolve_task, ret);
}

int resolve_instances(struct session *s, json_t **ret)
{
    return resolve_all(s, resolve_instance, ret);
}

int resolve_project(struct session *s)
{
    const char *word = s->project, *id;
    int64_t number;

    if (!word || str_to_i64(str_from(word), &number))
        return EXIT_DONE;
    s->project = NULL; /* the list of projects is of no project */
    int status = find_named(s, "project", "ListProjects", "ProjectName", "ProjectId", "ProjectName",
                            word, &id);
    if (status == EXIT_DONE)
        s->project = id;
    return status;
}
