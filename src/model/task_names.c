/* model/task_names.c - names of task states, types and event granularities; ids and dimensions as
 * text. */
#include "model/task.h"

#include <stdio.h>
#include <string.h>

static const char *const status_names[TASK_STATUS_N_] = {
    [TASK_NEW] = "N",      [TASK_SCHEDULING] = "Y", [TASK_PAUSED] = "O",
    [TASK_STOPPING] = "T", [TASK_STOPPED] = "F",    [TASK_INVALID] = "INVALID",
};

const char *task_status_name(enum task_status s)
{
    return status_names[s];
}

bool task_status_from_name(struct str name, enum task_status *ret)
{
    for (int i = 0; i < TASK_STATUS_N_; i++)
        if (str_eq_c(name, status_names[i])) {
            *ret = (enum task_status)i;
            return true;
        }
    return false;
}

bool task_id_parse(struct str text, int64_t *ret)
{
    return text.len == TASK_ID_LEN && text.ptr[0] > '0' && str_to_i64(text, ret);
}

void task_id_format(int64_t id, char out[TASK_ID_LEN + 4])
{
    snprintf(out, TASK_ID_LEN + 4, "%lld", (long long)id);
}

/* docs/reference/semantics.md 5.1 */
static const struct {
    int id;
    const char *name;
} types[] = {
    { 20, "Common Data Sync" },
    { 21, "JDBC SQL" },
    { 23, "TDSQL-PostgreSQL" },
    { 25, "ETL" },
    { 26, "OfflineSynchronization" },
    { 30, "Python" },
    { 31, "PySpark" },
    { 32, "DLC SQL" },
    { 33, "Impala" },
    { 34, "Hive SQL" },
    { 35, "Shell" },
    { 36, "Spark SQL" },
    { 38, "Shell Form Mode" },
    { 39, "Spark" },
    { 40, "TCHouse-P" },
    { 41, "Kettle" },
    { 42, "TCHouse-X" },
    { 43, "TCHouse-X SQL" },
    { 46, "DLC Spark" },
    { 47, "TiOne" },
    { 48, "Trino" },
    { 50, "DLC PySpark" },
    { 70, "Hive Script" },
    { 92, "MapReduce" },
    { 130, "Branch Node" },
    { 131, "Merged Node" },
    { 132, "Notebook" },
    { 133, "SSH" },
    { 134, "StarRocks" },
    { 137, "For-each" },
    { 138, "Setats SQL" },
    { 10000, "Custom" },
};

const char *task_type_name(int type_id)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (types[i].id == type_id)
            return types[i].name;
    return NULL;
}

int task_type_at(size_t index)
{
    return index < ARRAY_LEN(types) ? types[index].id : -1;
}

static const char *const sub_types[] = { "SECOND", "MIN", "HOUR", "DAY" };

bool event_sub_type_from_name(struct str name, enum event_sub_type *ret)
{
    for (int i = EVENT_SUB_SECOND; i <= EVENT_SUB_DAY; i++)
        if (str_eq_c(name, sub_types[i])) {
            *ret = (enum event_sub_type)i;
            return true;
        }
    return false;
}

const char *event_sub_type_name(enum event_sub_type t)
{
    return sub_types[t];
}

struct civil event_cut(enum event_sub_type t, struct civil d)
{
    switch (t) {
    case EVENT_SUB_DAY:
        return civil_day(d);
    case EVENT_SUB_HOUR:
        return civil_hour(d);
    case EVENT_SUB_MIN:
        d.s -= (d.s % CIVIL_MINUTE + CIVIL_MINUTE) % CIVIL_MINUTE;
        return d;
    case EVENT_SUB_SECOND:
        return d;
    }
    return d;
}

/* Digits of the dimension: yyyyMMdd, yyyyMMddHH, yyyyMMddHHmm, yyyyMMddHHmmss. */
static size_t dimension_len(enum event_sub_type t)
{
    static const size_t lens[] = { 14, 12, 10, 8 };
    return lens[t];
}

enum err_code event_dimension_parse(enum event_sub_type t, struct str text, struct civil *ret,
                                    struct err *e)
{
    static const char *const forms[] = { "yyyyMMddHHmmss", "yyyyMMddHHmm", "yyyyMMddHH",
                                         "yyyyMMdd" };
    char digits[15] = "00000000000000", full[CIVIL_TEXT_LEN + 1];
    uint64_t number;

    if (text.len == dimension_len(t) && str_to_u64(text, &number)) {
        memcpy(digits, text.ptr, text.len);
        snprintf(full, sizeof(full), "%.4s-%.2s-%.2s %.2s:%.2s:%.2s", digits, digits + 4,
                 digits + 6, digits + 8, digits + 10, digits + 12);
        if (civil_parse(str_from(full), ret, NULL) == E_OK)
            return E_OK;
    }
    return err_user(
        e, E_SYNTAX, "Dimension", "`%.*s` is not a data time of a %s event; it must look like %s",
        "`%.*s` 不是 %s 事件的数据时间，格式应为 %s", STR_ARG(text), sub_types[t], forms[t]);
}

void event_dimension_format(enum event_sub_type t, struct civil d, struct buf *out)
{
    struct civil_parts p = civil_split(d);
    char digits[64];

    snprintf(digits, sizeof(digits), "%04d%02d%02d%02d%02d%02d", p.year, p.month, p.day, p.hour,
             p.minute, p.second);
    buf_add(out, digits, dimension_len(t));
}
