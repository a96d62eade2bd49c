/* test/cli/t_progress.c - the line that says how far something is. */
#include "cli/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/mem.h"

static void test_lines(void **state)
{
    static const struct {
        struct progress_state at;
        int columns;
        double seconds;
        int64_t since;
        const char *line;
    } rows[] = {
        { { NULL, 0, 0, 0 }, 0, 0, 0, "100 %  0 of 0 runs" },
        { { NULL, 3, 0, 0, 1, NULL }, 0, 9, 0, "  0 %  0 of 3 runs, 1 to be tried again" },
        { { NULL, 3, 1, 1, 1, "10:05:00" },
          0,
          9,
          0,
          " 33 %  1 of 3 runs, 1 failed, 1 to be tried again at 10:05:00" },
        { { NULL, 3, 0, 0, 2, "10:05:00" },
          0,
          9,
          0,
          "  0 %  0 of 3 runs, 2 to be tried again, the first at 10:05:00" },
        { { NULL, 3, 1, 0 }, 0, 9, 0, " 33 %  1 of 3 runs" },
        { { NULL, 3, 2, 1 }, 0, 9, 0, " 66 %  2 of 3 runs, 1 failed" },
        { { "made", 300, 150, 0 }, 0, 9, 0, " 50 %  made 150 of 300 runs" },
        { { "made", 300, 150, 0 },
          80,
          9,
          0,
          "[###############               ]  50 %  made 150 of 300 runs, 17/s, 9 s left" },
        { { NULL, 10, 5, 0 }, 80, 0.5, 0, "[###############               ]  50 %  5 of 10 runs" },
        { { NULL, 10, 5, 0 },
          120,
          10,
          0,
          "[###############               ]  50 %  5 of 10 runs, 0.5/s, 10 s left" },
        { { NULL, 1000, 500, 0 },
          120,
          10,
          100,
          "[###############               ]  50 %  500 of 1000 runs, 40/s, 13 s left" },
        { { NULL, 1000, 10, 0 },
          120,
          100,
          0,
          "[                              ]   1 %  10 of 1000 runs, 0.1/s, 2 h 45 min left" },
        { { NULL, 200, 100, 2 },
          120,
          90,
          0,
          "[###############               ]  50 %  100 of 200 runs, 2 failed, 1.1/s, 1 min 30 s "
          "left" },
        { { NULL, 10, 10, 0 },
          80,
          10,
          0,
          "[##############################] 100 %  10 of 10 runs, 1.0/s" },
        { { NULL, 10, 5, 0 }, 49, 10, 0, " 50 %  5 of 10 runs, 0.5/s, 10 s left" },
        { { NULL, 10, 5, 0 }, 20, 10, 0, " 50 %  5 of 10 runs" },
        { { NULL, 10, 5, 0 }, 60, 10, 5, "[###############               ]  50 %  5 of 10 runs" },
    };
    char line[256];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        progress_line(&rows[i].at, "runs", rows[i].columns, rows[i].seconds, rows[i].since, line,
                      sizeof(line));
        assert_string_equal(line, rows[i].line);
        assert_true(rows[i].columns == 0 || (int)strlen(line) < rows[i].columns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_lines) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
