/* api/act_event_old.c - version 2021-08-20: RegisterEvent and TriggerEvent, which were there before
 * RegisterDsEvent and TriggerDsEvent (docs/reference/semantics.md 4.7).
 *
 * The same commands with the names of the older calls.  What is refused is an error of the call, as
 * everywhere; the BatchReturn that is answered always says true.
 */
#include "api/action.h"

#include "cal/zone.h"
#include "engine/cmd_event.h"

static enum err_code register_apply(struct call *c, struct engine *g)
{
    int64_t ttl = param_i64(c->params, "TimeToLive", 0);
    struct event_row made;
    struct event_request r = { .project_id = param_str(c->params, "ProjectId"),
                               .name = param_str(c->params, "Name"),
                               .sub_type = param_str(c->params, "EventSubType"),
                               .lasting = !param_has(c->params, "TimeToLive"),
                               .ttl = arena_printf(&c->arena, "%lld", (long long)ttl),
                               .unit = param_str(c->params, "TimeUnit"),
                               .event_type = param_str(c->params, "EventType"),
                               .broadcast_type = param_str(c->params, "EventBroadcastType"),
                               .dimension_format = param_str(c->params, "DimensionFormat"),
                               .owner = param_str(c->params, "Owner"),
                               .description = param_str(c->params, "Description") };

    enum err_code rc = event_register(g, &r, &made, &c->err);
    if (rc == E_OK)
        c->made = arena_str(&c->arena, made.id);
    return rc;
}

static enum err_code trigger_apply(struct call *c, struct engine *g)
{
    struct event_firing wish = { .name = param_str(c->params, "Name"),
                                 .dimension = param_str(c->params, "Dimension"),
                                 .description = param_str(c->params, "Description") };
    struct event_fired fired;
    enum err_code rc = event_fire(g, param_str(c->params, "ProjectId"), &wish, 1, zone_default(),
                                  &c->arena, &fired, &c->err);

    if (rc == E_OK && fired.n_failures > 0) {
        c->err = fired.first;
        rc = c->err.code;
    }
    return rc;
}

static const struct action actions[] = {
    { API_2021, "RegisterEvent", NULL, register_apply, answer_batch_return, ACCESS_DEVELOP },
    { API_2021, "TriggerEvent", NULL, trigger_apply, answer_batch_return, ACCESS_OPERATE },
};
const struct action_family family_event_old = { actions, ARRAY_LEN(actions) };
