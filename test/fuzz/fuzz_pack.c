/* test/fuzz/fuzz_pack.c - packed definitions (model/task_pack.h): what is read packs to something
 * that reads the same, and its schedule can be asked. */
#include "fuzz.h"

#include <string.h>

#include "base/mem.h"
#include "model/task_pack.h"

static void check_again(const struct task_spec *spec, struct arena *a)
{
    struct task_spec again;
    struct firing next;
    struct buf first, second;

    buf_init(&first, TASK_PACKED_MAX);
    buf_init(&second, TASK_PACKED_MAX);
    task_pack(spec, &first);
    check(!first.overflow);
    check(task_unpack(buf_str(&first), a, &again, NULL) == E_OK);
    task_pack(&again, &second);
    check(str_eq(buf_str(&first), buf_str(&second)));
    if (schedule_next(&spec->schedule, (struct wall){ 0 }, &next))
        check(next.at.us > 0);
    buf_done(&first);
    buf_done(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct task_spec spec;
    struct arena a;

    arena_init(&a);
    if (task_unpack(str_make((const char *)bytes, n), &a, &spec, NULL) == E_OK)
        check_again(&spec, &a);
    arena_done(&a);
    return 0;
}
