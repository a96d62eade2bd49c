/* test/sim/def_parameters.c - random parameters, inputs and outputs of a task, and code that uses
 * them.
 *
 * Names are p0 to p3, on any of the levels of docs/reference/semantics.md 6.2; i0 and i1 are inputs
 * only.  No two values are equal, and some have times in them; sending.c knows what they mean.
 */
#include "definitions.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/codec.h"
#include "each.h"
#include "values.h"

static void append(json_t *object, const char *list, json_t *item)
{
    json_t *items = json_object_get(object, list);

    if (!items) {
        items = json_array();
        json_object_set_new(object, list, items);
    }
    json_array_append_new(items, item);
}

static json_t *pair(const char *key, struct str value)
{
    return json_pack("{s:s,s:s%}", "ParamKey", key, "ParamValue", value.ptr, value.len);
}

static void put_own(struct sim *s, json_t *config)
{
    char name[8];

    /* The conditions of branches ask for it (ways.c). */
    append(config, "TaskSchedulingParameterList", pair("n", STR("${dd}")));
    for (int k = 0; k < SIM_PARAMS; k++)
        if (sim_chance(s, 40)) {
            snprintf(name, sizeof(name), "p%d", k);
            append(config, "TaskSchedulingParameterList", pair(name, value_random(s, 't')));
        }
}

static void put_outputs(struct sim *s, json_t *scheduler)
{
    static const char *const paths[] = { "$[0]", "$[1][2]", "$[*][*]" };
    char name[8];

    for (int k = 0; k < 3; k++)
        if (sim_chance(s, 50)) {
            snprintf(name, sizeof(name), "o%d", k);
            append(scheduler, "ParamTaskOutList",
                   pair(name, sim_chance(s, 70) ? str_from(paths[sim_below(s, ARRAY_LEN(paths))])
                                                : value_random(s, 'c')));
        }
}

/* The name of one of the upstream's outputs; now and then one that it does not have. */
static struct str random_output(struct sim *s, const struct task_spec *up)
{
    if (up->n_outputs == 0 || sim_chance(s, 2))
        return STR("o9");
    return up->outputs[sim_below(s, up->n_outputs)].key;
}

static void append_input(struct writing *w, json_t *scheduler, const char *name, int64_t id)
{
    char from[24];
    struct str key = random_output(w->s, sim_task_find(w->s, id)->spec);

    snprintf(from, sizeof(from), "%" PRId64, id);
    append(scheduler, "ParamTaskInList",
           json_pack("{s:s,s:s,s:s%,s:s}", "ParamKey", name, "FromTaskId", from, "FromParamKey",
                     key.ptr, key.len, "Type", "TASK"));
}

/* Of a for-each: the output of an upstream, or a constant. */
static void put_array(struct writing *w, json_t *scheduler, const char *name)
{
    struct sim *s = w->s;
    int64_t id = w->n_ups > 0 ? w->ups[sim_below(s, w->n_ups)] : 0;

    if (id != 0 && sim_task_find(s, id)->spec->n_outputs > 0 && sim_chance(s, 70)) {
        append_input(w, scheduler, name, id);
        return;
    }
    struct str rows = each_random(s);
    append(scheduler, "ParamTaskInList",
           json_pack("{s:s,s:s%,s:s}", "ParamKey", name, "FromParamKey", rows.ptr, rows.len, "Type",
                     "CONSTANT"));
}

/* Returns the name of the array of a for-each; NULL: it is none. */
static const char *put_inputs(struct writing *w, json_t *scheduler)
{
    static const char *const names[] = { "i0", "i1", "p0", "p2" };
    struct sim *s = w->s;
    const char *array = NULL;

    if (w->type_id == TASK_TYPE_FOR_EACH) {
        array = sim_chance(s, 80) ? names[0] : names[2];
        put_array(w, scheduler, array);
    }
    for (size_t k = 0; k < ARRAY_LEN(names) && w->n_ups > 0; k++) {
        int64_t id = w->ups[sim_below(s, w->n_ups)];
        const struct task_spec *up = sim_task_find(s, id)->spec;
        if (names[k] != array && sim_chance(s, 35) && (up->n_outputs > 0 || sim_chance(s, 2)))
            append_input(w, scheduler, names[k], id);
    }
    return array;
}

void sim_put_parameters(struct writing *w, json_t *given)
{
    json_t *config = json_object_get(given, "TaskConfiguration"),
           *scheduler = json_object_get(given, "TaskSchedulerConfiguration");
    struct sim *s = w->s;
    struct buf code, encoded;

    put_own(s, config);
    if (w->type_id == TASK_TYPE_BRANCH || w->type_id == TASK_TYPE_MERGE)
        return;
    put_outputs(s, scheduler);
    const char *array = put_inputs(w, scheduler);
    buf_init(&code, 4096);
    buf_init(&encoded, 8192);
    buf_printf(&code, "serial %d of ${yyyyMMdd} $(HHmm)", ++s->defs.serial);
    for (int k = 0; k < SIM_PARAMS; k++)
        if (sim_chance(s, s->odds->uses_param))
            buf_printf(&code, " ${p%d}", k);
    for (int k = 0; k < 2; k++)
        if (sim_chance(s, s->odds->uses_input))
            buf_printf(&code, " ${i%d}", k);
    if (array)
        buf_printf(&code, " ${%s} ${%s[0]} ${%s[1]} ${%s.index}", array, array, array, array);
    base64_encode(&encoded, buf_str(&code));
    json_object_set_new(config, "CodeContent", json_stringn(encoded.ptr, encoded.len));
    buf_done(&code);
    buf_done(&encoded);
}
