/* api/act_server.c - weft-1 GetServerInfo: what this server is and how it does. */
#include "api/action.h"

#include "cal/zone.h"
#include "core/core.h"
#include "engine/turn.h"
#include "sys/clock.h"

struct info {
    struct core_stats core;
    struct engine_stats engine;
    struct wall now;
};

/* On the engine thread: the figures are those of one moment. */
static enum err_code info_apply(struct call *c, struct engine *g)
{
    struct info *info = ARENA_NEW(&c->arena, struct info);

    core_stats(engine_core(g), &info->core);
    engine_stats(g, &info->engine);
    info->now = engine_now(g);
    c->state = info;
    return E_OK;
}

static enum err_code info_answer(struct call *c)
{
    const struct info *info = c->state;
    struct jw *w = &c->out;

    jw_key(w, "Data");
    jw_object(w);
    jw_kcstr(w, "Version", WEFT_VERSION);
    jw_kcstr(w, "Node", c->services->node);
    jw_wall(w, "Time", info->now, zone_default());
    jw_ki64(w, "StartedSecondsAgo", (info->now.us - c->services->started_at.us) / 1000000);
    jw_ki64(w, "Tasks", (int64_t)info->core.tasks);
    jw_ki64(w, "LiveInstances", (int64_t)info->core.instances);
    jw_ki64(w, "QueuedInstances", (int64_t)info->core.queued);
    jw_ki64(w, "RunningAttempts", (int64_t)info->core.running);
    jw_ki64(w, "Turns", info->engine.turns);
    jw_ki64(w, "Commands", info->engine.commands);
    jw_ki64(w, "CommitsFailed", info->engine.commits_failed);
    jw_ki64(w, "AttemptsBegun", info->engine.attempts_begun);
    jw_object_end(w);
    return E_OK;
}

static const struct action actions[] = {
    { API_WEFT, "GetServerInfo", NULL, info_apply, info_answer, ACCESS_ROOT, NULL, true },
};
const struct action_family family_server = { actions, ARRAY_LEN(actions) };
