/* test/fuzz/fuzz_expression.c - the conditions of branches (docs/reference/semantics.md 5.8). */
#include "fuzz.h"

#include "base/mem.h"
#include "model/expression.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct str text = str_make((const char *)bytes, n);
    bool holds = false;
    struct err e = ERR_INIT;

    if (expression_evaluate(text, &holds, &e) == E_OK)
        check(expression_check(text, NULL) == E_OK);
    else
        check(e.text[0] != '\0' && e.text_zh[0] != '\0');
    return 0;
}
