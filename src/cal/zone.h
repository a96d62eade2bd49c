/* cal/zone.h - time zones: fixed offsets ("UTC+8", "UTC-03:30", "UTC") and IANA names from TZif
 * files.
 *
 * A zone is immutable after loading and lives until the process ends, so pointers to it may be kept
 * and shared by threads.  zone_find loads a name once; reading the file is done through the loader
 * that was installed at start (this layer does no I/O).
 *
 * Gap (a civil time that does not exist, clocks went forward): it means the first instant after the
 * gap.  Overlap (it exists twice): it means the first of the two.  docs/reference/semantics.md 2.6.
 */
#ifndef CAL_ZONE_H
#define CAL_ZONE_H

#include "base/instant.h"
#include "cal/civil.h"

struct zone;

/* Reads the TZif file of an IANA name (already checked to be a plain relative name without "..").
 * E_MISSING when there is none.  Installed once, before threads start. */
typedef enum err_code zone_loader(void *ctx, const char *name, struct buf *out, struct err *e);
void zone_set_loader(zone_loader *load, void *ctx);

/* Any thread.  "UTC", "UTC+8", "UTC+08:00", "UTC-3:30" (-12:00 to +14:00) or an IANA name such as
 * "Asia/Shanghai", exact case.  E_RANGE, with a text that says which forms are allowed and with an
 * empty path (the caller prefixes the name of its parameter), when there is no such zone; the
 * loader's other errors. */
enum err_code zone_find(struct str name, const struct zone **ret, struct err *e) MUST_USE;
/* Parse TZif bytes (version 1 to 4, with its POSIX footer) into a zone of that name; for tests and
 * fuzzing. Rules of the footer hold up to the year 2200; after that the offset stays (cal/tzif.h).
 */
enum err_code zone_parse_tzif(struct str name, struct str bytes, struct zone **ret,
                              struct err *e) MUST_USE;
void zone_free(struct zone *z); /* only of zone_parse_tzif */
const struct zone *zone_utc(void);
const struct zone *zone_default(void); /* UTC+8 */
/* As asked for; fixed offsets normalised: "UTC", "UTC+8", "UTC-03:30". */
const char *zone_name(const struct zone *z);
bool zone_is_fixed(const struct zone *z);

/* Seconds east of UTC at an instant. */
int zone_offset(const struct zone *z, struct wall t);
struct civil zone_to_civil(const struct zone *z, struct wall t); /* microseconds are cut off */
struct wall zone_to_wall(const struct zone *z, struct civil c);  /* gap and overlap as above */
/* The latest civil time that has been reached at t: the greatest c with zone_to_wall(c) <= t.  It
 * is zone_to_civil(t) except in the second pass of an overlap, where the whole overlap has been
 * reached. */
struct civil zone_reached(const struct zone *z, struct wall t);
/* The same two with the second of two: in an overlap the last instant, and the greatest c with
 * zone_to_wall_last(c) <= t. */
struct wall zone_to_wall_last(const struct zone *z, struct civil c);
struct civil zone_reached_last(const struct zone *z, struct wall t);
/* How the civil time stands in the zone. */
enum zone_fit { ZONE_ONCE, ZONE_GAP, ZONE_TWICE };
enum zone_fit zone_fit(const struct zone *z, struct civil c);

#endif
