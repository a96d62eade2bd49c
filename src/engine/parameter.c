/* engine/parameter.c - the parameters of an attempt: what goes into its code, and what it put out.
 */
#include "engine/parameter.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cal/zone.h"
#include "engine/cmd_task.h"
#include "engine/engine_int.h"
#include "engine/plan_doc.h"
#include "model/for_each.h"
#include "model/form_mode.h"

struct finding {
    struct engine *g;
    const struct instance *i;
    const struct version_entry *version;
    struct time_point at;
    json_t *plan, *workflow; /* documents, owned; NULL: not read yet */
};

/* ---- documents that hold parameters ---------------------------------------------------------- */

/* The list's entry of that name; false: there is none. */
static bool find_in_list(const json_t *list, const char *key_name, const char *value_name,
                         struct str name, struct arena *a, struct str *ret)
{
    const json_t *item, *value;
    size_t at;

    json_array_foreach(list, at, item)
    {
        const json_t *key = json_object_get(item, key_name);
        if (!json_is_string(key) ||
            !str_eq(str_make(json_string_value(key), json_string_length(key)), name))
            continue;
        value = json_object_get(item, value_name);
        *ret = arena_str(a, str_make(json_string_value(value), json_string_length(value)));
        return true;
    }
    return false;
}

/* 5.7, 7.1: its RedefineParamList, which for a rerun is one pair and no list. */
static enum err_code of_plan(struct finding *f, struct str name, bool *ret_found, struct str *ret,
                             struct err *e)
{
    enum err_code rc = E_OK;
    json_t *list;

    if (f->i->plan_id.len == 0)
        return E_OK;
    if (!f->plan)
        rc = plan_doc_read(engine_view(f->g), engine_arena(f->g), &f->g->docs, f->i->plan_id,
                           &f->plan, e);
    if (rc != E_OK)
        return rc;
    list = json_object_get(f->plan, "RedefineParamList");
    list = json_is_object(list) ? json_pack("[O]", list) : json_incref(list);
    *ret_found = find_in_list(list, "K", "V", name, engine_arena(f->g), ret);
    json_decref(list);
    return E_OK;
}

static enum err_code of_workflow(struct finding *f, struct str name, bool *ret_found,
                                 struct str *ret, struct err *e)
{
    struct arena *a = engine_arena(f->g);
    struct workflow_row workflow = { .id = f->version->spec.workflow_id };
    enum err_code rc = E_OK;

    if (!f->workflow) {
        rc = row_get(engine_view(f->g), &table_workflow, a, &workflow, e);
        if (rc == E_OK)
            rc = doc_cache_get(&f->g->docs, workflow.doc, &f->workflow, e);
    }
    if (rc == E_OK)
        *ret_found = find_in_list(json_object_get(f->workflow, "WorkflowParams"), "ParamKey",
                                  "ParamValue", name, a, ret);
    return rc;
}

static bool of_task(struct finding *f, struct str name, struct str *ret)
{
    const struct task_spec *spec = &f->version->spec;

    for (int i = 0; i < spec->n_params; i++)
        if (str_eq(spec->params[i].key, name)) {
            *ret = spec->params[i].value;
            return true;
        }
    return false;
}

/* ---- outputs of upstream instances (6.3) ----------------------------------------------------- */

struct supplier {
    struct engine *g;
    int64_t task_id;
    struct instance_row newest; /* task_id 0: none is there */
    enum err_code rc;
    struct err *e;
};

/* Of the selected instances the COMPLETED one with the greatest data time. */
static bool take_candidate(void *ctx, struct dep_candidate candidate)
{
    struct supplier *s = ctx;
    struct instance_row row = { .task_id = s->task_id, .data_time = candidate.data_time };

    s->rc = row_get(engine_view(s->g), &table_instance, engine_arena(s->g), &row, s->e);
    if (s->rc == E_OK && row.state == INSTANCE_COMPLETED &&
        (s->newest.task_id == 0 || row.data_time.s > s->newest.data_time.s))
        s->newest = row;
    if (s->rc == E_MISSING)
        s->rc = E_OK;
    return s->rc == E_OK;
}

static bool newest_before(void *ctx, struct civil before, struct civil *ret)
{
    struct supplier *s = ctx;
    struct query q;
    void *rows;
    size_t n = 0;

    query_newest_instance(&q, s->task_id, before);
    s->rc = query_rows(engine_view(s->g), &q, engine_arena(s->g), &rows, &n, s->e);
    if (s->rc != E_OK || n == 0)
        return false;
    *ret = ((const struct instance_row *)rows)->data_time;
    return true;
}

static enum err_code find_supplier(struct finding *f, const struct task_upstream *up,
                                   struct supplier *s)
{
    const struct task_spec *down = &f->version->spec;
    struct core_task task;
    struct task_spec spec;
    struct dep_rule rule;
    enum err_code rc =
        task_read(engine_view(f->g), s->task_id, engine_arena(f->g), &task, &spec, s->e);

    if (rc == E_MISSING)
        return E_OK; /* deleted since */
    if (rc != E_OK)
        return rc;
    task_upstream_rule(up, down->schedule.cycle, spec.schedule.cycle, &rule);
    rc = dep_select(&rule, down->schedule.cycle, &spec.schedule, f->i->key.data_time,
                    take_candidate, newest_before, s, s->e);
    /* The upstream has another cycle now, which the pair does not fit: nothing is selected (3.3).
     */
    return rc == E_OK ? s->rc : rc == E_RANGE ? E_OK : rc;
}

/* A constant of the upstream, with the times of its instance; a variable that no run put out (a dry
 * run, a success that was set) is empty.  *ret_found false: its version has no such output. */
static enum err_code declared_output(struct finding *f, const struct instance_row *from,
                                     struct str key, bool *ret_variable, bool *ret_found,
                                     struct str *ret, struct err *e)
{
    struct arena *a = engine_arena(f->g);
    struct version_row version = { .task_id = from->task_id, .num = from->version_no };
    struct time_point at = { .data_time = from->data_time, .planned = from->planned };
    struct task_spec spec;
    enum err_code rc = row_get(engine_view(f->g), &table_version, a, &version, e);

    if (rc == E_OK)
        rc = task_decode_text(version.doc, (struct civil){ 0 }, a, &spec, e);
    for (int i = 0; rc == E_OK && i < spec.n_outputs; i++) {
        if (!str_eq(spec.outputs[i].key, key))
            continue;
        *ret_found = true;
        *ret_variable = spec.outputs[i].is_variable;
        at.zone = spec.schedule.zone;
        if (!spec.outputs[i].is_variable)
            return parameters_times(spec.outputs[i].value, &at, a, ret, e);
    }
    return rc;
}

static enum err_code kept_output(struct finding *f, const struct instance_row *from, struct str key,
                                 struct str *ret, struct err *e)
{
    struct arena *a = engine_arena(f->g);
    struct output_row row = { .task_id = from->task_id, .data_time = from->data_time };
    json_t *doc;
    const json_t *value;
    enum err_code rc = row_get(engine_view(f->g), &table_output, a, &row, e);

    *ret = STR("");
    if (rc == E_MISSING || (rc == E_OK && row.round != from->round))
        return E_OK;
    if (rc == E_OK)
        rc = doc_cache_get(NULL, row.doc, &doc, e);
    if (rc != E_OK)
        return rc;
    value = json_object_getn(doc, key.ptr, key.len);
    if (json_is_string(value))
        *ret = arena_str(a, str_make(json_string_value(value), json_string_length(value)));
    json_decref(doc);
    return E_OK;
}

static enum err_code of_input(struct finding *f, const struct task_input *in, struct str *ret,
                              struct err *e)
{
    const struct task_spec *spec = &f->version->spec;
    struct supplier s = { .g = f->g, .task_id = in->from_task, .e = e };
    bool found = false, variable = false;
    enum err_code rc = E_OK;

    for (int i = 0; i < spec->n_upstreams && rc == E_OK; i++)
        if (spec->upstreams[i].task_id == in->from_task)
            rc = find_supplier(f, &spec->upstreams[i], &s);
    if (rc != E_OK)
        return rc;
    if (s.newest.task_id == 0)
        return err_set(e, E_CONFLICT,
                       "input parameter `%.*s` has no value: no completed instance of task %lld is "
                       "among those that it depends on",
                       STR_ARG(in->key), (long long)in->from_task);
    rc = declared_output(f, &s.newest, in->from_key, &variable, &found, ret, e);
    if (rc == E_OK && !found)
        return err_set(e, E_CONFLICT,
                       "input parameter `%.*s` has no value: task %lld puts out no `%.*s`",
                       STR_ARG(in->key), (long long)in->from_task, STR_ARG(in->from_key));
    return rc == E_OK && variable ? kept_output(f, &s.newest, in->from_key, ret, e) : rc;
}

/* ---- levels ---------------------------------------------------------------------------------- */

static const struct task_input *input_named(const struct task_spec *spec, struct str name)
{
    for (int i = 0; i < spec->n_inputs; i++)
        if (str_eq(spec->inputs[i].key, name))
            return &spec->inputs[i];
    return NULL;
}

static enum err_code look_up(void *ctx, struct str name, bool *ret_found, struct str *ret,
                             struct err *e)
{
    struct finding *f = ctx;
    const struct task_input *in;
    enum err_code rc = of_plan(f, name, ret_found, ret, e);

    if (rc == E_OK && !*ret_found && (in = input_named(&f->version->spec, name)) != NULL) {
        *ret_found = true;
        *ret = in->from_key;
        if (!in->is_constant) /* what a program printed is not looked at for times */
            return of_input(f, in, ret, e);
    }
    if (rc == E_OK && !*ret_found)
        *ret_found = of_task(f, name, ret);
    if (rc == E_OK && !*ret_found)
        rc = of_workflow(f, name, ret_found, ret, e);
    return rc == E_OK && *ret_found ? parameters_times(*ret, &f->at, engine_arena(f->g), ret, e)
                                    : rc;
}

static enum err_code find_all(struct engine *g, const struct instance *i,
                              const struct version_entry *version, struct str text,
                              struct substitutions *ret, struct err *e)
{
    struct finding f = { .g = g,
                         .i = i,
                         .version = version,
                         .at = { .data_time = i->key.data_time,
                                 .planned = i->planned,
                                 .zone = version->spec.schedule.zone } };
    enum err_code rc = parameters_collect(text, &f.at, look_up, &f, engine_arena(g), ret, e);

    json_decref(f.plan);
    json_decref(f.workflow);
    return rc;
}

static enum err_code apply(struct str text, const struct substitutions *found, struct arena *a,
                           struct str *ret, struct err *e)
{
    struct buf out;
    enum err_code rc;

    *ret = text;
    if (found->n == 0)
        return E_OK;
    buf_init(&out, SIZE_MAX);
    rc = parameters_apply(text, found, &out, e);
    if (rc == E_OK)
        *ret = arena_str(a, buf_str(&out));
    buf_done(&out);
    return rc;
}

static bool is_for_each(const struct task_spec *spec)
{
    return spec->type_id == TASK_TYPE_FOR_EACH && spec->n_inputs > 0;
}

/* "${key}" of the array of a for-each. */
static struct str array_placeholder(const struct task_spec *spec, struct arena *a)
{
    return arena_printf(a, "${%.*s}", STR_ARG(spec->inputs[0].key));
}

/* The array is not put in as a whole: its rows are. */
static enum err_code each_row(const struct task_spec *spec, const struct substitutions *found,
                              struct arena *a, struct str *ret, struct err *e)
{
    struct str array = array_placeholder(spec, a), value = { NULL, 0 }, text;
    struct substitution *others = ARENA_ARRAY(a, struct substitution, found->n + 1);
    struct substitutions rest = { others, 0 };
    struct buf script;

    for (size_t i = 0; i < found->n; i++)
        if (str_eq(found->items[i].placeholder, array))
            value = found->items[i].value;
        else
            others[rest.n++] = found->items[i];
    enum err_code rc = apply(spec->code, &rest, a, &text, e);
    buf_init(&script, SIZE_MAX);
    if (rc == E_OK)
        rc = for_each_script(text, spec->inputs[0].key, value, &script, e);
    if (rc == E_OK)
        *ret = arena_str(a, buf_str(&script));
    buf_done(&script);
    return rc;
}

/* What is looked through for parameters, where it is not the code. */
static struct str form_text(const struct form_mode *f, struct arena *a)
{
    return arena_printf(a, "%.*s\n%.*s\n%.*s", STR_ARG(f->zip), STR_ARG(f->command),
                        STR_ARG(f->arguments));
}

/* Each setting by itself, so that a value cannot end the one that it stands in. */
static enum err_code form_code(const struct task_spec *spec, const struct substitutions *found,
                               struct arena *a, struct str *ret, struct err *e)
{
    struct form_mode f = form_mode_of(spec);
    struct str *const parts[] = { &f.zip, &f.command, &f.arguments };
    enum err_code rc = E_OK;
    struct buf script;

    for (size_t i = 0; i < ARRAY_LEN(parts) && rc == E_OK; i++)
        rc = apply(*parts[i], found, a, parts[i], e);
    if (rc != E_OK)
        return rc;
    buf_init(&script, SIZE_MAX);
    form_mode_script(&f, &script);
    *ret = arena_str(a, buf_str(&script));
    buf_done(&script);
    return E_OK;
}

static enum err_code build_code(const struct task_spec *spec, const struct substitutions *found,
                                struct arena *a, struct str *ret, struct err *e)
{
    if (spec->type_id == TASK_TYPE_FORM)
        return form_code(spec, found, a, ret, e);
    return is_for_each(spec) ? each_row(spec, found, a, ret, e)
                             : apply(spec->code, found, a, ret, e);
}

enum err_code parameter_find(struct engine *g, const struct instance *i,
                             const struct version_entry *version, struct str *ret,
                             struct str *ret_code, struct err *e)
{
    const struct task_spec *spec = &version->spec;
    struct arena *a = engine_arena(g);
    struct substitutions found = { NULL, 0 };
    struct str text = spec->code, code;
    struct buf kept;

    if (is_for_each(spec)) /* the array is needed, whatever the text says */
        text =
            arena_printf(a, "%.*s\n%.*s", STR_ARG(array_placeholder(spec, a)), STR_ARG(spec->code));
    if (spec->type_id == TASK_TYPE_FORM) {
        struct form_mode form = form_mode_of(spec);
        text = form_text(&form, a);
    }
    enum err_code rc = find_all(g, i, version, text, &found, e);
    if (rc == E_OK) /* the length is looked at now, as later nobody can say no */
        rc = build_code(spec, &found, a, &code, e);
    if (rc != E_OK)
        return rc;
    buf_init(&kept, SIZE_MAX);
    substitutions_format(&found, &kept);
    *ret = arena_str(a, buf_str(&kept));
    *ret_code = code;
    buf_done(&kept);
    return E_OK;
}

enum err_code parameter_text(struct engine *g, const struct instance *i,
                             const struct version_entry *version, struct str text, struct str *ret,
                             struct err *e)
{
    struct substitutions found = { NULL, 0 };
    enum err_code rc = find_all(g, i, version, text, &found, e);

    return rc == E_OK ? apply(text, &found, engine_arena(g), ret, e) : rc;
}

enum err_code parameter_code(const struct task_spec *spec, struct str substitutions,
                             struct arena *a, struct str *ret, struct err *e)
{
    struct substitutions found;
    enum err_code rc = substitutions_parse(substitutions, a, &found, e);

    return rc == E_OK ? build_code(spec, &found, a, ret, e) : rc;
}

/* ---- outputs --------------------------------------------------------------------------------- */

const struct attempt_param *parameter_wanted(const struct task_spec *spec, struct arena *a,
                                             int *ret_n)
{
    struct attempt_param *wanted =
        ARENA_ARRAY(a, struct attempt_param, (size_t)spec->n_outputs + 1);
    int n = 0;

    for (int i = 0; i < spec->n_outputs; i++)
        if (spec->outputs[i].is_variable)
            wanted[n++] = (struct attempt_param){ spec->outputs[i].key, spec->outputs[i].value };
    *ret_n = n;
    return wanted;
}

enum err_code parameter_keep(struct engine *g, const struct instance *i, struct str outputs,
                             struct err *e)
{
    struct output_row row = {
        .task_id = i->key.task_id, .data_time = i->key.data_time, .round = i->round, .doc = outputs
    };

    return row_put(engine_store(g), &table_output, &row, e);
}
