/* test/fuzz/fuzz_fixture.c - fixtures: what is accepted has the declared lists of objects only, and
 * a refusal says where. */
#include "fuzz.h"

#include "api/fixture_int.h"

static const struct fixture_section *section_of(const char *name)
{
    for (size_t i = 0; i < FIXTURE_SECTIONS; i++)
        if (str_eq_c(str_from(name), fixture_sections[i]->name))
            return fixture_sections[i];
    return NULL;
}

static void check_list(const struct fixture_section *s, const json_t *list)
{
    size_t at;
    const json_t *item;

    check(json_is_array(list));
    json_array_foreach(list, at, item)
    {
        check(json_is_object(item));
        for (const struct fixture_field *f = s->fields; f->name; f++)
            check(!f->required || json_object_get(item, f->name));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct err e = ERR_INIT;
    json_t *root = NULL, *value;
    const char *name;

    if (fixture_parse(str_make((const char *)bytes, n), &root, &e) != E_OK) {
        check(!root && e.text[0] && e.text_zh[0]);
        return 0;
    }
    json_object_foreach(root, name, value)
    {
        const struct fixture_section *s = section_of(name);
        if (s)
            check_list(s, value);
        else
            check(str_eq_c(str_from(name), "Uin") && json_is_string(value));
    }
    json_decref(root);
    return 0;
}
