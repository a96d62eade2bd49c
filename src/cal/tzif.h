/* cal/tzif.h - the content of a TZif file (RFC 9636) as a plain table of offsets.
 *
 * Versions 1 to 4 are read: the 64-bit block where there is one, else the 32-bit block, and the
 * POSIX TZ footer, whose rules are written out as transitions up to TZIF_YEAR_END.  After that the
 * last offset stays.  Files with leap seconds are refused: instants here have none.  What happens
 * outside the instants that a struct wall can hold is not in the table, so that an offset can be
 * added to every time in it.
 */
#ifndef CAL_TZIF_H
#define CAL_TZIF_H

#include "base/err.h"

enum { TZIF_YEAR_END = 2200, TZIF_TRANSITIONS_MAX = 5000 };

struct tzif_table {
    size_t n;
    size_t cap_;
    int64_t *at;     /* owned; seconds since 1970-01-01T00:00:00Z, strictly ascending */
    int32_t *offset; /* owned; seconds east of UTC from at[i] on; neighbours differ */
    int32_t before;  /* before at[0] */
};

/* E_CORRUPT or E_UNSUPPORTED; on failure *ret is untouched. */
enum err_code tzif_parse(struct str bytes, struct tzif_table *ret, struct err *e) MUST_USE;
void tzif_done(struct tzif_table *t);

#endif
