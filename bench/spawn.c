/* bench/spawn.c - real attempts per second against the floor: a bare loop of posix_spawn and wait.
 *
 * bench_spawn [N [IN_FLIGHT [ROUNDS]]]; 2000, 16 and 5 when not given.  bench_spawn floor SHELL N:
 * only the floor, once.  For each shell, rounds of floor and runner take turns, as a machine's speed
 * drifts; printed are the medians.  The floor is
 * one `SHELL -c :` after another.  An attempt is begun through the client, runs the script ":",
 * leaves log and record, is reported and acknowledged.
 */
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/client.h"
#include "run/runner.h"
#include "sys/clock.h"
#include "sys/file.h"

enum { ROUNDS_MAX = 99 };

struct drive {
    uv_loop_t loop;
    struct run_client *client;
    const char *shell; /* setting shell_type */
    uint64_t next_fence;
    int to_begin, to_end, failed;
};

static void begin(struct drive *d)
{
    struct attempt_param param = { STR("shell_type"), str_from(d->shell) };
    struct attempt_spec spec = { .fence = d->next_fence++,
                                 .type_id = 35,
                                 .instance_key = STR("1_2025-01-01 00:00:00"),
                                 .task_id = STR("1"),
                                 .task_name = STR("bench"),
                                 .number = 1,
                                 .code = STR(":\n"),
                                 .params = &param,
                                 .n_params = 1 };

    d->to_begin--;
    run_client_begin(d->client, &spec);
}

static void on_running(void *ctx, uint64_t fence, int64_t pid, struct wall started_at)
{
    (void)ctx;
    (void)fence;
    (void)pid;
    (void)started_at;
}

static void on_ended(void *ctx, const struct attempt_end *end)
{
    struct drive *d = ctx;

    d->failed += end->outcome != ATTEMPT_EXITED || end->exit_code != 0;
    run_client_ack(d->client, end->fence);
    if (d->to_begin > 0)
        begin(d);
    if (--d->to_end == 0)
        uv_stop(&d->loop);
}

static void on_synced(void *ctx)
{
    uv_stop(&((struct drive *)ctx)->loop);
}

static void on_disconnected(void *ctx)
{
    (void)ctx;
    fputs("the runner is gone\n", stderr);
    exit(1);
}

static double runner_rate(struct drive *d, const char *shell, int n, int in_flight)
{
    struct mono start = clock_mono();

    d->shell = shell;
    d->to_begin = d->to_end = n;
    for (int i = 0; i < in_flight && d->to_begin > 0; i++)
        begin(d);
    uv_run(&d->loop, UV_RUN_DEFAULT);
    return n * 1e6 / (double)mono_sub(clock_mono(), start).us;
}

static double floor_rate(const char *path, int n)
{
    char *argv[] = { (char *)(uintptr_t)path, (char *)(uintptr_t) "-c", (char *)(uintptr_t) ":",
                     NULL };
    char *envp[] = { (char *)(uintptr_t) "PATH=/usr/bin:/bin", NULL };
    struct mono start = clock_mono();

    for (int i = 0; i < n; i++) {
        pid_t pid;
        int status;
        if (posix_spawn(&pid, path, NULL, NULL, argv, envp) != 0 ||
            waitpid(pid, &status, 0) != pid || status != 0) {
            fprintf(stderr, "cannot run %s\n", path);
            exit(1);
        }
    }
    return n * 1e6 / (double)mono_sub(clock_mono(), start).us;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof(values[0]), compare);
    return values[n / 2];
}

static void compare_with_floor(struct drive *d, const char *shell, int n, int in_flight, int rounds)
{
    double floors[ROUNDS_MAX], rates[ROUNDS_MAX], ratios[ROUNDS_MAX];
    char path[32];

    snprintf(path, sizeof(path), "/bin/%s", shell);
    runner_rate(d, shell, in_flight * 4, in_flight); /* warm */
    for (int i = 0; i < rounds; i++) {
        floors[i] = floor_rate(path, n);
        rates[i] = runner_rate(d, shell, n, in_flight);
        ratios[i] = rates[i] / floors[i];
    }
    printf("%-5s floor %7.0f/s  runner %7.0f/s  ratio %.2f (median of %d rounds of %d, %d in "
           "flight)\n",
           shell, median(floors, rounds), median(rates, rounds), median(ratios, rounds), rounds, n,
           in_flight);
    fflush(stdout);
}

static pid_t start_runner(char *self, char *dir)
{
    char *argv[] = { self, (char *)(uintptr_t) "runner", (char *)(uintptr_t) "--dir", dir, NULL };
    pid_t pid;

    if (posix_spawn(&pid, self, NULL, NULL, argv, environ) != 0) {
        fputs("cannot start the runner\n", stderr);
        exit(1);
    }
    return pid;
}

int main(int argc, char **argv)
{
    struct drive d = { .next_fence = 1 };
    char dir[] = "/tmp/weft-bench-XXXXXX", self[PATH_MAX] = "";
    struct run_client_config config = { .dir = dir };
    struct run_client_events events = { &d, on_running, on_ended, on_synced, on_disconnected };
    int n = argc > 1 ? atoi(argv[1]) : 2000, in_flight = argc > 2 ? atoi(argv[2]) : 16;
    int rounds = argc > 3 ? atoi(argv[3]) : 5;
    struct err e = ERR_INIT;
    pid_t runner;

    if (argc == 4 && strcmp(argv[1], "floor") == 0) {
        snprintf(self, sizeof(self), "/bin/%s", argv[2]);
        printf("%.0f\n", floor_rate(self, atoi(argv[3])));
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "runner") == 0)
        return runner_main(&(struct runner_config){ .dir = argv[3] });
    if (n < 1 || in_flight < 1 || rounds < 1 || rounds > ROUNDS_MAX ||
        readlink("/proc/self/exe", self, PATH_MAX - 1) < 0 || !mkdtemp(dir))
        return 2;
    chmod(dir, 0711);
    runner = start_runner(self, dir);
    uv_loop_init(&d.loop);
    if (run_client_new(&d.loop, &config, &events, &d.client, &e) != E_OK) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    run_client_start(d.client);
    uv_run(&d.loop, UV_RUN_DEFAULT);
    compare_with_floor(&d, "sh", n, in_flight, rounds);
    compare_with_floor(&d, "bash", n, in_flight, rounds);
    if (d.failed > 0)
        fprintf(stderr, "%d attempts failed\n", d.failed);
    kill(runner, SIGTERM);
    waitpid(runner, NULL, 0);
    usleep(200000); /* the keepers see that it is gone, and end */
    if (dir_remove_all(dir, &e) != E_OK)
        fprintf(stderr, "%s\n", e.text);
    return d.failed > 0;
}
