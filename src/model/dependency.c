/* model/dependency.c - which upstream data times an instance waits for.
 *
 * A set pair is an interval of data times around the downstream one; a LIST is several; a single
 * pair is a look back along the upstream's grid.  Nothing outside the interval is enumerated.
 */
#include "model/dependency.h"

#include "model/dep_table.h"

static const struct str main_names[DEP_MAIN_N_] = {
    [DEP_YEAR] = STR("YEAR"),
    [DEP_MONTH] = STR("MONTH"),
    [DEP_WEEK] = STR("WEEK"),
    [DEP_DAY] = STR("DAY"),
    [DEP_HOUR] = STR("HOUR"),
    [DEP_MINUTE] = STR("MINUTE"),
    [DEP_CRONTAB] = STR("CRONTAB"),
    [DEP_RANGE_DAY] = STR("RANGE_DAY"),
    [DEP_RANGE_HOUR] = STR("RANGE_HOUR"),
    [DEP_RANGE_MINUTE] = STR("RANGE_MINUTE"),
    [DEP_LIST_DAY] = STR("LIST_DAY"),
    [DEP_LIST_HOUR] = STR("LIST_HOUR"),
    [DEP_LIST_MINUTE] = STR("LIST_MINUTE"),
};

static const struct str sub_names[DEP_SUB_N_] = {
    [DEP_SUB_NONE] = STR(""),
    [DEP_CURRENT_YEAR] = STR("CURRENT_YEAR"),
    [DEP_CURRENT_MONTH] = STR("CURRENT_MONTH"),
    [DEP_PREVIOUS_MONTH] = STR("PREVIOUS_MONTH"),
    [DEP_PREVIOUS_END_OF_MONTH] = STR("PREVIOUS_END_OF_MONTH"),
    [DEP_PREVIOUS_BEGIN_OF_MONTH] = STR("PREVIOUS_BEGIN_OF_MONTH"),
    [DEP_ALL_MONTH_OF_YEAR] = STR("ALL_MONTH_OF_YEAR"),
    [DEP_CURRENT_WEEK] = STR("CURRENT_WEEK"),
    [DEP_PREVIOUS_WEEK] = STR("PREVIOUS_WEEK"),
    [DEP_PREVIOUS_FRIDAY] = STR("PREVIOUS_FRIDAY"),
    [DEP_PREVIOUS_WEEKEND] = STR("PREVIOUS_WEEKEND"),
    [DEP_CURRENT_DAY] = STR("CURRENT_DAY"),
    [DEP_PREVIOUS_DAY] = STR("PREVIOUS_DAY"),
    [DEP_PREVIOUS_DAY_LATER_OFFSET_HOUR] = STR("PREVIOUS_DAY_LATER_OFFSET_HOUR"),
    [DEP_PREVIOUS_DAY_LATER_OFFSET_MINUTE] = STR("PREVIOUS_DAY_LATER_OFFSET_MINUTE"),
    [DEP_RECENT_DATE] = STR("RECENT_DATE"),
    [DEP_ALL_DAY_OF_YEAR] = STR("ALL_DAY_OF_YEAR"),
    [DEP_CURRENT_HOUR] = STR("CURRENT_HOUR"),
    [DEP_PREVIOUS_HOUR_CYCLE] = STR("PREVIOUS_HOUR_CYCLE"),
    [DEP_PREVIOUS_HOUR] = STR("PREVIOUS_HOUR"),
    [DEP_PREVIOUS_HOUR_LATER_OFFSET_MINUTE] = STR("PREVIOUS_HOUR_LATER_OFFSET_MINUTE"),
    [DEP_CURRENT_MINUTE] = STR("CURRENT_MINUTE"),
    [DEP_PREVIOUS_MINUTE_CYCLE] = STR("PREVIOUS_MINUTE_CYCLE"),
    [DEP_CURRENT] = STR("CURRENT"),
};

static int find_name(const struct str *names, int n, struct str name)
{
    for (int i = 0; i < n; i++) {
        if (str_eq(names[i], name))
            return i;
    }
    return -1;
}

bool dep_main_from_name(struct str name, enum dep_main *ret)
{
    int i = find_name(main_names, DEP_MAIN_N_, name);

    if (i < 0)
        return false;
    *ret = (enum dep_main)i;
    return true;
}

bool dep_sub_from_name(struct str name, enum dep_sub *ret)
{
    int i = find_name(sub_names, DEP_SUB_N_, name);

    if (i < 0)
        return false;
    *ret = (enum dep_sub)i;
    return true;
}

const char *dep_main_name(enum dep_main m)
{
    check(m >= 0 && m < DEP_MAIN_N_);
    return main_names[m].ptr;
}

const char *dep_sub_name(enum dep_sub s)
{
    check(s >= 0 && s < DEP_SUB_N_);
    return sub_names[s].ptr;
}

static bool is_range(enum dep_main m)
{
    return m == DEP_RANGE_DAY || m == DEP_RANGE_HOUR || m == DEP_RANGE_MINUTE;
}

static enum dep_custom custom_of(enum dep_main m)
{
    switch (m) {
    case DEP_RANGE_DAY:
    case DEP_LIST_DAY:
        return DEP_CUSTOM_DAY;
    case DEP_RANGE_HOUR:
    case DEP_LIST_HOUR:
        return DEP_CUSTOM_HOUR;
    case DEP_RANGE_MINUTE:
    case DEP_LIST_MINUTE:
        return DEP_CUSTOM_MINUTE;
    default:
        return DEP_CUSTOM_NONE;
    }
}

bool dep_pair_is_valid(enum cycle down, enum cycle up, enum dep_main main, enum dep_sub sub)
{
    const struct dep_row *row = dep_table_row(down, up);

    if (sub == DEP_SUB_NONE)
        return row->custom != DEP_CUSTOM_NONE && row->custom == custom_of(main);
    for (int i = 0; i < DEP_PRESETS_MAX; i++) {
        if (row->presets[i] == sub)
            return main == dep_table_main(sub);
    }
    return false;
}

void dep_pair_default(enum cycle down, enum cycle up, enum dep_main *ret_main,
                      enum dep_sub *ret_sub)
{
    enum dep_sub first = dep_table_row(down, up)->presets[0];

    *ret_sub = first != DEP_SUB_NONE ? first : DEP_CURRENT;
    *ret_main = dep_table_main(*ret_sub);
}

void dep_pair_list(enum cycle down, enum cycle up, struct buf *out)
{
    static const char *const custom[] = { [DEP_CUSTOM_NONE] = "",
                                          [DEP_CUSTOM_DAY] = ", LIST_DAY, RANGE_DAY",
                                          [DEP_CUSTOM_HOUR] = ", LIST_HOUR, RANGE_HOUR",
                                          [DEP_CUSTOM_MINUTE] = ", LIST_MINUTE, RANGE_MINUTE" };
    const struct dep_row *row = dep_table_row(down, up);

    for (int i = 0; i < DEP_PRESETS_MAX && row->presets[i] != DEP_SUB_NONE; i++)
        buf_printf(out, "%s%s/%s", i > 0 ? ", " : "",
                   dep_main_name(dep_table_main(row->presets[i])), dep_sub_name(row->presets[i]));
    buf_add_c(out, custom[row->custom]);
}

static enum err_code parse_offset(struct str text, int32_t *ret, struct err *e)
{
    int64_t v;

    if (!str_to_i64(text, &v))
        return err_user(e, E_SYNTAX, "",
                        "the offset '%.*s' is not an integer: write integers separated by commas, "
                        "such as -1,0",
                        "偏移量“%.*s”不是整数：请写成以逗号分隔的整数，例如 -1,0",
                        text.len < 24 ? (int)text.len : 24, text.ptr != NULL ? text.ptr : "");
    if (v < -DEP_OFFSET_ABS_MAX || v > DEP_OFFSET_ABS_MAX)
        return err_user(e, E_RANGE, "", "the offset %lld is too far away: -%d to %d are allowed",
                        "偏移量 %lld 过大：允许 -%d 到 %d", (long long)v, DEP_OFFSET_ABS_MAX,
                        DEP_OFFSET_ABS_MAX);
    *ret = (int32_t)v;
    return E_OK;
}

enum err_code dep_offsets_parse(enum dep_main main, struct str text, struct dep_rule *ret,
                                struct err *e)
{
    struct dep_rule r = { .main = main, .sub = DEP_SUB_NONE };
    struct str rest = str_trim(text);

    if (custom_of(main) == DEP_CUSTOM_NONE)
        return err_user(e, E_RANGE, "",
                        "%s takes no offset: only RANGE_ and LIST_ configurations do",
                        "%s 不支持偏移量：仅 RANGE_ 与 LIST_ 配置支持", dep_main_name(main));
    if (rest.len == 0)
        return err_user(e, E_REQUIRED, "", "%s needs an offset, such as %s",
                        "%s 需要偏移量，例如 %s", dep_main_name(main),
                        is_range(main) ? "-1,0" : "-1");
    while (rest.ptr != NULL) {
        struct str part = str_trim(str_split(&rest, ','));
        enum err_code rc;
        if (r.n_offsets == DEP_OFFSETS_MAX)
            return err_user(e, E_LIMIT, "", "at most %d offsets are allowed",
                            "最多允许 %d 个偏移量", DEP_OFFSETS_MAX);
        rc = parse_offset(part, &r.offsets[r.n_offsets], e);
        if (rc != E_OK)
            return rc;
        r.n_offsets++;
    }
    if (is_range(main) && (r.n_offsets != 2 || r.offsets[0] > r.offsets[1]))
        return err_user(e, E_RANGE, "",
                        "%s needs exactly two offsets, the smaller one first, such as -1,0",
                        "%s 需要恰好两个偏移量，小者在前，例如 -1,0", dep_main_name(main));
    *ret = r;
    return E_OK;
}

bool dep_rule_is_single(const struct dep_rule *r, enum cycle down, enum cycle up)
{
    switch (r->sub) {
    case DEP_RECENT_DATE:
    case DEP_PREVIOUS_HOUR_CYCLE:
    case DEP_CURRENT_MINUTE:
    case DEP_PREVIOUS_MINUTE_CYCLE:
    case DEP_CURRENT:
        return true;
    case DEP_CURRENT_HOUR:
        return down == CYCLE_HOUR && up == CYCLE_HOUR;
    default:
        return false;
    }
}

bool dep_rule_is_strictly_earlier(const struct dep_rule *r, enum cycle down, enum cycle up)
{
    bool earlier = r->n_offsets > 0;

    if (!dep_pair_is_valid(down, up, r->main, r->sub))
        return false;
    switch (r->sub) {
    case DEP_PREVIOUS_MONTH:
    case DEP_PREVIOUS_END_OF_MONTH:
    case DEP_PREVIOUS_BEGIN_OF_MONTH:
    case DEP_PREVIOUS_WEEK:
    case DEP_PREVIOUS_FRIDAY:
    case DEP_PREVIOUS_WEEKEND:
    case DEP_PREVIOUS_DAY:
    case DEP_PREVIOUS_HOUR_CYCLE:
    case DEP_PREVIOUS_HOUR:
    case DEP_PREVIOUS_MINUTE_CYCLE:
        return true;
    case DEP_SUB_NONE:
        for (int i = 0; i < r->n_offsets; i++)
            earlier = earlier && r->offsets[i] < 0;
        return earlier;
    default:
        return false;
    }
}
