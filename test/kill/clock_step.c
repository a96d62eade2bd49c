/* test/kill/clock_step.c - preloaded into a server and its runner: the wall clock as a test has it.
 *
 * The variable CLOCK_STEP (a name with WEFT_ would not reach the runner) names a file with one
 * int64: by how many microseconds CLOCK_REALTIME is off.  CLOCK_MONOTONIC is left alone, as it is
 * when an administrator sets a clock.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offset_us;

__attribute__((constructor)) static void find_offset(void)
{
    const char *path = getenv("CLOCK_STEP");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *at = fd >= 0 ? mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;

    if (fd >= 0)
        close(fd);
    if (at != MAP_FAILED)
        offset_us = at;
}

int clock_gettime(clockid_t which, struct timespec *ret)
{
    long rc = syscall(SYS_clock_gettime, which, ret);
    bool is_wall = which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE;

    if (rc == 0 && is_wall && offset_us) {
        int64_t us = (int64_t)ret->tv_sec * 1000000 + ret->tv_nsec / 1000 + *offset_us;
        ret->tv_sec = us / 1000000;
        ret->tv_nsec = us % 1000000 * 1000 + ret->tv_nsec % 1000;
    }
    return (int)rc;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *ret = (struct timeval){ .tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000 };
    return 0;
}

time_t time(time_t *ret)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (ret)
        *ret = now.tv_sec;
    return now.tv_sec;
}
