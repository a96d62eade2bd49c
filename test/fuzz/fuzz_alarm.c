/* test/fuzz/fuzz_alarm.c - alarm rules (docs/reference/semantics.md 8.1, 8.2): what decodes can be
 * judged for any round and day, and what its receivers get is what it should be, whatever the
 * names.
 *
 *   input: the members of a rule as JSON, then a line "\n--\n", then what a robot answers
 */
#include "fuzz.h"

#include "model/alarm_text.h"
#include "send/mail.h"

static void judge(const struct alarm_rule *r, const struct alarm_limit *limits, int n)
{
    static const struct alarm_means means = { true, { 1 }, { 2 }, { 3 } };

    for (int i = 0; i < n; i++)
        for (int state = 0; state < INSTANCE_STATE_N_; state++)
            for (int t = 0; t < RUN_TYPE_N_; t++) {
                struct alarm_facts f = { .state = (enum instance_state)state,
                                         .run_type = (enum run_type)t,
                                         .fire_at = { 1767225600000000 },
                                         .round_at = { 1767225600000001 },
                                         .started_at = { 1767225600000002 },
                                         .next_at = { 1767229200000000 } };
                struct wall due = alarm_deadline(&limits[i], &f, &means);
                check(due.us >= f.fire_at.us);
                enum alarm_type type = alarm_of_change(r, f.run_type, f.state);
                check(type == ALARM_TYPE_N_ || (r->types & 1u << type));
            }
}

static void check_rule(const struct alarm_rule *r)
{
    struct alarm_day today = { .failed = { 3, 1 }, .succeeded = { 0, 2 }, .counted = true },
                     before = { .failed = { 1 }, .succeeded = { 4 }, .counted = true };

    check(r->n_objects > 0 && r->types != 0 && r->n_groups > 0);
    judge(r, r->limits, r->n_limits);
    judge(r, r->redo_limits, r->n_redo_limits);
    for (int i = 0; i < r->n_fluctuations; i++)
        alarm_fluctuates(&r->fluctuations[i], &today, &before, ALARM_SLOTS);
    for (int i = 0; i < r->n_groups; i++) {
        const struct alarm_group *g = &r->groups[i];
        check(g->ways != 0 && g->notify_count >= 1 && g->notify_minutes >= 1);
        alarm_is_quiet(g, (struct wall){ 1767225600000000 });
        for (int k = 0; k < g->n_hooks; k++)
            check(str_starts_with(g->hooks[k].url, STR("http")) && g->ways & 1u << g->hooks[k].way);
    }
    alarm_rule_watches(r, 1, r->objects[0], r->objects[0]);
}

/* No name makes a header. */
static void check_mail(const struct alarm_notice *n)
{
    struct buf subject, body, out;

    buf_init(&subject, 1 << 16);
    buf_init(&body, 1 << 20);
    buf_init(&out, 1 << 22);
    alarm_subject(n, &subject);
    alarm_body(ALARM_BY_MAIL, n, &body);
    struct letter l = { 1, ALARM_BY_MAIL, STR("a@b"), buf_str(&subject), buf_str(&body), { 1 } };
    mail_write(&l, "weft@x.example", l.target, &out);
    struct str rest = buf_str(&out);
    int heads = 0;
    for (struct str line = str_split(&rest, '\n'); line.len > 1; line = str_split(&rest, '\n')) {
        check(line.len <= 200 && line.ptr[line.len - 1] == '\r');
        heads += line.ptr[0] != ' ';
    }
    check(heads == 9);
    buf_done(&subject);
    buf_done(&body);
    buf_done(&out);
}

static void check_texts(struct str name)
{
    struct alarm_notice n = { .message_id = 1,
                              .rule_name = name,
                              .reason = name,
                              .text = name,
                              .level = ALARM_NORMAL,
                              .task_id = 20240101000000001,
                              .task_name = name,
                              .recipients = name,
                              .escalation = name,
                              .fired_at = { 1767225600000000 } };

    for (int way = ALARM_BY_HTTP; way < ALARM_WAY_N_; way++) {
        struct buf out;
        buf_init(&out, 1 << 22);
        alarm_body((enum alarm_way)way, &n, &out);
        json_t *o = json_loadb(out.ptr, out.len, JSON_ALLOW_NUL, NULL);
        check(json_is_object(o));
        json_decref(o);
        buf_done(&out);
    }
    check_mail(&n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct str input = str_make((const char *)bytes, n), why;
    ptrdiff_t mark = str_find(input, STR("\n--\n"));
    struct str answer = mark < 0 ? STR("") : str_sub(input, (size_t)mark + 4, n);
    struct str rule = mark < 0 ? input : str_sub(input, 0, (size_t)mark);
    struct alarm_rule r;
    struct err e = ERR_INIT;
    struct arena a;

    arena_init(&a);
    json_t *doc = json_loadb(rule.ptr ? rule.ptr : "", rule.len, 0, NULL);
    enum err_code rc = alarm_rule_decode(doc, &a, &r, &e);
    if (rc == E_OK)
        check_rule(&r);
    else
        check(e.code == rc && e.path[0] && e.text[0] && e.text_zh[0]);
    json_decref(doc);
    arena_done(&a);
    alarm_was_taken(ALARM_BY_LARK, 200, answer, &why);
    check_texts(rule.len < 2000 ? rule : STR("x"));
    return 0;
}
