/* test/sim/op_alarm.c - alarm rules made, changed and deleted; messages acknowledged; letters that
 * arrive, or do not. */
#include <stdio.h>
#include <string.h>

#include "engine/alarm.h"
#include "engine/cmd_alarm.h"
#include "operators.h"
#include "picture.h"

static struct str object_of(struct sim *s, const struct sim_alarm_rule *r)
{
    struct str task = arena_printf(&s->arena, "%lld", (long long)r->task);

    return r->object == ALARM_OF_TASKS       ? task
           : r->object == ALARM_OF_WORKFLOWS ? str_from(sim_workflow_names[r->workflow])
                                             : str_from(sim_project_names[r->project]);
}

static void write_fluctuations(const struct sim_alarm_rule *r, struct buf *out)
{
    const char *before = "";

    buf_add_str(out, STR(",\"ProjectInstanceStatisticsAlarmInfoList\":["));
    for (int up = 0; up < 2; up++) {
        const struct sim_fluctuation *f = &r->fluctuations[up];
        if (!(r->types & 1u << f->type))
            continue;
        buf_printf(out,
                   "%s{\"AlarmType\":\"%s\",\"InstanceThresholdCountPercent\":%d,"
                   "\"InstanceThresholdCount\":%d,\"InstanceCount\":%d,\"StabilizeThreshold\":%d,"
                   "\"StabilizeStatisticsCycle\":%d,\"IsCumulant\":%s}",
                   before, alarm_type_name(f->type), f->percent, f->count, f->least, f->times,
                   f->cycles, f->cumulative ? "true" : "false");
        before = ",";
    }
    buf_add_str(out, STR("]"));
}

static void write_document(struct sim *s, const struct sim_alarm_rule *r, struct buf *out)
{
    const char *before = "";
    struct str object = object_of(s, r);

    buf_printf(out, "{\"MonitorObjectType\":%d,\"MonitorObjectIds\":[\"%.*s\"],\"AlarmTypes\":[",
               (int)r->object, STR_ARG(object));
    for (int t = 0; t < ALARM_TYPE_N_; t++)
        if (r->types & 1u << t) {
            buf_printf(out, "%s\"%s\"", before, alarm_type_name((enum alarm_type)t));
            before = ",";
        }
    buf_printf(out,
               "],\"AlarmRuleDetail\":{\"Trigger\":%d,\"DataBackfillOrRerunTrigger\":%d,"
               "\"TimeOutExtInfo\":[{\"RuleType\":%d,\"Min\":%d}],"
               "\"DataBackfillOrRerunTimeOutExtInfo\":[{\"RuleType\":%d,\"Min\":%d}]",
               (int)r->trigger, (int)r->redo_trigger, (int)r->kind, r->minutes, (int)r->kind,
               r->redo_minutes);
    if (r->object == ALARM_OF_FLUCTUATION)
        write_fluctuations(r, out);
    if (r->white != 0)
        buf_printf(out,
                   ",\"MonitorWhiteTasks\":[{\"MonitorObjectId\":\"%.*s\",\"TaskIds\":[\"%lld\"]}]",
                   STR_ARG(object), (long long)r->white);
    buf_printf(
        out,
        "},\"AlarmGroups\":[{\"AlarmWays\":[\"6\"],\"WebHooks\":[{\"AlarmWay\":\"6\","
        "\"WebHooks\":[\"http://a.example/\"]}],\"NotificationFatigue\":{\"NotifyCount\":%d}}]}",
        r->notify_count);
}

static enum err_code command(struct sim *s, struct engine *g, struct sim_alarm_rule *r, bool change,
                             struct err *e)
{
    struct alarm_rule rule;
    struct buf doc;
    struct str id = str_from(r->id);

    buf_init(&doc, 4096);
    write_document(s, r, &doc);
    json_t *json = json_loadb(doc.ptr, doc.len, 0, NULL);
    check(alarm_rule_decode(json, engine_arena(g), &rule, NULL) == E_OK);
    json_decref(json);
    struct alarm_rule_request q = { .project_id = str_from(sim_project_names[r->project]),
                                    .id = id,
                                    .name = arena_printf(engine_arena(g), "rule_%d", r->serial),
                                    .description = STR(""),
                                    .uin = STR("1"),
                                    .enabled = r->enabled,
                                    .doc = arena_str(engine_arena(g), buf_str(&doc)),
                                    .rule = &rule,
                                    .objects_given = !change };
    buf_done(&doc);
    enum err_code rc = change ? SIM_DO(s, alarm_rule_update, g, &q, e)
                              : SIM_DO(s, alarm_rule_create, g, &q, &id, e);
    if (rc == E_OK && !change)
        snprintf(r->id, sizeof(r->id), "%.*s", STR_ARG(id));
    return rc;
}

/* By an amount or a share alone, every second time; what it is not judged by it does not have. */
static void choose_type(struct sim *s, struct sim_fluctuation *f, bool up)
{
    static const enum alarm_type of_failures[] = { ALARM_FAILURES_MORE, ALARM_FAILURES_MANY,
                                                   ALARM_FAILURES_SHARE };
    uint64_t die = hash_u64(s->seed + hash_u64((uint64_t)(s->steps * 2 + up)));

    f->type = up ? ALARM_FAILURES_UP : ALARM_SUCCESSES_DOWN;
    if (die % 2 == 0)
        return;
    f->type = up ? of_failures[die / 2 % ARRAY_LEN(of_failures)] : ALARM_SUCCESSES_FEWER;
    if (f->type == ALARM_FAILURES_SHARE) {
        f->percent += f->percent == 0;
        f->count = 0;
    } else {
        f->count += f->count == 0;
        f->percent = 0;
    }
}

/* Little differs in a world: mostly a little is enough. */
static void choose_fluctuations(struct sim *s, struct sim_alarm_rule *r)
{
    static const int percents[] = { 0, 10, 50, 150 };

    unsigned which = (unsigned)(1 + sim_below(s, 3)); /* of failures, of successes, of both */

    r->object = ALARM_OF_FLUCTUATION;
    r->types = 0;
    for (int up = 0; up < 2; up++) {
        struct sim_fluctuation *f = &r->fluctuations[up];
        f->percent = percents[sim_below(s, ARRAY_LEN(percents))];
        f->count = (int)sim_below(s, 4) + (f->percent == 0);
        f->least = sim_chance(s, 70) ? 0 : (int)sim_below(s, 10);
        f->times = sim_chance(s, 30) ? 1 : 1 + (int)sim_below(s, s->odds->pieces);
        f->cycles = f->times + (sim_chance(s, 50) ? (int)sim_below(s, 180) : 0);
        f->cumulative = sim_chance(s, 50);
        choose_type(s, f, up);
        r->types |= which & (up ? 1u : 2u) ? 1u << f->type : 0;
    }
}

static bool choose(struct sim *s, struct sim_alarm_rule *r, int slot)
{
    static const enum alarm_object objects[] = { ALARM_OF_TASKS, ALARM_OF_WORKFLOWS,
                                                 ALARM_OF_PROJECT, ALARM_OF_PROJECT };
    const struct sim_task *t = any_task(s);

    *r = (struct sim_alarm_rule){ .there = true,
                                  .enabled = true,
                                  .serial = slot + SIM_ALARM_RULES * (int)sim_below(s, 2),
                                  .object = objects[sim_below(s, ARRAY_LEN(objects))],
                                  .types = (unsigned)sim_below(s, 32) | 1u << sim_below(s, 5),
                                  .trigger = (enum alarm_trigger)(1 + sim_below(s, 2)),
                                  .redo_trigger = (enum alarm_trigger)(1 + sim_below(s, 2)),
                                  .kind = sim_chance(s, 50) ? ALARM_RUNS_LONG : ALARM_WAITS_LONG,
                                  .minutes = 1 + (int)sim_below(s, 90),
                                  .redo_minutes = 1 + (int)sim_below(s, 90),
                                  .notify_count = 1 + (int)sim_below(s, 2) };
    if (!t || !t->there)
        return false;
    r->project = t->project;
    r->task = t->id;
    r->workflow = t->workflow;
    if (slot >= SIM_ALARM_RULES - SIM_FLUCTUATIONS)
        choose_fluctuations(s, r);
    else if (r->object != ALARM_OF_TASKS && sim_chance(s, 30))
        r->white = t->id;
    return true;
}

enum err_code op_alarm_rule(struct sim *s, struct engine *g, struct err *e)
{
    int slot = (int)sim_below(s, SIM_ALARM_RULES);
    struct sim_alarm_rule *r = &s->defs.alarms[slot];
    int kind = (int)sim_below(s, 3);

    /* Days must pass before a fluctuation can be told. */
    if (slot >= SIM_ALARM_RULES - SIM_FLUCTUATIONS && sim_chance(s, 75))
        kind = 2;

    snprintf(s->action, sizeof(s->action), "alarm rule %d, kind %d", slot, r->there ? kind : 3);
    if (!r->there)
        return choose(s, r, slot) ? command(s, g, r, false, e)
                                  : err_set(e, E_CONFLICT, "there is no task");
    if (kind == 0) {
        char id[40];
        snprintf(id, sizeof(id), "%s", r->id);
        r->there = false;
        return SIM_DO(s, alarm_rule_delete, g, str_from(sim_project_names[r->project]),
                      str_from(id), e);
    }
    if (kind == 1)
        r->enabled = !r->enabled;
    else
        r->trigger = (enum alarm_trigger)(3 - (int)r->trigger);
    return command(s, g, r, true, e);
}

/* A rule of the share that fails, which crosses it to and fro, where there is room for one. */
enum err_code op_alarm_share(struct sim *s, struct engine *g, struct err *e)
{
    for (int slot = SIM_ALARM_RULES - SIM_FLUCTUATIONS; slot < SIM_ALARM_RULES; slot++) {
        struct sim_alarm_rule *r = &s->defs.alarms[slot];
        if (r->there)
            continue;
        if (!choose(s, r, slot))
            return err_set(e, E_CONFLICT, "there is no task");
        struct sim_fluctuation *f = &r->fluctuations[1];
        f->type = ALARM_FAILURES_SHARE;
        f->percent = 5 + (int)sim_below(s, 70);
        f->count = 0;
        r->types = 1u << f->type;
        snprintf(s->action, sizeof(s->action), "alarm rule %d of a share", slot);
        return command(s, g, r, false, e);
    }
    return E_OK;
}

/* No rule of a fluctuation is left. */
enum err_code op_stop_counting(struct sim *s, struct engine *g, struct err *e)
{
    enum err_code rc = E_OK;

    snprintf(s->action, sizeof(s->action), "no numbers of days any more");
    for (int k = 0; k < SIM_ALARM_RULES && rc == E_OK; k++) {
        struct sim_alarm_rule *r = &s->defs.alarms[k];
        if (!r->there || r->object != ALARM_OF_FLUCTUATION)
            continue;
        r->there = false;
        rc = SIM_DO(s, alarm_rule_delete, g, str_from(sim_project_names[r->project]),
                    str_from(r->id), e);
    }
    return rc;
}

/* Of any message, also one of another project, or of one that is not there. */
enum err_code op_acknowledge(struct sim *s, struct engine *g, struct err *e)
{
    struct query q;
    void *rows = NULL;
    size_t n = 0;
    int p = (int)sim_below(s, SIM_PROJECTS);

    snprintf(s->action, sizeof(s->action), "a message is acknowledged");
    query_init(&q, &table_alarm_message);
    query_order(&q, ALARM_MESSAGE_ID, true);
    q.limit = 20;
    enum err_code rc = query_rows(engine_view(g), &q, engine_arena(g), &rows, &n, e);
    if (rc != E_OK)
        return rc;
    const struct alarm_message_row *m =
        n > 0 ? (const struct alarm_message_row *)rows + sim_below(s, (int64_t)n) : NULL;
    bool may = m && str_eq_c(m->project_id, sim_project_names[p]);
    rc =
        SIM_DO(s, alarm_acknowledge, g, str_from(sim_project_names[p]), m ? m->id : 1, STR("1"), e);
    sim_check(s, rc == E_IO || (rc == E_OK) == may, "8: an acknowledgement answers %d", (int)rc);
    return rc;
}

/* As the server does it (engine/alarm_outbox.c), in one command. */
enum err_code op_deliver(struct sim *s, struct engine *g, struct err *e)
{
    struct letter_result r = { .id = alarms_flying(s),
                               .outcome = sim_chance(s, 60)   ? LETTER_TAKEN
                                          : sim_chance(s, 90) ? LETTER_FAILED
                                                              : LETTER_REFUSED };

    snprintf(s->action, sizeof(s->action), "a letter ends with %d", (int)r.outcome);
    if (r.id == 0)
        return err_set(e, E_CONFLICT, "none is on its way");
    snprintf(r.error, sizeof(r.error), r.outcome == LETTER_TAKEN ? "" : "down");
    enum err_code rc = SIM_DO(s, alarm_delivered, g, &r, e);
    alarms_landed_here(s, r.id);
    alarms_landed(g, r.id);
    return rc;
}
