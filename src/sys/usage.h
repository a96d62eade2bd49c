/* sys/usage.h - what this process uses of the machine. */
#ifndef SYS_USAGE_H
#define SYS_USAGE_H

#include "base/err.h"

struct usage {
    int64_t resident_bytes, open_files, files_max; /* -1: not known */
    int64_t cpu_us;                                /* user and system, all threads */
};
/* Any thread; some system calls. */
void usage_get(struct usage *ret);

#endif
