/* api/times.h - times in answers that are not "yyyy-MM-dd HH:mm:ss" (api/action.h has jw_wall for
 * those).
 *
 * Zone +08:00 is the service's own (docs/reference/semantics.md 0.4).  WALL_NONE writes null.
 */
#ifndef API_TIMES_H
#define API_TIMES_H

#include "base/err.h"
#include "base/instant.h"
#include "base/jw.h"

/* "2025-08-28T16:48:19+08:00": the documented type datetime_iso. */
void jw_iso(struct jw *w, const char *key, struct wall t);
/* "2025-08-28T16:48:19": the jobs. */
void jw_iso_plain(struct jw *w, const char *key, struct wall t);
/* "2023-04-21T03:42:04.707Z", with 3 or 6 digits of the second's fraction: the events. */
void jw_iso_utc(struct jw *w, const char *key, struct wall t, int digits);

/* "yyyy-MM-dd HH:mm:ss" in the service's zone; an error carries the path. */
enum err_code wall_param(struct str text, const char *path, struct wall *ret,
                         struct err *e) MUST_USE;

#endif
