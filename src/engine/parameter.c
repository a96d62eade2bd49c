/* engine/parameter.c - the parameters of an attempt: what goes into its code, and what it put out.
 */
#include "engine/parameter.h"

#include "engine/engine_int.h"
#include "engine/plan_doc.h"
#include "model/for_each.h"
#include "model/form_mode.h"

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
static enum err_code of_plan(struct parameter_finding *f, struct str name, bool *ret_found,
                             struct str *ret, struct err *e)
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

static enum err_code of_workflow(struct parameter_finding *f, struct str name, bool *ret_found,
                                 struct str *ret, struct err *e)
{
    struct arena *a = engine_arena(f->g);
    struct workflow_row workflow = { .id = f->version->spec.workflow_id };
    enum err_code rc = E_OK;

    if (!f->workflow) {
        rc = row_get(engine_view(f->g), &table_workflow, a, &workflow, e);
        if (rc == E_OK)
            rc = doc_cache_get(&f->g->docs, workflow.doc, &f->workflow, e);
        else if (rc == E_MISSING)
            return E_OK; /* it has no parameters any more */
    }
    if (rc == E_OK)
        *ret_found = find_in_list(json_object_get(f->workflow, "WorkflowParams"), "ParamKey",
                                  "ParamValue", name, a, ret);
    return rc;
}

static bool of_task(struct parameter_finding *f, struct str name, struct str *ret)
{
    const struct task_spec *spec = &f->version->spec;

    for (int i = 0; i < spec->n_params; i++)
        if (str_eq(spec->params[i].key, name)) {
            *ret = spec->params[i].value;
            return true;
        }
    return false;
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
    struct parameter_finding *f = ctx;
    const struct task_input *in;
    enum err_code rc = of_plan(f, name, ret_found, ret, e);

    if (rc == E_OK && !*ret_found && (in = input_named(&f->version->spec, name)) != NULL) {
        *ret_found = true;
        *ret = in->from_key;
        if (!in->is_constant) /* what a program printed is not looked at for times */
            return suppliers_value(&f->suppliers, in, ret, e);
    }
    if (rc == E_OK && !*ret_found)
        *ret_found = of_task(f, name, ret);
    if (rc == E_OK && !*ret_found)
        rc = of_workflow(f, name, ret_found, ret, e);
    return rc == E_OK && *ret_found ? parameters_times(*ret, &f->at, engine_arena(f->g), ret, e)
                                    : rc;
}

void parameter_finding_init(struct parameter_finding *f, struct engine *g, const struct instance *i,
                            const struct version_entry *version)
{
    *f = (struct parameter_finding){ .g = g,
                                     .i = i,
                                     .version = version,
                                     .at = { .data_time = i->key.data_time,
                                             .planned = i->planned,
                                             .zone = version->spec.schedule.zone } };
    suppliers_init(&f->suppliers, g, i, &version->spec);
}

void parameter_finding_done(struct parameter_finding *f)
{
    suppliers_done(&f->suppliers);
    json_decref(f->plan);
    json_decref(f->workflow);
}

static enum err_code find_all(struct parameter_finding *f, struct str text,
                              struct substitutions *ret, struct err *e)
{
    return parameters_collect(text, &f->at, look_up, f, engine_arena(f->g), ret, e);
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

/* What is looked through for the parameters of the task. */
static struct str text_of(const struct task_spec *spec, struct arena *a)
{
    if (spec->type_id == TASK_TYPE_FORM) {
        struct form_mode form = form_mode_of(spec);
        return form_text(&form, a);
    }
    if (is_for_each(spec)) /* the array is needed, whatever the text says */
        return arena_printf(a, "%.*s\n%.*s", STR_ARG(array_placeholder(spec, a)),
                            STR_ARG(spec->code));
    return spec->code;
}

enum err_code parameter_find(struct engine *g, const struct instance *i,
                             const struct version_entry *version, struct str *ret,
                             struct str *ret_code, struct err *e)
{
    const struct task_spec *spec = &version->spec;
    struct arena *a = engine_arena(g);
    struct substitutions found = { NULL, 0 };
    struct parameter_finding f;
    struct str code;
    struct buf kept;

    parameter_finding_init(&f, g, i, version);
    enum err_code rc = find_all(&f, text_of(spec, a), &found, e);
    parameter_finding_done(&f);
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

enum err_code parameter_text(struct parameter_finding *f, struct str text, struct str *ret,
                             struct err *e)
{
    struct substitutions found = { NULL, 0 };
    enum err_code rc = find_all(f, text, &found, e);

    return rc == E_OK ? apply(text, &found, engine_arena(f->g), ret, e) : rc;
}

bool parameter_is_refusal(enum err_code rc)
{
    return rc != E_OK && rc != E_IO && rc != E_CORRUPT && rc != E_BUSY;
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
