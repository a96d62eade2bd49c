/* api/ledger_text.c - the outcomes and reasons of the ledger in words. */
#include "api/ledger.h"

static const char *const outcome_names[LEDGER_OUTCOME_N_] = {
    [LEDGER_ON_TIME] = "ON_TIME",   [LEDGER_LATE] = "LATE",       [LEDGER_MADE_UP] = "MADE_UP",
    [LEDGER_MISSED] = "MISSED",     [LEDGER_MISSING] = "MISSING", [LEDGER_FUTURE] = "FUTURE",
    [LEDGER_NOT_LIVE] = "NOT_LIVE", [LEDGER_PURGED] = "PURGED",
};

const char *ledger_outcome_name(enum ledger_outcome o)
{
    check(o >= 0 && o < LEDGER_OUTCOME_N_);
    return outcome_names[o];
}

static const struct {
    const char *en, *zh;
} reason_texts[] = {
    [LEDGER_NO_REASON] = { NULL, NULL },
    [LEDGER_EXISTS] = { "its data time had an instance already", "该数据时间已有实例" },
    [LEDGER_PAUSED] = { "the task was paused", "任务当时处于暂停状态" },
    [LEDGER_PROJECT_DISABLED] = { "the project was disabled", "项目当时处于禁用状态" },
    [LEDGER_NOT_SETTLED] = { "due, and the scheduler has not taken it up yet",
                             "已到时间，调度尚未处理" },
    [LEDGER_NOT_SCHEDULING] = { "due, but the task is not scheduling", "已到时间，但任务不在调度" },
    [LEDGER_BEFORE_SUBMIT] = { "planned before the task began to schedule; a backfill makes it",
                               "计划时间早于任务开始调度，可用补录生成" },
    [LEDGER_BEFORE_CALENDAR] = { "planned before the calendar was last changed; what the calendar "
                                 "said then is not kept",
                                 "计划时间早于日历的最近一次修改，当时的日历未保留" },
    [LEDGER_MAYBE_PAUSED] = { "the task's status was changed since; it may not have been "
                              "scheduling then",
                              "任务状态在此之后有过变更，当时可能不在调度" },
    [LEDGER_TOO_OLD] = { "older than what is kept (keep-days); its records have left the history",
                         "早于保留期限，记录已清理" },
    [LEDGER_DEFECT] = { "a defect of weft: the firing is settled, and there is neither an instance "
                        "nor a recorded reason; report it, and make it up by a backfill",
                        "weft 的缺陷：该调度已结算，却既无实例也无原因记录；请报告，并用补录生成" },
};

const char *ledger_reason_text(enum ledger_reason r, bool chinese)
{
    check((size_t)r < ARRAY_LEN(reason_texts));
    return chinese ? reason_texts[r].zh : reason_texts[r].en;
}
