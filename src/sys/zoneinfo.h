/* sys/zoneinfo.h - reads the machine's time zone files for cal/zone.h (zone_set_loader). */
#ifndef SYS_ZONEINFO_H
#define SYS_ZONEINFO_H

#include "base/buf.h"
#include "base/err.h"

/* The TZif bytes of an IANA name below the folder ctx (const char *; NULL: /usr/share/zoneinfo).
 * E_MISSING: there is no such zone, or the name would lead out of the folder. */
enum err_code zoneinfo_read(void *ctx, const char *name, struct buf *out, struct err *e);

#endif
