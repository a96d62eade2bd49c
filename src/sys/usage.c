/* sys/usage.c - what this process uses of the machine. */
#include "sys/usage.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/file.h"

static int64_t resident(void)
{
    struct buf text;
    uint64_t pages = 0;
    int64_t bytes = -1;

    buf_init(&text, 4096);
    if (file_read("/proc/self/statm", &text, NULL) == E_OK) {
        struct str rest = buf_str(&text);
        str_split(&rest, ' ');
        if (str_to_u64(str_split(&rest, ' '), &pages))
            bytes = (int64_t)pages * sysconf(_SC_PAGESIZE);
    }
    buf_done(&text);
    return bytes;
}

/* Less ".", ".." and the one that reads. */
static int64_t open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int64_t n = -3;

    if (!dir)
        return -1;
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

void usage_get(struct usage *ret)
{
    struct rlimit files;
    struct rusage used;

    *ret = (struct usage){ .resident_bytes = resident(), .open_files = open_files() };
    ret->files_max = getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY
                         ? (int64_t)files.rlim_cur
                         : -1;
    getrusage(RUSAGE_SELF, &used);
    ret->cpu_us = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 + used.ru_utime.tv_usec +
                  used.ru_stime.tv_usec;
}
