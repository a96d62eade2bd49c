/* model/instance.c - the state table of instances, their keys and the phases of a round. */
#include "model/instance.h"

#include <string.h>

static const char *const state_names[INSTANCE_STATE_N_] = {
    "WAIT_EVENT",   "WAIT_UPSTREAM", "WAIT_RUN", "RUNNING",
    "FAILED_RETRY", "COMPLETED",     "EXPIRED",  "SKIP_RUNNING",
};

static const char *const event_names[INSTANCE_EVENT_N_] = {
    "events done",    "upstreams done",       "dispatched",  "dry run",
    "succeeded",      "failed, retries left", "failed last", "retry due",
    "killed",         "wait expired",         "skipped",     "upstream deleted",
    "control failed", "set success",          "new round",
};

/* Every pair of docs/reference/semantics.md 5.3, a row for each state, a column for each event in
 * the order of their enumeration.  Short names for the cells keep the table readable. */
enum {
    NO = INSTANCE_ILLEGAL,
    WE = INSTANCE_WAIT_EVENT,
    WU = INSTANCE_WAIT_UPSTREAM,
    WR = INSTANCE_WAIT_RUN,
    RU = INSTANCE_RUNNING,
    FR = INSTANCE_FAILED_RETRY,
    CO = INSTANCE_COMPLETED,
    EX = INSTANCE_EXPIRED,
    SK = INSTANCE_SKIP_RUNNING
};

/* clang-format off */
static const signed char next_state[INSTANCE_STATE_N_][INSTANCE_EVENT_N_] = {
    /*                           EV  UP  DI  DR  OK  MO  LA  RE  KI  WA  SK  DE  CF  SE  RO */
    [INSTANCE_WAIT_EVENT]    = { WU, NO, NO, NO, NO, NO, NO, NO, EX, EX, NO, EX, NO, CO, NO },
    [INSTANCE_WAIT_UPSTREAM] = { NO, WR, NO, NO, NO, NO, NO, NO, EX, EX, SK, EX, EX, CO, NO },
    [INSTANCE_WAIT_RUN]      = { NO, NO, RU, CO, NO, NO, NO, NO, EX, EX, NO, NO, EX, CO, NO },
    [INSTANCE_RUNNING]       = { NO, NO, NO, NO, CO, FR, EX, NO, EX, NO, NO, NO, NO, NO, NO },
    [INSTANCE_FAILED_RETRY]  = { NO, NO, NO, NO, NO, NO, NO, WR, EX, NO, NO, NO, NO, CO, NO },
    [INSTANCE_COMPLETED]     = { NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, CO, WE },
    [INSTANCE_EXPIRED]       = { NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, CO, WE },
    [INSTANCE_SKIP_RUNNING]  = { NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, CO, WE },
};
/* clang-format on */

const char *instance_state_name(enum instance_state s)
{
    check(s >= 0 && s < INSTANCE_STATE_N_);
    return state_names[s];
}

bool instance_state_from_name(struct str name, enum instance_state *ret)
{
    for (int s = 0; s < INSTANCE_STATE_N_; s++)
        if (str_eq_c(name, state_names[s])) {
            *ret = (enum instance_state)s;
            return true;
        }
    return false;
}

bool instance_state_is_terminal(enum instance_state s)
{
    return s == INSTANCE_COMPLETED || s == INSTANCE_EXPIRED || s == INSTANCE_SKIP_RUNNING;
}

const char *instance_event_name(enum instance_event e)
{
    check(e >= 0 && e < INSTANCE_EVENT_N_);
    return event_names[e];
}

int instance_next(enum instance_state s, enum instance_event e)
{
    check(s >= 0 && s < INSTANCE_STATE_N_ && e >= 0 && e < INSTANCE_EVENT_N_);
    return next_state[s][e];
}

const char *run_type_name(enum run_type t, bool dry_run)
{
    static const char *const names[RUN_TYPE_N_][2] = {
        [RUN_PERIODIC] = { "PERIODIC", "PERIODIC_SKIP_RUN" },
        [RUN_MANUAL] = { "MANUAL_TRIGGER", "APERIODIC_SKIP_RUN" },
        [RUN_RERUN] = { "RERUN", "RERUN_SKIP_RUN" },
        [RUN_ADDITION] = { "ADDITION", "ADDITION_SKIP_RUN" },
        [RUN_RERUN_MANUAL] = { "RERUN_MANUAL_TRIGGER", "RERUN_SKIP_RUN" },
    };

    check(t >= 0 && t < RUN_TYPE_N_);
    return names[t][dry_run];
}

bool run_type_is_asked_for(enum run_type t)
{
    return t != RUN_PERIODIC;
}

/* ---- keys ---------------------------------------------------------------------------------- */

bool instance_key_parse(struct str text, struct instance_key *ret)
{
    struct str rest = text;
    struct str id = str_split(&rest, '_');
    struct instance_key key;

    if (str_is_empty(id) || !str_to_i64(id, &key.task_id) || key.task_id <= 0 || id.ptr[0] == '0')
        return false;
    if (civil_parse(rest, &key.data_time, NULL) != E_OK)
        return false;
    *ret = key;
    return true;
}

void instance_key_format(struct instance_key k, struct buf *out)
{
    char data_time[CIVIL_TEXT_LEN + 1];

    civil_format(k.data_time, data_time);
    buf_add_i64(out, k.task_id);
    buf_add_char(out, '_');
    buf_add_c(out, data_time);
}

/* ---- phases -------------------------------------------------------------------------------- */

/* Take out the second phase of the text. */
static void drop_second(struct buf *text)
{
    struct str all = buf_str(text);
    ptrdiff_t first = str_find_char(all, ';');

    if (first < 0)
        return;
    ptrdiff_t second = str_find_char(str_sub(all, (size_t)first + 1, all.len), ';');
    if (second < 0)
        return;
    size_t from = (size_t)first + 1, gone = (size_t)second + 1;
    memmove(text->ptr + from, text->ptr + from + gone, text->len - from - gone);
    text->len -= gone;
    text->ptr[text->len] = '\0';
}

static int count_phases(struct str text)
{
    int n = str_is_empty(text) ? 0 : 1;

    for (size_t i = 0; i < text.len; i++)
        n += text.ptr[i] == ';';
    return n;
}

void phases_push(struct buf *text, enum instance_state state, struct wall now)
{
    if (text->len > 0 && text->ptr[text->len - 1] == '-')
        buf_add_i64(text, now.us);
    if (count_phases(buf_str(text)) >= PHASES_MAX)
        drop_second(text);
    if (text->len > 0)
        buf_add_char(text, ';');
    buf_add_i64(text, state);
    buf_add_char(text, '@');
    buf_add_i64(text, now.us);
    buf_add_char(text, '-');
    if (instance_state_is_terminal(state))
        buf_add_i64(text, now.us);
}

static bool parse_phase(struct str text, struct phase *ret)
{
    struct str rest = text;
    struct str state_text = str_split(&rest, '@');
    struct str start_text = str_split(&rest, '-');
    int64_t state, start, end = 0;

    if (!str_to_i64(state_text, &state) || state < 0 || state >= INSTANCE_STATE_N_)
        return false;
    if (!str_to_i64(start_text, &start) || !rest.ptr)
        return false;
    if (!str_is_empty(rest) && !str_to_i64(rest, &end))
        return false;
    *ret = (struct phase){ (enum instance_state)state, { start }, { end } };
    return true;
}

int phases_parse(struct str text, struct phase ret[PHASES_MAX])
{
    struct str rest = text;
    int n = 0;

    while (!str_is_empty(rest)) {
        if (n == PHASES_MAX || !parse_phase(str_split(&rest, ';'), &ret[n]))
            return -1;
        n++;
    }
    return n;
}
