/* test/store/store_test.h - what the tests of the store share: a place for a database, and rows
 * made at
 * random. */
#ifndef TEST_STORE_STORE_TEST_H
#define TEST_STORE_STORE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/prng.h"
#include "store/sqlite_int.h"

/* A fresh folder, and the path of a database in it. */
struct place {
    char dir[64];
    char db[96];
};
void place_init(struct place *p);
void place_done(struct place *p);

/* Open, or fail the test with the error's text. */
struct store *open_ok(const char *where);
#define assert_ok(call)                                                                            \
    do {                                                                                           \
        struct err e_ = ERR_INIT;                                                                  \
        enum err_code rc_ = (call);                                                                \
        if (rc_ != E_OK)                                                                           \
            fail_msg("%s: %s: %s", #call, err_code_name(rc_), e_.text);                            \
    } while (0)
#define assert_rc(call, expected) assert_int_equal((call), (expected))

/* Columns with few different values, so that keys meet; text with capitals, ';', '%', UTF-8 and
 * bytes that are none. */
void random_column(struct prng *p, const struct column *c, void *row);
void random_row(struct prng *p, const struct table *t, void *row);
bool rows_equal(const struct table *t, const void *a, const void *b);

#endif
