/* test/sim/sending.c - see sending.h. */
#include "sending.h"

#include <inttypes.h>

#include "checkers.h"
#include "definitions.h"
#include "each.h"
#include "values.h"

struct model {
    struct sim *s;
    const struct sim_sending *sending;
    const struct task_spec *spec;
    const struct sim_task *task;
    struct str array; /* of a for-each: its name; NULL: it is none */
    bool without;     /* an input has no value */
    bool forgotten;
};

/* ---- inputs ---------------------------------------------------------------------------------- */

struct supply {
    struct sim *s;
    int64_t task_id;
    const struct track *newest;
};

static bool take(void *ctx, struct dep_candidate c)
{
    struct supply *p = ctx;
    const struct track *t = track_find(p->s, (struct instance_key){ p->task_id, c.data_time });
    const struct moment *last = track_last(t);

    if (last && last->state == INSTANCE_COMPLETED &&
        (!p->newest || t->key.data_time.s > p->newest->key.data_time.s))
        p->newest = t;
    return true;
}

static bool newest_before(void *ctx, struct civil before, struct civil *ret)
{
    struct supply *p = ctx;

    for (size_t k = tracks_before(p->s, p->task_id, before); k-- > 0;) {
        const struct track *t = track_at(p->s, p->task_id, k);
        if (t->n > 0 && t->gone == 0) {
            *ret = t->key.data_time;
            return true;
        }
    }
    return false;
}

static const struct sim_version *version_named(const struct sim_task *t, int32_t version_no)
{
    const struct sim_version *v = t->versions;

    while (v && v->version_no != version_no)
        v = v->older;
    return v;
}

/* The value that the instance passes on; false: it passes on none of this name. */
static bool output_of(struct model *m, const struct sim_task *up, const struct track *from,
                      struct str key, struct str *ret)
{
    const struct moment *last = track_last(from);
    const struct sim_version *v = version_named(up, last->version_no);

    for (int k = 0; v && k < v->spec->n_outputs; k++) {
        const struct task_output *out = &v->spec->outputs[k];
        if (!str_eq(out->key, key))
            continue;
        if (!out->is_variable) {
            coverage_feature(m->s, SIM_HAS_param_constant);
            *ret = value_expand(&m->s->arena, out->value, from->key.data_time, last->planned, NULL,
                                NULL);
        } else if (last->supplier == 0) {
            coverage_feature(m->s, SIM_HAS_param_empty);
            *ret = STR("");
        } else {
            coverage_feature(m->s, SIM_HAS_param_input);
            *ret = runner_output(m->s, last->supplier, key);
        }
        return true;
    }
    return false;
}

static bool input_value(struct model *m, const struct task_input *in, struct str *ret)
{
    const struct sim_task *up = sim_task_find(m->s, in->from_task);
    struct supply p = { m->s, in->from_task, NULL };
    struct dep_rule rule;

    for (int k = 0; up->there && k < m->spec->n_upstreams; k++) {
        if (m->spec->upstreams[k].task_id != in->from_task)
            continue;
        task_upstream_rule(&m->spec->upstreams[k], m->spec->schedule.cycle,
                           up->spec->schedule.cycle, &rule);
        /* A pair that does not fit any more selects nothing. */
        if (dep_select(&rule, m->spec->schedule.cycle, &up->spec->schedule,
                       m->sending->key.data_time, take, newest_before, &p, NULL) != E_OK)
            p.newest = NULL;
    }
    return p.newest && output_of(m, up, p.newest, in->from_key, ret);
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool plan_value(struct model *m, struct str name, struct str *ret)
{
    const struct sim_plan *p = sim_plan_find(m->s, m->sending->plan_id);

    m->forgotten = m->forgotten || (!p && m->sending->plan_id.len > 0);
    if (!p || p->param < 0 || name.len != 2 || name.ptr[0] != 'p' || name.ptr[1] != '0' + p->param)
        return false;
    coverage_feature(m->s, SIM_HAS_param_plan);
    *ret = p->value;
    return true;
}

static bool task_value(struct model *m, struct str name, struct str *ret)
{
    for (int k = 0; k < m->spec->n_params; k++)
        if (str_eq(m->spec->params[k].key, name)) {
            coverage_feature(m->s, SIM_HAS_param_task);
            *ret = m->spec->params[k].value;
            return true;
        }
    return false;
}

static bool workflow_value(struct model *m, struct str name, struct str *ret)
{
    const struct sim_workflow *w = &m->s->defs.workflows[m->task->workflow];

    for (int k = 0; k < SIM_PARAMS; k++)
        if (name.len == 2 && name.ptr[0] == 'p' && name.ptr[1] == '0' + k && w->params[k].len > 0) {
            coverage_feature(m->s, SIM_HAS_param_workflow);
            *ret = w->params[k];
            return true;
        }
    return false;
}

/* The order of 6.2. */
static bool name_value(void *ctx, struct str name, struct str *ret)
{
    struct model *m = ctx;
    struct str value;
    bool found = false;

    if (each_is_of_row(m->array, name))
        return false; /* each row has another */
    found = plan_value(m, name, &value);

    for (int k = 0; !found && k < m->spec->n_inputs; k++)
        if (str_eq(m->spec->inputs[k].key, name)) {
            value = m->spec->inputs[k].from_key;
            found = m->spec->inputs[k].is_constant;
            if (found)
                break;
            if (!input_value(m, &m->spec->inputs[k], ret))
                m->without = true;
            return !m->without; /* what a program printed is not looked at for times */
        }
    found = found || task_value(m, name, &value) || workflow_value(m, name, &value);
    if (found)
        *ret = value_expand(&m->s->arena, value, m->sending->key.data_time, m->sending->planned,
                            NULL, NULL);
    else
        coverage_feature(m->s, SIM_HAS_param_unknown);
    return found;
}

static void look(struct sim *s, struct sim_sending *g, int when)
{
    const struct sim_task *t = sim_task_find(s, g->key.task_id);
    const struct sim_version *v = version_named(t, g->version_no);

    sim_check(s, v, "an attempt of version %d, which was not submitted", (int)g->version_no);
    struct model m = { .s = s, .sending = g, .spec = v->spec, .task = t };
    struct str rows = STR("");
    if (v->spec->type_id == TASK_TYPE_FOR_EACH) {
        name_value(&m, v->spec->inputs[0].key, &rows);
        m.array = v->spec->inputs[0].key;
    }
    g->code[when] =
        value_expand(&s->arena, v->spec->code, g->key.data_time, g->planned, name_value, &m);
    if (m.array.ptr)
        g->code[when] = each_codes(&s->arena, g->code[when], m.array, rows);
    g->possible[when] = !m.without;
    g->unsure = g->unsure || m.forgotten;
}

/* ---- from the effect to the runner ------------------------------------------------------------
 */

void sending_begin(struct sim *s, const struct instance *i)
{
    s->sendings = mem_grow(s->sendings, &s->cap_sendings, s->n_sendings + 1, sizeof(*s->sendings));
    struct sim_sending *g = &s->sendings[s->n_sendings++];
    *g = (struct sim_sending){ .fence = i->fence,
                               .key = i->key,
                               .version_no = i->version_no,
                               .planned = i->planned,
                               .plan_id = arena_str(&s->arena, i->plan_id) };
    look(s, g, 0);
}

void sending_commit(struct sim *s)
{
    for (; s->committed_sendings < s->n_sendings; s->committed_sendings++)
        look(s, &s->sendings[s->committed_sendings], 1);
}

void sending_crash(struct sim *s)
{
    s->n_sendings = s->committed_sendings;
}

void sending_done(struct sim *s)
{
    mem_free(s->sendings);
}

/* Fences grow. */
static struct sim_sending *committed(const struct sim *s, uint64_t fence)
{
    size_t low = 0, high = s->committed_sendings;

    while (low < high) {
        size_t mid = (low + high) / 2;
        if (s->sendings[mid].fence < fence)
            low = mid + 1;
        else
            high = mid;
    }
    return low < s->committed_sendings && s->sendings[low].fence == fence ? &s->sendings[low]
                                                                          : NULL;
}

/* A for-each is a Shell script. */
static void check_program(struct sim *s, const struct sim_sending *g,
                          const struct attempt_spec *spec)
{
    const struct task_spec *t =
        version_named(sim_task_find(s, g->key.task_id), g->version_no)->spec;
    int type_id = t->type_id == TASK_TYPE_FOR_EACH ? TASK_TYPE_SHELL : t->type_id;

    sim_check(s, spec->type_id == type_id, "5.1: task %" PRId64 " runs as type %d, not %d",
              g->key.task_id - SIM_TASK_ID(0), spec->type_id, type_id);
    sim_check(s, spec->n_params == t->n_ext, "5.1: an attempt has %d settings, not %d",
              spec->n_params, t->n_ext);
    for (int k = 0; k < t->n_ext; k++)
        sim_check(s,
                  str_eq(spec->params[k].key, t->ext[k].key) &&
                      str_eq(spec->params[k].value, t->ext[k].value),
                  "5.1: an attempt has another setting %.*s", STR_ARG(t->ext[k].key));
    if (t->type_id == TASK_TYPE_PYTHON)
        coverage_feature(s, SIM_HAS_python);
}

/* What is sent, for a for-each as each_codes has it. */
static struct str executed(struct sim *s, const struct sim_sending *g, struct str code)
{
    const struct task_spec *t =
        version_named(sim_task_find(s, g->key.task_id), g->version_no)->spec;
    struct str codes;

    if (t->type_id != TASK_TYPE_FOR_EACH)
        return code;
    sim_check(s, each_read(&s->arena, code, &codes), "5.8: no script of a for-each: %.*s",
              STR_ARG(code));
    coverage_feature(s, codes.len > 0 ? SIM_HAS_for_each : SIM_HAS_for_each_empty);
    if (t->inputs[0].is_constant)
        coverage_feature(s, SIM_HAS_for_each_constant);
    return codes;
}

void sending_check(struct sim *s, const struct attempt_spec *spec)
{
    struct sim_sending *g = committed(s, spec->fence);

    sim_check(s, g, "attempt %" PRIu64 " was not written down", spec->fence);
    check_program(s, g, spec);
    if (g->unsure)
        return;
    if (spec->resent)
        coverage_feature(s, SIM_HAS_resent);
    if (spec->refusal.len > 0) {
        coverage_feature(s, SIM_HAS_param_refused);
        sim_check(s, !g->possible[0] || !g->possible[1],
                  "an attempt of task %" PRId64 " cannot start: %.*s",
                  g->key.task_id - SIM_TASK_ID(0), STR_ARG(spec->refusal));
        return;
    }
    struct str code = executed(s, g, spec->code);
    for (int k = 0; k < 2; k++)
        if (g->possible[k] && str_eq(g->code[k], code))
            return;
    sim_fail(s, "6.2: task %" PRId64 " executes `%.*s`, not `%.*s`%s",
             g->key.task_id - SIM_TASK_ID(0), STR_ARG(code), STR_ARG(g->code[1]),
             g->possible[1] ? "" : ", and an input has no value");
}
