/* test/fuzz/fuzz.h - what a fuzz target is: a function that any bytes are given to.
 *
 * With clang each target is a libFuzzer program (test/fuzz/run); in the build every target is also
 * a test that is given the files of test/fuzz/corpus/<target> and what a seeded generator makes of
 * them.
 */
#ifndef TEST_FUZZ_FUZZ_H
#define TEST_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Must return 0 and keep nothing; a broken promise aborts. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#endif
