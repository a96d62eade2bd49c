/* sys/zoneinfo.c - reads the machine's time zone files. */
#include "sys/zoneinfo.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "sys/file.h"

enum err_code zoneinfo_read(void *ctx, const char *name, struct buf *out, struct err *e)
{
    const char *folder = ctx ? ctx : "/usr/share/zoneinfo";
    char path[PATH_MAX];
    struct stat st;

    if (name[0] == '\0' || name[0] == '/' || strstr(name, ".."))
        return err_set(e, E_MISSING, "'%s' is not the name of a zone", name);
    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
        return err_set(e, E_MISSING, "the zone name is too long");
    /* Regions such as Asia are folders. */
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return err_set(e, E_MISSING, "there is no zone %s in %s", name, folder);
    return file_read(path, out, e);
}
