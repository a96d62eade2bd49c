/* api/reason_text.c - why an instance ended, in the caller's language. */
#include "api/reason_text.h"

static const struct {
    const char *en, *zh;
} sentences[] = {
    { "manually terminated", "被手动终止" },
    { "set successful by an operator", "由操作人员置为成功" },
    { "its backfill plan was deleted", "所属补录计划已删除" },
    { "the task was stopped", "任务已下线" },
    { "the task was deleted", "任务已删除" },
    { "an upstream task was deleted", "上游任务已删除" },
    { "the limit of the execution time passed", "运行耗时超过限制" },
    { "the limit of the total waiting time passed", "等待总时长超过限制" },
    { "the limit of the waiting time for an event passed", "等待事件的时长超过限制" },
    { "an upstream instance was skipped, or a branch did not take this way",
      "上游实例已跳过，或分支未选择该路径" },
    { "the upstream instances did not end as the merge accepts it",
      "上游实例的结束状态不满足归并条件" },
    { "its number was used before, and nothing is known of it here (a backup that was restored?); "
      "it is not started again",
      "其编号曾被使用，且此处没有它的任何记录(可能恢复过备份)，不再启动" },
};

/* What follows the beginning is a number or a text of elsewhere. */
static const struct {
    const char *en, *zh;
} beginnings[] = {
    { "exit status ", "退出码 " },
    { "ended by signal ", "被信号终止：" },
    { "could not start: ", "无法启动：" },
};

struct str reason_text(struct str reason, enum lang lang, struct arena *a)
{
    if (lang != LANG_ZH)
        return reason;
    for (size_t i = 0; i < ARRAY_LEN(sentences); i++)
        if (str_eq_c(reason, sentences[i].en))
            return str_from(sentences[i].zh);
    for (size_t i = 0; i < ARRAY_LEN(beginnings); i++) {
        struct str begin = str_from(beginnings[i].en);
        if (str_starts_with(reason, begin))
            return arena_printf(a, "%s%.*s", beginnings[i].zh,
                                STR_ARG(str_sub(reason, begin.len, reason.len)));
    }
    return reason;
}
