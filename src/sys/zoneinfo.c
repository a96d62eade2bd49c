/* sys/zoneinfo.c - reads the machine's time zone files. */
#include "sys/zoneinfo.h"

#include <limits.h>
#include <stdio.h>

#include "sys/file.h"

enum err_code zoneinfo_read(void *ctx, const char *name, struct buf *out, struct err *e)
{
    char path[PATH_MAX];

    (void)ctx;
    if (snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name) >= (int)sizeof(path))
        return err_set(e, E_MISSING, "the zone name is too long");
    return file_read(path, out, e);
}
