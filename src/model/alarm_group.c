/* model/alarm_group.c - decodes the receivers of an alarm, and when they are left in peace. */
#include "model/alarm.h"

#include <stdio.h>
#include <string.h>

enum {
    ROBOTS = 1u << ALARM_BY_WECOM | 1u << ALARM_BY_LARK | 1u << ALARM_BY_DINGTALK |
             1u << ALARM_BY_SLACK | 1u << ALARM_BY_TEAMS,
    BY_HOOK = ROBOTS | 1u << ALARM_BY_HTTP,
    ID_MAX = 128
};

static int64_t number(const json_t *object, const char *name, int64_t otherwise)
{
    const json_t *value = json_object_get(object, name);

    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static struct str text_of(const json_t *string)
{
    return json_is_string(string) ? str_make(json_string_value(string), json_string_length(string))
                                  : STR("");
}

/* An account, or a mail address: it stands in headers of mails. */
static bool is_receiver(struct str id)
{
    int ats = 0;

    if (id.len == 0 || id.len > ID_MAX || id.ptr[0] == '-')
        return false;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c == '\0' || !strchr("._-+@", c)))
            return false;
        ats += c == '@';
    }
    return ats == 0 || (ats == 1 && id.ptr[0] != '@' && id.ptr[id.len - 1] != '@');
}

static enum err_code decode_ids(const json_t *group, const char *name, int most, struct arena *a,
                                const struct str **ret, int *ret_n, struct err *e)
{
    const json_t *list = json_object_get(group, name), *item;
    size_t i, n = json_array_size(list);
    struct str *ids = ARENA_ARRAY(a, struct str, n + 1);
    char path[64];

    if (n > (size_t)most)
        return err_user(e, E_LIMIT, name, "at most %d ids", "最多 %d 个", most);
    json_array_foreach(list, i, item)
    {
        snprintf(path, sizeof(path), "%s.%zu", name, i);
        if (!is_receiver(text_of(item)))
            return err_user(e, E_RANGE, path,
                            "an account or a mail address, of letters, digits and ._-+@",
                            "应为账号或邮箱地址，仅含字母、数字和 ._-+@");
        ids[i] = arena_str(a, text_of(item));
    }
    *ret = ids;
    *ret_n = (int)n;
    return E_OK;
}

/* ---- ways ---------------------------------------------------------------------------------- */

static bool way_of(struct str text, int64_t *ret)
{
    return str_to_i64(text, ret) && *ret >= 1 && *ret < ALARM_WAY_N_;
}

static enum err_code decode_ways(const json_t *group, struct alarm_group *g, struct err *e)
{
    const json_t *list = json_object_get(group, "AlarmWays"), *item;
    size_t i;
    int64_t way;
    char path[64];

    if (json_array_size(list) == 0)
        g->ways = 1u << ALARM_BY_MAIL;
    json_array_foreach(list, i, item)
    {
        snprintf(path, sizeof(path), "AlarmWays.%zu", i);
        if (!way_of(text_of(item), &way))
            return err_user(e, E_RANGE, path, "a number from 1 to 11, as text",
                            "取值为 1 到 11 的数字文本");
        if (way > ALARM_BY_MAIL && way < ALARM_BY_HTTP)
            return err_user(e, E_UNSUPPORTED, path,
                            "weft sends no short messages, WeChat, telephone or WeCom messages (2 "
                            "to 5); mail is 1, HTTP 6, robots of groups are 7 to 11",
                            "暂不支持短信、微信、语音、企业微信（2 到 5）；可用邮件 1、HTTP "
                            "6、群机器人 7 到 11");
        g->ways |= 1u << way;
    }
    unsigned robots = g->ways & ROBOTS;
    if (robots & (robots - 1))
        return err_user(e, E_RANGE, "AlarmWays", "only one of 7 to 11 may be chosen",
                        "7 到 11 只能选择一个渠道");
    return E_OK;
}

static bool is_url(struct str url)
{
    struct str rest = url;

    if (url.len > ALARM_URL_MAX)
        return false;
    for (size_t i = 0; i < url.len; i++)
        if ((unsigned char)url.ptr[i] <= ' ' || (unsigned char)url.ptr[i] >= 127)
            return false;
    if (str_starts_with(url, STR("https://")))
        rest = str_sub(url, 8, url.len);
    else if (str_starts_with(url, STR("http://")))
        rest = str_sub(url, 7, url.len);
    else
        return false;
    struct str host = str_split(&rest, '/');
    /* Names and passwords would go to whoever reads the rule. */
    return host.len > 0 && str_find_char(host, '@') < 0 && host.ptr[0] != ':';
}

static enum err_code decode_hook(const json_t *item, struct arena *a, struct alarm_group *g,
                                 struct alarm_hook *hooks, size_t room, struct err *e)
{
    const json_t *list = json_object_get(item, "WebHooks"), *url;
    size_t i;
    int64_t way;
    char path[64];

    if (!way_of(text_of(json_object_get(item, "AlarmWay")), &way) || !(1u << way & BY_HOOK))
        return err_user(e, E_RANGE, "AlarmWay", "6 for HTTP, or 7 to 11 for the robots of a group",
                        "取值为 6（HTTP）或 7 到 11（群机器人）");
    if (!(g->ways & 1u << way))
        return err_user(e, E_RANGE, "AlarmWay", "%d is not among AlarmWays", "%d 不在 AlarmWays 中",
                        (int)way);
    json_array_foreach(list, i, url)
    {
        snprintf(path, sizeof(path), "WebHooks.%zu", i);
        if (!is_url(text_of(url)))
            return err_user(e, E_RANGE, path,
                            "an address that begins with https:// or http://, without a user, at "
                            "most %d bytes",
                            "应为 https:// 或 http:// 开头的地址，不含用户名，最长 %d 字节",
                            ALARM_URL_MAX);
        if ((size_t)g->n_hooks == room)
            return err_user(e, E_LIMIT, "WebHooks", "at most %d addresses", "最多 %d 个",
                            ALARM_RECEIVERS_MAX);
        hooks[g->n_hooks++] =
            (struct alarm_hook){ (enum alarm_way)way, arena_str(a, text_of(url)) };
    }
    return E_OK;
}

static enum err_code decode_hooks(const json_t *group, struct arena *a, struct alarm_group *g,
                                  struct err *e)
{
    const json_t *list = json_object_get(group, "WebHooks"), *item;
    struct alarm_hook *hooks = ARENA_ARRAY(a, struct alarm_hook, ALARM_RECEIVERS_MAX);
    unsigned with = 1u << ALARM_BY_MAIL;
    size_t i;
    char path[64];

    json_array_foreach(list, i, item)
    {
        enum err_code rc = decode_hook(item, a, g, hooks, ALARM_RECEIVERS_MAX, e);
        snprintf(path, sizeof(path), "WebHooks.%zu", i);
        if (rc != E_OK)
            return err_prefix(e, path), rc;
    }
    for (int k = 0; k < g->n_hooks; k++)
        with |= 1u << hooks[k].way;
    for (int way = ALARM_BY_MAIL; way < ALARM_WAY_N_; way++)
        if (g->ways & ~with & 1u << way)
            return err_user(e, E_REQUIRED, "WebHooks",
                            "way %d needs its addresses: {\"AlarmWay\":\"%d\",\"WebHooks\":[...]}",
                            "渠道 %d 需要配置地址：{\"AlarmWay\":\"%d\",\"WebHooks\":[...]}", way,
                            way);
    g->hooks = hooks;
    return E_OK;
}

/* ---- how often, and when not --------------------------------------------------------------- */

static bool clock_of(const json_t *item, const char *name, int *ret)
{
    struct str text = text_of(json_object_get(item, name)), rest = text;
    int64_t parts[3];

    if (text.len != 8)
        return false;
    for (int i = 0; i < 3; i++) {
        struct str part = str_split(&rest, ':');
        if (part.len != 2 || !str_to_i64(part, &parts[i]) || parts[i] < 0 ||
            parts[i] > (i == 0 ? 23 : 59))
            return false;
    }
    *ret = (int)(parts[0] * 3600 + parts[1] * 60 + parts[2]);
    return !rest.ptr;
}

static enum err_code decode_quiet(const json_t *item, struct alarm_quiet *q, struct err *e)
{
    const json_t *days = json_object_get(item, "DaysOfWeek"), *day;
    size_t i;

    json_array_foreach(days, i, day)
    {
        int64_t d = json_integer_value(day);
        if (d < 1 || d > 7)
            return err_user(e, E_RANGE, "DaysOfWeek", "1 Monday to 7 Sunday",
                            "取值为 1（周一）到 7（周日）");
        q->days |= 1u << d;
    }
    if (q->days == 0)
        return err_user(e, E_REQUIRED, "DaysOfWeek", "at least one day is needed", "至少需要一天");
    if (!clock_of(item, "StartTime", &q->from))
        return err_user(e, E_RANGE, "StartTime", "a time of day HH:mm:ss", "格式为 HH:mm:ss");
    if (!clock_of(item, "EndTime", &q->to))
        return err_user(e, E_RANGE, "EndTime", "a time of day HH:mm:ss", "格式为 HH:mm:ss");
    return E_OK;
}

static enum err_code decode_fatigue(const json_t *fatigue, struct arena *a, struct alarm_group *g,
                                    struct err *e)
{
    const json_t *list = json_object_get(fatigue, "QuietIntervals"), *item;
    size_t i, n = json_array_size(list);
    struct alarm_quiet *quiet = ARENA_ARRAY(a, struct alarm_quiet, n + 1);
    int64_t count = number(fatigue, "NotifyCount", 1),
            interval = number(fatigue, "NotifyInterval", 5);
    char path[64];

    if (count < 1 || count > ALARM_NOTIFY_MAX)
        return err_user(e, E_RANGE, "NotifyCount", "from 1 to %d", "取值范围为 1 到 %d",
                        ALARM_NOTIFY_MAX);
    if (interval < 1 || interval > 24 * 60)
        return err_user(e, E_RANGE, "NotifyInterval", "from 1 to 1440 minutes",
                        "取值范围为 1 到 1440 分钟");
    if (n > ALARM_QUIET_MAX)
        return err_user(e, E_LIMIT, "QuietIntervals", "at most %d", "最多 %d 个", ALARM_QUIET_MAX);
    json_array_foreach(list, i, item)
    {
        enum err_code rc = decode_quiet(item, &quiet[i], e);
        snprintf(path, sizeof(path), "QuietIntervals.%zu", i);
        if (rc != E_OK)
            return err_prefix(e, path), rc;
    }
    g->notify_count = (int)count;
    g->notify_minutes = (int)interval;
    g->quiet = quiet;
    g->n_quiet = (int)n;
    return E_OK;
}

static enum err_code decode_escalation(const json_t *group, struct arena *a, struct alarm_group *g,
                                       struct err *e)
{
    int64_t interval = number(group, "AlarmEscalationInterval", 0);
    enum err_code rc = decode_ids(group, "AlarmEscalationRecipientIds", ALARM_ESCALATIONS_MAX, a,
                                  &g->escalation, &g->n_escalation, e);

    if (rc != E_OK)
        return rc;
    if (interval < 0 || interval > 24 * 60)
        return err_user(e, E_RANGE, "AlarmEscalationInterval", "from 1 to 1440 minutes",
                        "取值范围为 1 到 1440 分钟");
    if (interval == 0 && g->n_escalation > 0)
        return err_user(e, E_REQUIRED, "AlarmEscalationInterval",
                        "AlarmEscalationRecipientIds need it",
                        "配置 AlarmEscalationRecipientIds 时必填");
    g->escalation_minutes = (int)interval;
    return E_OK;
}

/* ---- groups -------------------------------------------------------------------------------- */

static enum err_code decode_recipients(const json_t *group, struct arena *a, struct alarm_group *g,
                                       struct err *e)
{
    int64_t type = number(group, "AlarmRecipientType", 1);
    enum err_code rc;

    if (type == 3)
        return err_user(e, E_UNSUPPORTED, "AlarmRecipientType", "weft has no duty rosters",
                        "暂不支持值班表");
    if (type != 1 && type != 2)
        return err_user(e, E_RANGE, "AlarmRecipientType",
                        "1 the persons of AlarmRecipientIds, or 2 the owner of the task",
                        "取值为 1 指定人员或 2 任务责任人");
    g->to_owner = type == 2;
    rc = decode_ids(group, "AlarmRecipientIds", ALARM_RECEIVERS_MAX, a, &g->ids, &g->n_ids, e);
    if (rc == E_OK && !g->to_owner && g->n_ids == 0 && (g->ways & 1u << ALARM_BY_MAIL))
        return err_user(e, E_REQUIRED, "AlarmRecipientIds", "a mail needs at least one receiver",
                        "邮件告警至少需要一个接收人");
    return rc;
}

static enum err_code decode_group(const json_t *item, struct arena *a, struct alarm_group *g,
                                  struct err *e)
{
    enum err_code rc = decode_ways(item, g, e);

    if (rc == E_OK)
        rc = decode_recipients(item, a, g, e);
    if (rc == E_OK)
        rc = decode_hooks(item, a, g, e);
    if (rc == E_OK)
        rc = decode_escalation(item, a, g, e);
    if (rc == E_OK) {
        rc = decode_fatigue(json_object_get(item, "NotificationFatigue"), a, g, e);
        if (rc != E_OK)
            err_prefix(e, "NotificationFatigue");
    }
    return rc;
}

int64_t alarm_rule_deliveries(const struct alarm_rule *r)
{
    int64_t n = 0;

    for (int i = 0; i < r->n_groups; i++) {
        const struct alarm_group *g = &r->groups[i];
        bool mail = g->ways & 1u << ALARM_BY_MAIL;
        n += g->notify_count * ((mail ? g->to_owner ? 1 : g->n_ids : 0) + g->n_hooks);
        n += g->n_escalation * (mail + g->n_hooks);
    }
    return n;
}

enum err_code alarm_groups_decode(const json_t *list, struct arena *a, struct alarm_rule *ret,
                                  struct err *e)
{
    size_t i, n = json_array_size(list);
    struct alarm_group *groups = ARENA_ARRAY(a, struct alarm_group, n + 1);
    const json_t *item;
    char path[64];

    if (n == 0)
        return err_user(e, E_REQUIRED, "AlarmGroups", "at least one group of receivers is needed",
                        "至少需要一组接收人");
    if (n > ALARM_GROUPS_MAX)
        return err_user(e, E_LIMIT, "AlarmGroups", "at most %d groups", "最多 %d 组",
                        ALARM_GROUPS_MAX);
    json_array_foreach(list, i, item)
    {
        enum err_code rc = decode_group(item, a, &groups[i], e);
        snprintf(path, sizeof(path), "AlarmGroups.%zu", i);
        if (rc != E_OK)
            return err_prefix(e, path), rc;
    }
    ret->groups = groups;
    ret->n_groups = (int)n;
    return E_OK;
}

/* An interval over midnight belongs to the day on which it begins. */
bool alarm_is_quiet(const struct alarm_group *g, struct wall at)
{
    struct civil c = zone_to_civil(zone_default(), at);
    int second = (int)(c.s - civil_day(c).s), day = civil_weekday(c),
        before = day == 1 ? 7 : day - 1;

    for (int i = 0; i < g->n_quiet; i++) {
        const struct alarm_quiet *q = &g->quiet[i];
        bool today = q->days & 1u << day, yesterday = q->days & 1u << before;
        if (q->from <= q->to ? today && second >= q->from && second < q->to
                             : (today && second >= q->from) || (yesterday && second < q->to))
            return true;
    }
    return false;
}
