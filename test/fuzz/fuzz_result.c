/* test/fuzz/fuzz_result.c - output parameters: the first line is a path, the rest was printed; and
 * the script of a for-each over it (docs/reference/semantics.md 6.3, 4.3, 5.8). */
#include "fuzz.h"

#include "base/str.h"
#include "model/for_each.h"
#include "model/result.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct str printed = str_make((const char *)bytes, n), path = str_split(&printed, '\n');
    struct result_path p;
    struct buf out, script;

    buf_init(&out, SIZE_MAX);
    buf_init(&script, SIZE_MAX);
    if (result_path_parse(path, &p)) {
        check(result_path_is_meant(path));
        result_take(printed, &p, &out);
        check(out.len <= printed.len + 1);
    }
    result_take_assigned(printed, path, &out);
    if (for_each_script(path, STR("r"), printed, &script, NULL) == E_OK)
        check(script.len == 0 || printed.len > 0);
    buf_done(&out);
    buf_done(&script);
    return 0;
}
