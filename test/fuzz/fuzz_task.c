/* test/fuzz/fuzz_task.c - documents of tasks (docs/reference/semantics.md 1.4, 2, 3, 5): what
 * decodes lies within the documented ranges; the document that is kept decodes again, and completes
 * to itself; its schedule gives firings in order.
 *
 *   input: the parameters of CreateTask as a flattened form, one "name=value" per line; a line
 *   "-ENTRY" takes something out again as FieldToRemoveList does
 */
#include "fuzz.h"

#include <string.h>

#include "api/form.h"
#include "model/task_doc.h"

enum { TODAY_S = 1767225600, FIRINGS = 4 };
static const struct civil today = { TODAY_S };

static const struct schema_object *create_task(void)
{
    return schema_action_find(STR("2025-08-06"), STR("CreateTask"))->request;
}

/* The lines as parameters that the walker let through; NULL: it did not. */
static json_t *read_params(struct str input, struct arena *a)
{
    struct public_error fault;
    struct auth_field *fields;
    struct buf form;
    json_t *params = NULL;
    int n;

    buf_init(&form, SIZE_MAX);
    while (input.ptr) {
        struct str line = str_split(&input, '\n');
        if (line.len == 0 || line.ptr[0] == '-')
            continue;
        buf_add_c(&form, form.len > 0 ? "&" : "");
        buf_add_str(&form, line);
    }
    if (form_parse(buf_str(&form), a, &fields, &n, &fault))
        params = form_to_json(create_task(), fields, n, false, &fault);
    buf_done(&form);
    if (params && schema_check(create_task(), params, NULL) != SCHEMA_OK) {
        json_decref(params);
        params = NULL;
    }
    return params;
}

static void check_schedule(const struct schedule *s)
{
    struct wall t = { (int64_t)TODAY_S * 1000000 };
    struct firing f;

    check(s->cycle < CYCLE_N_ && s->zone && s->start.s <= s->end.s);
    check(s->window_from >= 0 && s->window_from <= s->window_to && s->window_to < 24 * 60);
    for (int i = 0; i < FIRINGS && schedule_next(s, t, &f); i++) {
        check(f.at.us > t.us && f.planned.s >= s->start.s && f.planned.s <= s->end.s);
        check(f.data_time.s <= f.planned.s);
        t = f.at;
    }
}

static void check_spec(const struct task_spec *s)
{
    check(s->name.len > 0 && str_code_points(s->name) <= TASK_NAME_MAX);
    check(task_type_name(s->type_id) && s->code.len <= TASK_CODE_MAX);
    check(s->priority >= 4 && s->priority <= 6);
    check(s->max_retries >= 0 && s->retry_wait_minutes >= 0);
    check(s->execution_ttl_minutes == -1 || s->execution_ttl_minutes > 0);
    check(s->wait_ttl_minutes == -1 || s->wait_ttl_minutes > 0);
    check(s->n_ext <= TASK_LIST_MAX && s->n_params <= TASK_LIST_MAX);
    check(s->n_upstreams <= TASK_LIST_MAX && s->n_listeners <= TASK_LIST_MAX);
    check(s->n_outputs <= TASK_LIST_MAX && s->n_inputs <= TASK_LIST_MAX);
    check(s->n_branches <= TASK_CONDITIONS_MAX);
    for (int i = 0; i < s->n_upstreams; i++)
        check(s->upstreams[i].task_id > 0 && s->upstreams[i].timeout_minutes >= 0);
    for (int i = 0; i < s->n_listeners; i++)
        check(s->listeners[i].event_name.len > 0 && s->listeners[i].max_wait_minutes >= -1);
    check_schedule(&s->schedule);
}

/* The document that a version keeps: decoded and completed once more it is the same. */
static json_t *check_doc(const json_t *params, const struct task_spec *spec, struct arena *a)
{
    struct str text = task_doc_build(params, spec, STR("100"), a);
    json_t *doc = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
    struct task_spec kept;

    check(doc && task_decode_text(text, today, a, &kept, NULL) == E_OK);
    check(str_eq(task_doc_build(doc, &kept, STR("100"), a), text));
    return doc;
}

/* A change merges over the document, and entries of lists go out of it; it stays a document. */
static void check_changes(json_t *doc, const json_t *params, struct str input, struct arena *a)
{
    struct task_spec spec;
    struct err e = ERR_INIT;

    task_doc_merge(doc, params);
    check(task_decode(doc, today, a, &spec, &e) == E_OK);
    while (input.ptr) {
        struct str line = str_split(&input, '\n');
        if (line.len == 0 || line.ptr[0] != '-')
            continue;
        if (task_doc_remove(doc, str_sub(line, 1, line.len), &e) != E_OK)
            check(e.text[0] && e.text_zh[0]);
    }
    if (task_decode(doc, today, a, &spec, &e) == E_OK)
        check_spec(&spec);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct str input = str_make((const char *)bytes, n);
    struct task_spec spec, untouched;
    struct err e = ERR_INIT;
    struct arena a;

    arena_init(&a);
    memset(&spec, 0x5a, sizeof(spec));
    memcpy(&untouched, &spec, sizeof(spec));
    json_t *params = read_params(input, &a);
    if (params && task_decode(params, today, &a, &spec, &e) != E_OK) {
        check(e.path[0] && e.text[0] && e.text_zh[0]);
        check(memcmp(&spec, &untouched, sizeof(spec)) == 0);
    } else if (params) {
        check_spec(&spec);
        json_t *doc = check_doc(params, &spec, &a);
        check_changes(doc, params, input, &a);
        json_decref(doc);
    }
    json_decref(params);
    arena_done(&a);
    return 0;
}
