/* test/fuzz/fuzz_wire.c - messages between server, runner and keeper: what parses is written again
 * and parses to the same. */
#include "fuzz.h"

#include "base/mem.h"
#include "run/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct wire_message m, again;
    struct arena a;
    struct buf out;

    arena_init(&a);
    buf_init(&out, SIZE_MAX);
    if (wire_parse(str_make((const char *)bytes, n), &a, &m, NULL) == E_OK) {
        if (m.kind == WIRE_BEGIN && !m.is_refused)
            wire_put_begin(&out, &m.spec);
        if (m.kind == WIRE_ENDED)
            wire_put_ended(&out, &m.end);
        if (out.len > 0) {
            check(wire_parse(str_sub(buf_str(&out), 0, out.len - 1), &a, &again, NULL) == E_OK);
            check(again.kind == m.kind && again.fence == m.fence);
        }
    }
    buf_done(&out);
    arena_done(&a);
    return 0;
}
