/* cli/cmd_alarms.c - `weft alarms`: what happened, to whom it was told, and the rules for it. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "cli/table.h"

enum { PAGE = 100, PAGES_MAX = 100 };

static json_t *with(struct session *s, const char *name, const char *value)
{
    json_t *params = json_pack("{s:s}", "ProjectId", s->project);

    if (name)
        json_object_set_new(params, name, json_string(value));
    return params;
}

/* All pages of a list. */
static int fetch(struct session *s, const char *action, json_t **ret)
{
    json_t *all = json_array(), *response;
    size_t n = PAGE;

    for (int page = 1; n == PAGE && page <= PAGES_MAX; page++) {
        json_t *params = with(s, NULL, NULL);
        json_object_set_new(params, "PageNumber", json_integer(page));
        json_object_set_new(params, "PageSize", json_integer(PAGE));
        int status = session_call(s, VERSION_2025, action, params, &response);
        if (status != EXIT_DONE) {
            json_decref(all);
            return status;
        }
        json_t *items = json_object_get(json_object_get(response, "Data"), "Items");
        n = json_array_size(items);
        json_array_extend(all, items);
        json_decref(response);
    }
    *ret = all;
    return EXIT_DONE;
}

static const char *joined(struct session *s, const json_t *list)
{
    const json_t *item;
    const char *text = "";
    size_t i;

    json_array_foreach(list, i, item)
    {
        text = arena_printf(&s->arena, "%s%s%s", text, i ? "," : "", json_string_value(item)).ptr;
    }
    return text;
}

static void print_rows(struct session *s, const json_t *all, bool rules)
{
    static const char *const of_rules[] = { "RULE ID", "NAME",    "TYPES", "LEVEL",
                                            "ON",      "OBJECTS", NULL };
    static const char *const of_messages[] = { "MESSAGE", "TIME",  "REASON",    "TASK",
                                               "NAME",    "LEVEL", "DATA TIME", NULL };
    struct table_text table;
    const json_t *item;
    size_t i;

    table_init(&table, &s->arena, rules ? of_rules : of_messages);
    json_array_foreach(all, i, item)
    {
        const char *rule[] = { member(s, item, "AlarmRuleId"),
                               member(s, item, "AlarmRuleName"),
                               joined(s, json_object_get(item, "AlarmTypes")),
                               member(s, item, "AlarmLevel"),
                               member(s, item, "Status"),
                               joined(s, json_object_get(item, "MonitorObjectIds")) };
        const char *message[] = { member(s, item, "AlarmMessageId"), member(s, item, "AlarmTime"),
                                  member(s, item, "AlarmReason"),    member(s, item, "TaskId"),
                                  member(s, item, "TaskName"),       member(s, item, "AlarmLevel"),
                                  member(s, item, "CurRunDate") };
        table_row(&table, rules ? rule : message);
    }
    table_print(&table, stdout);
}

static int list(struct session *s, bool rules)
{
    json_t *all;
    int status = fetch(s, rules ? "ListOpsAlarmRules" : "ListAlarmMessages", &all);

    if (status != EXIT_DONE)
        return status;
    if (s->json)
        print_json(all);
    else
        print_rows(s, all, rules);
    json_decref(all);
    return EXIT_DONE;
}

static void print_message(struct session *s, const json_t *data)
{
    static const char *const titles[] = { "DELIVERY", "STATE", "WAY",   "TO",
                                          "ATTEMPTS", "NEXT",  "ERROR", NULL };
    struct table_text table;
    const json_t *item;
    const char *by = json_string_value(json_object_get(data, "AcknowledgeUin"));
    size_t i;

    printf("%s\n", json_string_value(json_object_get(data, "Text")));
    if (by)
        printf("acknowledged by %s at %s\n", by, member(s, data, "AcknowledgeTime"));
    table_init(&table, &s->arena, titles);
    json_array_foreach(json_object_get(data, "Items"), i, item)
    {
        const char *cells[] = { member(s, item, "DeliveryId"), member(s, item, "State"),
                                member(s, item, "AlarmWay"),   member(s, item, "Target"),
                                member(s, item, "Attempts"),   member(s, item, "NextTime"),
                                member(s, item, "Error") };
        table_row(&table, cells);
    }
    table_print(&table, stdout);
}

static int show(struct session *s, const char *id)
{
    json_t *response;
    int status = session_call(s, VERSION_WEFT, "GetAlarmDeliveries", with(s, "AlarmMessageId", id),
                              &response);

    if (status != EXIT_DONE)
        return status;
    if (s->json)
        print_json(json_object_get(response, "Data"));
    else
        print_message(s, json_object_get(response, "Data"));
    json_decref(response);
    return EXIT_DONE;
}

static int turn(struct session *s, const char *id, bool on)
{
    json_t *params = with(s, "AlarmRuleId", id);

    json_object_set_new(params, "Status", json_integer(on));
    return session_act(s, VERSION_2025, "UpdateOpsAlarmRule", params);
}

static int run(struct session *s)
{
    const char *verb = s->args.words[0], *id = s->args.n_words > 1 ? s->args.words[1] : NULL;

    if (strcmp(verb, "list") == 0 && !id)
        return list(s, false);
    if (strcmp(verb, "rules") == 0 && !id)
        return list(s, true);
    if (strcmp(verb, "show") == 0 && id)
        return show(s, id);
    if (strcmp(verb, "ack") == 0 && id)
        return session_act(s, VERSION_WEFT, "AcknowledgeAlarmMessage",
                           with(s, "AlarmMessageId", id));
    if ((strcmp(verb, "on") == 0 || strcmp(verb, "off") == 0) && id)
        return turn(s, id, verb[1] == 'n');
    if (strcmp(verb, "remove") == 0 && id)
        return session_act(s, VERSION_2025, "DeleteOpsAlarmRule", with(s, "AlarmRuleId", id));
    return session_fail(
        s, EXIT_USAGE,
        "alarms list | alarms show|ack MESSAGE | alarms rules | alarms on|off|remove RULE");
}

const struct command command_alarms = {
    "alarms",
    "alarms list|rules|show|ack|on|off|remove [ID]",
    "alarms that fired, to whom they were told, and their rules",
    NULL,
    1,
    2,
    true,
    run
};
