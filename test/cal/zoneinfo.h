/* test/cal/zoneinfo.h - a zone loader for tests: reads the folder of the system's zones. */
#ifndef TEST_CAL_ZONEINFO_H
#define TEST_CAL_ZONEINFO_H

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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

/* Every name that the folder has, after zoneinfo_collect(""). */
enum { ZONES_MAX = 700 };
static char zoneinfo_names[ZONES_MAX][64];
static int zoneinfo_n;

static inline void zoneinfo_collect(const char *below)
{
    char path[512];
    struct dirent *d;
    DIR *dir;

    snprintf(path, sizeof(path), ZONEINFO_DIR "/%s", below);
    dir = opendir(path);
    while (dir != NULL && (d = readdir(dir)) != NULL) {
        char name[512], file[1024];
        struct stat st;
        if (d->d_name[0] < 'A' || d->d_name[0] > 'Z') /* no posix/, right/, tables, "." */
            continue;
        snprintf(name, sizeof(name), "%s%s%s", below, below[0] != '\0' ? "/" : "", d->d_name);
        snprintf(file, sizeof(file), ZONEINFO_DIR "/%s", name);
        if (stat(file, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            zoneinfo_collect(name);
        else if (zoneinfo_n < ZONES_MAX && strlen(name) < sizeof(zoneinfo_names[0]))
            strcpy(zoneinfo_names[zoneinfo_n++], name);
    }
    if (dir != NULL)
        closedir(dir);
}

#endif
