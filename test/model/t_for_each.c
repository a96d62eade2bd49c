/* test/model/t_for_each.c - the script of a for-each task (docs/reference/semantics.md 5.8). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/for_each.h"

/* What bash prints of the script. */
static void expect(const char *text, const char *value, const char *want)
{
    char got[4096], folder[] = "/tmp/weft-for-each-XXXXXX", name[64];
    struct buf script;

    buf_init(&script, SIZE_MAX);
    assert_int_equal(for_each_script(str_from(text), STR("r"), str_from(value), &script, NULL),
                     E_OK);
    assert_non_null(mkdtemp(folder));
    snprintf(name, sizeof(name), "%s/script.sh", folder);
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    fwrite(script.len ? script.ptr : "", 1, script.len, f);
    fclose(f);
    char command[160];
    snprintf(command, sizeof(command), "cd %s && bash script.sh 2>&1; echo \"=$?\"; rm -r %s",
             folder, folder);
    f = popen(command, "r"); /* lint: a test */
    assert_non_null(f);
    got[fread(got, 1, sizeof(got) - 1, f)] = '\0';
    pclose(f);
    assert_string_equal(got, want);
    buf_done(&script);
}

static void test_rows(void **state)
{
    (void)state;
    expect("echo '${r}'", "a,b", "a\nb\n=0\n");
    expect("echo '${r}'\n", "a,b\nc,d\n",
           "a,b\nc,d\n=0\n"); /* lines are rows where there are lines */
    expect("echo ${r[1]}-${r[0]} ${r.index}", "a,b\nc,d", "b-a 0\nd-c 1\n=0\n");
    expect("echo never", "", "=0\n");
    expect("echo never", " , ,\n", "=0\n");
    expect("echo ${r}; exit ${r}", "0,7,0", "0\n7\n=7\n");
    expect("cat <<X\nEND_OF_ROW\nX\necho \\\\ '$HOME' \"`echo b`\"", "1",
           "END_OF_ROW\n\\ $HOME b\n=0\n");
}

static void test_limits(void **state)
{
    struct buf value, out;

    (void)state;
    buf_init(&value, SIZE_MAX);
    buf_init(&out, SIZE_MAX);
    for (int i = 0; i <= FOR_EACH_ROWS_MAX; i++)
        buf_add_c(&value, "1,");
    assert_int_equal(for_each_script(STR("true"), STR("r"), buf_str(&value), &out, NULL), E_LIMIT);
    buf_reset(&out);
    value.len -= 2;
    assert_int_equal(for_each_script(STR("true"), STR("r"), buf_str(&value), &out, NULL), E_OK);
    char *text = mem_alloc(1 << 20);
    memset(text, '#', 1 << 20);
    buf_reset(&out);
    assert_int_equal(
        for_each_script(str_make(text, 1 << 20), STR("r"), buf_str(&value), &out, NULL), E_LIMIT);
    mem_free(text);
    buf_done(&value);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
                                        cmocka_unit_test(test_limits) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
