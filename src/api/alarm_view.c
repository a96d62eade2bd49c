/* api/alarm_view.c - alarm rules and messages as the API shows them. */
#include "api/alarm_view.h"

#include "api/fill.h"
#include "engine/member.h"
#include "model/json_text.h"

enum err_code alarm_sees_hooks(struct call *c, struct view *v, struct str project_id, bool *ret)
{
    struct actor who = { .uin = c->uin, .is_root = c->is_root };

    return member_may(v, &c->arena, &who, project_id, RIGHT_OPERATE, ret, &c->err);
}

struct str alarm_hook_shown(struct arena *a, struct str url, bool whole)
{
    ptrdiff_t at = str_find(url, STR("://"));
    size_t from = at < 0 ? 0 : (size_t)at + 3, n = from;

    while (n < url.len && str_find_char(STR("/?#"), url.ptr[n]) < 0)
        n++;
    return whole || at < 0 ? url : arena_printf(a, "%.*s/...", STR_ARG(str_sub(url, 0, n)));
}

/* In the document itself, which belongs to this call. */
static void hide_hooks(struct call *c, json_t *doc)
{
    json_t *group, *hook, *url;
    size_t i, k, n;

    json_array_foreach(json_object_get(doc, "AlarmGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "WebHooks"), k, hook)
        {
            json_array_foreach(json_object_get(hook, "WebHooks"), n, url)
            {
                struct str shown = alarm_hook_shown(&c->arena, json_str(url), false);
                json_string_setn(url, shown.ptr, shown.len);
            }
        }
    }
}

/* A part has the members of its object in every action that shows rules. */
static void fill_parts(json_t *doc)
{
    const struct schema_action *get =
        schema_action_find(str_from(API_2025), STR("GetOpsAlarmRule"));

    fill_below(fill_of(get, "Data"), doc);
}

static void write_part(struct call *c, const json_t *doc, const char *name)
{
    const json_t *part = json_object_get(doc, name);

    if (part)
        jw_kraw(&c->out, name, json_text(part, &c->arena));
    else
        jw_knull(&c->out, name);
}

enum err_code alarm_rule_write(struct call *c, const struct alarm_rule_row *row, bool hooks)
{
    json_t *doc = json_loadb(row->doc.ptr ? row->doc.ptr : "", row->doc.len, 0, NULL);
    struct jw *w = &c->out;

    if (!doc)
        return err_set(&c->err, E_CORRUPT, "alarm rule %.*s is no JSON", STR_ARG(row->id));
    if (!hooks)
        hide_hooks(c, doc);
    fill_parts(doc);
    jw_object(w);
    jw_kstr(w, "AlarmRuleId", row->id);
    jw_kstr(w, "AlarmRuleName", row->name);
    jw_kstr(w, "Description", row->description);
    jw_ki64(w, "MonitorObjectType", row->object_type);
    write_part(c, doc, "MonitorObjectIds");
    write_part(c, doc, "AlarmTypes");
    jw_ki64(w, "Status", row->enabled);
    write_part(c, doc, "AlarmRuleDetail");
    jw_ki64(w, "AlarmLevel", row->level);
    jw_kstr(w, "OwnerUin", row->owner_uin);
    jw_knull(w, "BundleId");
    jw_knull(w, "BundleInfo");
    write_part(c, doc, "AlarmGroups");
    jw_object_end(w);
    json_decref(doc);
    return E_OK;
}

void alarm_list_write(struct jw *w, const char *key, struct str list)
{
    jw_key(w, key);
    jw_array(w);
    while (list.len > 0)
        jw_str(w, str_split(&list, ';'));
    jw_array_end(w);
}
