/* test/fuzz/fuzz_wire.c - messages between server, runner and keeper: what parses is written again
 * and parses to the same; a number that its place cannot hold is refused. */
#include "fuzz.h"

#include "base/mem.h"
#include "run/wire.h"

static void put(struct buf *out, const struct wire_message *m)
{
    switch (m->kind) {
    case WIRE_HELLO:
        wire_put_hello(out, m->pid, m->uid);
        break;
    case WIRE_SYNCED:
        wire_put_synced(out);
        break;
    case WIRE_BEGIN:
        if (!m->is_refused || m->spec.refusal.len > 0)
            wire_put_begin(out, &m->spec);
        break;
    case WIRE_KILL:
        wire_put_kill(out, m->fence, m->grace);
        break;
    case WIRE_ACK:
        wire_put_ack(out, m->fence);
        break;
    case WIRE_RUNNING:
        wire_put_running(out, m->fence, m->pid, m->keeper_pid, m->started_at);
        break;
    case WIRE_ENDED:
        wire_put_ended(out, &m->end);
        break;
    case WIRE_SPARE:
        wire_put_spare(out, m->fence);
        break;
    case WIRE_UNKNOWN:
    case WIRE_KIND_N_:
        break;
    }
}

static void check_same_begin(const struct attempt_spec *a, const struct attempt_spec *b)
{
    check(a->type_id == b->type_id && a->round == b->round && a->number == b->number);
    check(a->n_params == b->n_params && a->n_outputs == b->n_outputs && a->resent == b->resent);
    check(str_eq(a->code, b->code) && str_eq(a->task_name, b->task_name));
    for (int i = 0; i < a->n_params; i++)
        check(str_eq(a->params[i].key, b->params[i].key) &&
              str_eq(a->params[i].value, b->params[i].value));
}

static void check_same(const struct wire_message *a, const struct wire_message *b)
{
    check(a->kind == b->kind && a->fence == b->fence && a->is_refused == b->is_refused);
    if (a->kind == WIRE_BEGIN && !a->is_refused)
        check_same_begin(&a->spec, &b->spec);
    if (a->kind == WIRE_HELLO)
        check(a->pid == b->pid && a->uid == b->uid);
    if (a->kind == WIRE_KILL)
        check(a->grace.us == b->grace.us);
    if (a->kind == WIRE_RUNNING)
        check(a->pid == b->pid && a->keeper_pid == b->keeper_pid &&
              a->started_at.us == b->started_at.us);
    if (a->kind == WIRE_ENDED)
        check(a->end.outcome == b->end.outcome && a->end.exit_code == b->end.exit_code &&
              a->end.term_signal == b->end.term_signal && str_eq(a->end.text, b->end.text) &&
              str_eq(a->end.outputs, b->end.outputs) && str_eq(a->end.events, b->end.events));
}

static void check_line(struct str line, struct arena *a)
{
    struct wire_message m = { .kind = WIRE_KIND_N_ }, again;
    struct err e = ERR_INIT;
    struct buf out;

    if (wire_parse(line, a, &m, &e) != E_OK) {
        check(m.kind == WIRE_KIND_N_ && e.code == E_SYNTAX);
        return;
    }
    check(m.kind < WIRE_KIND_N_ && m.fence <= INT64_MAX);
    buf_init(&out, WIRE_LINE_MAX);
    put(&out, &m);
    if (out.len > 0) {
        check(str_find_char(buf_str(&out), '\n') == (ptrdiff_t)out.len - 1);
        check(wire_parse(str_sub(buf_str(&out), 0, out.len - 1), a, &again, NULL) == E_OK);
        check_same(&m, &again);
    }
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct arena a;
    struct str line;
    struct buf in;
    size_t at = 0;

    arena_init(&a);
    buf_init(&in, SIZE_MAX);
    buf_add(&in, bytes, n);
    while (wire_next_line(&in, &at, &line))
        check_line(line, &a);
    wire_drop_taken(&in, at);
    check(in.len <= n && str_find_char(buf_str(&in), '\n') < 0);
    if (in.len > 0)
        check_line(buf_str(&in), &a);
    buf_done(&in);
    arena_done(&a);
    return 0;
}
