/* test/cal/zoneinfo.h - a zone loader for tests: reads the folder of the system's zones. */
#ifndef TEST_CAL_ZONEINFO_H
#define TEST_CAL_ZONEINFO_H

#include <stdio.h>

#include "cal/zone.h"

#define ZONEINFO_DIR "/usr/share/zoneinfo"

static inline enum err_code zoneinfo_load(void *ctx, const char *name, struct buf *out,
                                          struct err *e)
{
    char path[256], block[4096];
    size_t n;
    FILE *f;

    (void)ctx;
    snprintf(path, sizeof(path), ZONEINFO_DIR "/%s", name);
    f = fopen(path, "rb");
    if (f == NULL)
        return err_set(e, E_MISSING, "no zone %s", name);
    while ((n = fread(block, 1, sizeof(block), f)) > 0)
        buf_add(out, block, n);
    fclose(f);
    return E_OK;
}

#endif
