/* test/fuzz/fuzz_parameter.c - substitution in code, time expressions, values with times
 * (docs/reference/semantics.md 6.1, 6.2). */
#include "fuzz.h"

#include "base/mem.h"
#include "model/parameter.h"

static enum err_code lookup(void *ctx, struct str name, bool *ret_found, struct str *ret,
                            struct err *e)
{
    (void)ctx;
    (void)e;
    *ret_found = name.len > 0 && name.ptr[0] == 'a';
    *ret = STR("${dd}${a}");
    return E_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct time_point at = { { 1767283200 }, { 1767292200 }, zone_default() };
    struct str code = str_make((const char *)bytes, n), value;
    struct substitutions found, again;
    struct buf text, one, two;
    struct arena a;

    arena_init(&a);
    buf_init(&text, SIZE_MAX);
    buf_init(&one, SIZE_MAX);
    buf_init(&two, SIZE_MAX);
    check(parameters_collect(code, &at, lookup, NULL, &a, &found, NULL) == E_OK);
    substitutions_format(&found, &text);
    check(substitutions_parse(buf_str(&text), &a, &again, NULL) == E_OK && again.n == found.n);
    check(parameters_apply(code, &found, &one, NULL) == E_OK);
    check(parameters_apply(code, &again, &two, NULL) == E_OK);
    check(str_eq(buf_str(&one), buf_str(&two))); /* a second sending is the same */
    check(found.n > 0 || str_eq(buf_str(&one), code));
    check(parameters_times(code, &at, &a, &value, NULL) == E_OK);
    buf_done(&text);
    buf_done(&one);
    buf_done(&two);
    arena_done(&a);
    return 0;
}
