/* test/fuzz/fuzz_outputs.c - what an attempt puts out (docs/reference/semantics.md 6.3, 4.3): the
 * values are one JSON object with a member for every output parameter, within their bounds.
 *
 *   input: lines "name=path" (a line "=variable" names the event hook), an empty line, what was
 *   printed; the first line is cut into pieces as a pipe does
 */
#include "fuzz.h"

#include <jansson.h>

#include "base/mem.h"
#include "model/result.h"
#include "run/outputs.h"

enum { OUTPUTS_MAX = 8, PIECE = 7 };

static void read_spec(struct str *input, struct attempt_param list[OUTPUTS_MAX],
                      struct attempt_spec *spec)
{
    while (input->ptr) {
        struct str line = str_split(input, '\n');
        struct str key = str_split(&line, '=');
        if (key.len == 0 && line.len == 0)
            break;
        if (key.len == 0)
            spec->event_hook = line;
        else if (spec->n_outputs < OUTPUTS_MAX)
            list[spec->n_outputs++] = (struct attempt_param){ key, line };
    }
    spec->outputs = list;
}

static void check_document(struct str text, const struct attempt_spec *spec)
{
    json_t *doc = json_loadb(text.ptr ? text.ptr : "", text.len, JSON_ALLOW_NUL, NULL);

    check(text.len <= OUTPUTS_BYTES_MAX && json_is_object(doc));
    check(json_object_size(doc) <= (size_t)spec->n_outputs);
    json_decref(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct str input = str_make((const char *)bytes, n);
    struct attempt_param list[OUTPUTS_MAX];
    struct attempt_spec spec = { .n_outputs = 0 };
    struct attempt_end end = { .outputs = STR("x") };
    struct err e = ERR_INIT;
    struct outputs o;
    struct arena a;

    arena_init(&a);
    read_spec(&input, list, &spec);
    outputs_init(&o, &spec);
    while (input.len > 0) {
        outputs_add(&o, str_sub(input, 0, PIECE));
        input = str_sub(input, PIECE < input.len ? PIECE : input.len, input.len);
    }
    if (outputs_take(&o, &spec, &a, &end, &e) != E_OK) {
        check(e.text[0] && str_eq_c(end.outputs, "x") && end.events.len == 0);
    } else {
        if (spec.n_outputs > 0)
            check_document(end.outputs, &spec);
        check(end.events.len <= RESULT_VALUE_MAX);
        check(spec.event_hook.len > 0 || end.events.len == 0);
    }
    outputs_done(&o);
    arena_done(&a);
    return 0;
}
