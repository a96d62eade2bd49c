/* run/outputs.c - takes out of what an attempt prints what it is to put out. */
#include "run/outputs.h"

#include "base/jw.h"
#include "model/result.h"

void outputs_init(struct outputs *o, const struct attempt_spec *spec)
{
    o->wanted_ = spec->n_outputs > 0 || spec->event_hook.len > 0;
    buf_init(&o->printed_, RESULT_PRINTED_MAX);
}

void outputs_add(struct outputs *o, struct str bytes)
{
    if (o->wanted_)
        buf_add_str(&o->printed_, bytes);
}

static enum err_code put_value(struct str printed, const struct attempt_param *output,
                               struct arena *a, struct jw *w, struct err *e)
{
    struct result_path path;
    struct buf value;
    enum err_code rc = E_OK;

    if (!result_path_parse(output->value, &path))
        return err_set(e, E_SYNTAX, "`%.*s` of output parameter `%.*s` is no path into a result",
                       STR_ARG(output->value), STR_ARG(output->key));
    buf_init(&value, RESULT_VALUE_MAX);
    result_take(printed, &path, &value);
    if (value.overflow)
        rc = err_set(e, E_LIMIT, "output parameter `%.*s` is longer than %d KB",
                     STR_ARG(output->key), RESULT_VALUE_MAX >> 10);
    else
        jw_kstr(w, arena_cstr(a, output->key), buf_str(&value));
    buf_done(&value);
    return rc;
}

static enum err_code put_values(struct str printed, const struct attempt_spec *spec,
                                struct arena *a, struct str *ret, struct err *e)
{
    struct buf doc;
    struct jw w;
    enum err_code rc = E_OK;

    buf_init(&doc, OUTPUTS_BYTES_MAX);
    jw_init(&w, &doc);
    jw_object(&w);
    for (int i = 0; i < spec->n_outputs && rc == E_OK; i++)
        rc = put_value(printed, &spec->outputs[i], a, &w, e);
    jw_object_end(&w);
    if (rc == E_OK && doc.overflow)
        rc = err_set(e, E_LIMIT, "the output parameters are longer than %d KB together",
                     OUTPUTS_BYTES_MAX >> 10);
    if (rc == E_OK)
        *ret = arena_str(a, buf_str(&doc));
    buf_done(&doc);
    return rc;
}

static enum err_code put_events(struct str printed, struct str variable, struct arena *a,
                                struct str *ret, struct err *e)
{
    struct buf events;
    enum err_code rc = E_OK;

    buf_init(&events, RESULT_VALUE_MAX);
    result_take_assigned(printed, variable, &events);
    if (events.overflow)
        rc = err_set(e, E_LIMIT, "the events of `%.*s` are longer than %d KB", STR_ARG(variable),
                     RESULT_VALUE_MAX >> 10);
    else
        *ret = arena_str(a, buf_str(&events));
    buf_done(&events);
    return rc;
}

enum err_code outputs_take(struct outputs *o, const struct attempt_spec *spec, struct arena *a,
                           struct attempt_end *end, struct err *e)
{
    struct str outputs = { NULL, 0 }, events = { NULL, 0 };
    enum err_code rc = E_OK;

    if (!o->wanted_)
        return E_OK;
    if (o->printed_.overflow)
        return err_set(e, E_LIMIT,
                       "it printed more than %d KB, too much for its output parameters and events",
                       RESULT_PRINTED_MAX >> 10);
    if (spec->n_outputs > 0)
        rc = put_values(buf_str(&o->printed_), spec, a, &outputs, e);
    if (rc == E_OK && spec->event_hook.len > 0)
        rc = put_events(buf_str(&o->printed_), spec->event_hook, a, &events, e);
    if (rc == E_OK) {
        end->outputs = outputs;
        end->events = events;
    }
    return rc;
}

void outputs_done(struct outputs *o)
{
    buf_done(&o->printed_);
}
