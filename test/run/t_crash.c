/* test/run/t_crash.c - what remains when the runner, a keeper or the connection dies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig.h"
#include "sys/clock.h"
#include "sys/file.h"

static struct rig rig;

static int set_up(void **state)
{
    (void)state;
    rig_init(&rig, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_done(&rig);
    return 0;
}

/* The parent of an attempt's main process: its keeper. */
static pid_t keeper_of(uint64_t fence)
{
    char path[64], text[512];
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)rig.attempts[fence].pid);
    f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(text, sizeof(text), f));
    fclose(f);
    return (pid_t)strtol(strrchr(text, ')') + 3, NULL, 10);
}

static int count_files(const char *folder)
{
    char path[PATH_MAX + 32];
    struct dirent *item;
    int n = 0;
    DIR *dir;

    snprintf(path, sizeof(path), "%s/%s", rig.dir, folder);
    dir = opendir(path);
    assert_non_null(dir);
    while ((item = readdir(dir)))
        n += item->d_name[0] >= '0' && item->d_name[0] <= '9';
    closedir(dir);
    return n;
}

static void test_runner_killed__ends_are_reported_once(void **state)
{
    (void)state;
    rig_begin(&rig, 1, 35,
              "for i in 1 2 3 4 5 6 7 8 9 10; do echo line $i; sleep 0.1; done; exit 5");
    rig_begin(&rig, 2, 35, "echo two; sleep 0.05; exit 6");
    rig_wait_running(&rig, 1);
    rig_wait_running(&rig, 2);
    rig_kill_runner(&rig);
    usleep(200000); /* the second ends while there is no runner */
    rig_wait_synced(&rig, 2);
    assert_int_equal(rig.n_disconnected, 1);
    rig_wait_ended(&rig, 2);
    assert_int_equal(rig.attempts[1].n_running, 2);
    rig_wait_ended(&rig, 1);
    rig_turn(&rig, 200);
    assert_int_equal(rig.attempts[1].n_ended, 1);
    assert_int_equal(rig.attempts[2].n_ended, 1);
    assert_int_equal(rig.attempts[1].end.exit_code, 5);
    assert_int_equal(rig.attempts[2].end.exit_code, 6);
    assert_string_equal(rig_output(&rig, 1),
                        "line 1|line 2|line 3|line 4|line 5|line 6|line 7|line 8|line 9|line 10");
    assert_non_null(strstr(rig_log(&rig, 1), "weft: ended with exit code 5"));
    assert_string_equal(rig_output(&rig, 2), "two");
    /* Acknowledged ones are forgotten for good. */
    rig_kill_runner(&rig);
    rig_wait_synced(&rig, 3);
    rig_turn(&rig, 100);
    assert_int_equal(rig.attempts[1].n_ended + rig.attempts[2].n_ended, 2);
    assert_int_equal(count_files("attempts"), 0);
    for (int i = 0; i < 100 && count_files("work") > 0; i++)
        usleep(10000);
    assert_int_equal(count_files("work"), 0);
}

static void test_runner_killed__unacknowledged_ends_come_again(void **state)
{
    (void)state;
    rig.no_ack = true;
    for (uint64_t f = 1; f <= 20; f++)
        rig_run(&rig, f, "exit $WEFT_FENCE");
    rig_kill_runner(&rig);
    rig_wait_synced(&rig, 2);
    for (uint64_t f = 1; f <= 20; f++) {
        assert_int_equal(rig.attempts[f].n_ended, 2);
        run_client_ack(rig.client, f);
    }
    rig_turn(&rig, 50);
    rig_kill_runner(&rig);
    rig_wait_synced(&rig, 3);
    for (uint64_t f = 1; f <= 20; f++)
        assert_int_equal(rig.attempts[f].n_ended, 2);
    rig.no_ack = false;
    assert_int_equal(rig_run(&rig, 21, "exit 9")->end.exit_code, 9);
}

static void test_no_server__ends_are_put_on_the_disk(void **state)
{
    char path[PATH_MAX + 32];
    struct buf text;

    (void)state;
    rig.no_ack = true;
    rig_run(&rig, 1, "exit 1");
    run_client_ack(rig.client, 1);
    rig_turn(&rig, 1300);
    rig_run(&rig, 2, "exit 2");
    rig_turn(&rig, 2500);
    snprintf(path, sizeof(path), "%s/runner.log", rig.dir);
    buf_init(&text, 1 << 20);
    assert_int_equal(file_read(path, &text, NULL), E_OK);
    const char *first = strstr(text.ptr, "ends=1 are not acknowledged");
    assert_non_null(first);
    assert_null(strstr(first + 1, "ends=")); /* once is enough */
    buf_done(&text);
}

/* Its keeper was so slow to begin that the next runner knows nothing of the attempt, and says so:
 * then it must not begin at all, as the server begins another. */
static void test_runner_killed__what_was_not_begun_never_begins(void **state)
{
    (void)state;
    rig_begin(&rig, 1, 35, "sleep 0.3");
    rig_wait_running(&rig, 1);
    pid_t keeper = keeper_of(1); /* it gets the next attempt, too */
    rig_wait_ended(&rig, 1);
    assert_int_equal(kill(keeper, SIGSTOP), 0);
    rig_begin(&rig, 2, 35, "echo two");
    rig_turn(&rig, 100);
    rig_kill_runner(&rig);
    rig_wait_synced(&rig, 2);
    rig_begin(&rig, 2, 35, "echo two");
    rig_wait_ended(&rig, 2);
    assert_int_equal(rig.attempts[2].end.outcome, ATTEMPT_LOST);
    assert_int_equal(kill(keeper, SIGCONT), 0);
    for (int i = 0; i < 500 && rig_pid_lives(keeper); i++)
        rig_turn(&rig, 10);
    assert_false(rig_pid_lives(keeper));
    assert_string_equal(rig_log(&rig, 2), "");
    assert_int_equal(count_files("attempts"), 0);
}

static void test_runner_killed__kill_works_on_adopted_ones(void **state)
{
    (void)state;
    rig_begin(&rig, 1, 35, "trap 'echo asked' TERM; echo up; while :; do sleep 0.05; done");
    rig_begin(&rig, 2, 35, "setsid sleep 1000 & echo up; sleep 1000");
    rig_wait_log(&rig, 1, " up\n");
    rig_wait_log(&rig, 2, " up\n");
    rig_kill_runner(&rig);
    rig_wait_synced(&rig, 2);
    struct mono start = clock_mono();
    run_client_kill(rig.client, 1, DUR_MS(300));
    run_client_kill(rig.client, 2, DUR_S(30));
    rig_wait_ended(&rig, 2);
    rig_wait_ended(&rig, 1);
    assert_true(mono_sub(clock_mono(), start).us >= DUR_MS(300).us);
    assert_int_equal(rig.attempts[1].end.outcome, ATTEMPT_KILLED);
    assert_int_equal(rig.attempts[1].end.term_signal, SIGKILL);
    assert_int_equal(rig.attempts[2].end.outcome, ATTEMPT_KILLED);
    assert_int_equal(rig.attempts[2].end.term_signal, SIGTERM);
    assert_non_null(strstr(rig_log(&rig, 1), " INFO asked\n"));
}

static void test_runner_killed__again_and_again_under_load(void **state)
{
    enum { N = 120 };

    (void)state;
    for (uint64_t f = 1; f <= N; f++) {
        rig_begin(&rig, f, 35, "echo $WEFT_FENCE; sleep 0.0$((WEFT_FENCE % 10)); exit 3");
        if (f % 40 != 0)
            continue;
        rig_turn(&rig, 30); /* it is in the middle of them */
        rig_kill_runner(&rig);
        rig_wait_synced(&rig, rig.n_synced + 1);
        for (uint64_t again = 1; again <= f; again++) /* what a server does with those not named */
            if (rig.attempts[again].n_ended == 0)
                rig_begin(&rig, again, 35, "echo $WEFT_FENCE; exit 3");
    }
    for (uint64_t f = 1; f <= N; f++) {
        char text[24];
        rig_wait_ended(&rig, f);
        if (rig.attempts[f].end.outcome == ATTEMPT_LOST)
            continue; /* the runner died between writing down the fence and starting it */
        snprintf(text, sizeof(text), "%d", (int)f);
        assert_int_equal(rig.attempts[f].end.exit_code, 3);
        assert_string_equal(rig_output(&rig, f), text); /* once, and whole */
    }
}

static void test_keeper_killed__is_lost_and_leaves_nothing(void **state)
{
    (void)state;
    rig_begin(&rig, 1, 35, "setsid sleep 1000 & (sleep 1000 &) ; echo up; sleep 1000");
    rig_wait_log(&rig, 1, " up\n");
    rig_wait_running(&rig, 1);
    assert_int_equal(kill(keeper_of(1), SIGKILL), 0);
    rig_wait_ended(&rig, 1);
    assert_int_equal(rig.attempts[1].end.outcome, ATTEMPT_LOST);
    assert_int_equal(rig_count_processes(&rig), 0);
    assert_int_equal(rig_run(&rig, 2, "exit 8")->end.exit_code, 8);
}

static void test_all_killed__is_lost_and_leaves_nothing(void **state)
{
    (void)state;
    rig_begin(&rig, 1, 35, "setsid sleep 1000 & echo up; sleep 1000");
    rig_wait_log(&rig, 1, " up\n");
    rig_wait_running(&rig, 1);
    pid_t keeper = keeper_of(1), runner = rig_runner_pid(&rig);
    kill(runner, SIGKILL);
    kill(keeper, SIGKILL);
    rig_wait_ended(&rig, 1);
    assert_int_equal(rig.attempts[1].end.outcome, ATTEMPT_LOST);
    assert_true(wall_is_set(rig.attempts[1].end.started_at));
    assert_int_equal(rig_count_processes(&rig), 0);
}

static void test_client__reconnects_and_is_told_all(void **state)
{
    (void)state;
    rig_begin(&rig, 1, 35, "sleep 0.3; exit 4");
    rig_begin(&rig, 2, 35, "sleep 1; exit 5");
    rig_wait_running(&rig, 1);
    rig_wait_running(&rig, 2);
    pid_t runner = rig_runner_pid(&rig);
    rig_disconnect(&rig);
    usleep(500000);
    rig_connect(&rig, 0);
    assert_int_equal(rig_runner_pid(&rig), runner);
    assert_int_equal(rig.attempts[1].n_ended, 1); /* told before `synced` */
    assert_int_equal(rig.attempts[2].n_running, 2);
    rig_wait_ended(&rig, 2);
    assert_int_equal(rig.attempts[1].end.exit_code, 4);
    assert_int_equal(rig.attempts[2].end.exit_code, 5);
}

static void test_runner_stopped__by_sigterm_leaves_attempts_alone(void **state)
{
    (void)state;
    rig_begin(&rig, 1, 35, "sleep 0.4; echo end");
    rig_wait_running(&rig, 1);
    pid_t runner = rig_runner_pid(&rig);
    kill(runner, SIGTERM);
    rig_wait_synced(&rig, 2);
    assert_true(rig_runner_pid(&rig) != runner);
    rig_wait_ended(&rig, 1);
    assert_int_equal(rig.attempts[1].end.outcome, ATTEMPT_EXITED);
    assert_string_equal(rig_output(&rig, 1), "end");
}

/* Read what is there now; returns all that came so far. */
static const char *hear(int fd, struct buf *all)
{
    char chunk[4096];
    ssize_t n;

    while ((n = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT)) > 0)
        buf_add(all, chunk, (size_t)n);
    return all->ptr ? all->ptr : "";
}

static void test_two_servers__the_newest_commands_both_hear(void **state)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct buf heard;

    (void)state;
    snprintf(address.sun_path, sizeof(address.sun_path), "%.80s/runner.sock", rig.dir);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    buf_init(&heard, 1 << 20);
    rig_turn(&rig, 100);
    assert_non_null(strstr(hear(fd, &heard), "\"is\":\"hello\""));
    assert_non_null(strstr(hear(fd, &heard), "\"is\":\"synced\""));
    rig_begin(&rig, 1, 35, "echo old"); /* on what is now an old connection */
    rig_wait_synced(&rig, 2);           /* it was closed and came back as the newest */
    assert_int_equal(rig.n_disconnected, 1);
    assert_string_equal(rig_log(&rig, 1), "");
    assert_int_equal(rig_run(&rig, 2, "exit 4")->end.exit_code, 4);
    rig_turn(&rig, 100);
    assert_non_null(strstr(hear(fd, &heard), "\"is\":\"ended\",\"fence\":2"));
    /* nonsense ends the connection of who sent it, nothing else */
    assert_int_equal(send(fd, "nonsense\n", 9, MSG_NOSIGNAL), 9);
    rig_turn(&rig, 100);
    char byte;
    hear(fd, &heard);
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), 0);
    assert_int_equal(rig_run(&rig, 3, "exit 5")->end.exit_code, 5);
    assert_int_equal(rig.n_disconnected, 1);
    close(fd);
    buf_done(&heard);
}

static void test_record__cannot_be_made(void **state)
{
    char path[PATH_MAX + 32], aside[PATH_MAX + 32];

    (void)state;
    snprintf(path, sizeof(path), "%s/attempts", rig.dir);
    snprintf(aside, sizeof(aside), "%s/aside", rig.dir);
    assert_int_equal(rename(path, aside), 0);
    rig.no_ack = true;
    assert_int_equal(rig_run(&rig, 1, "echo ran")->end.outcome, ATTEMPT_NOT_STARTED);
    assert_non_null(strstr(rig.attempts[1].text, "create the record"));
    assert_string_equal(rig_log(&rig, 1), "");
    assert_int_equal(rename(aside, path), 0);
    assert_int_equal(rig_run(&rig, 2, "exit 6")->end.exit_code, 6);
}

static void test_folder_deleted__ends_the_runner(void **state)
{
    char path[PATH_MAX + 32];
    pid_t ended = 0;

    (void)state;
    assert_int_equal(rig_run(&rig, 1, "exit 3")->end.exit_code, 3);
    rig_disconnect(&rig);
    pid_t runner = rig_runner_pid(&rig);
    snprintf(path, sizeof(path), "%s/runner.lock", rig.dir);
    assert_int_equal(unlink(path), 0);
    for (int i = 0; i < 300 && ended == 0; i++, usleep(100000))
        ended = waitpid(runner, NULL, WNOHANG);
    assert_int_equal(ended, runner);
    rig_connect(&rig, 0); /* another one */
    assert_int_equal(rig_run(&rig, 2, "exit 4")->end.exit_code, 4);
}

static void record_path(char out[PATH_MAX + 32], int fence)
{
    snprintf(out, PATH_MAX + 32, "%s/attempts/%d", rig.dir, fence);
}

/* What was a spare record may have the lines of the attempt before after a loss of power. */
static void test_record__of_lines_of_another_attempt_is_lost(void **state)
{
    static const char text[] =
        "\n{\"is\":\"running\",\"fence\":4,\"pid\":1,\"keeper\":1,\"started_at\":1}\n"
        "{\"is\":\"ended\",\"fence\":4,\"outcome\":\"exited\",\"exit_code\":0,\"term_signal\":0}\n";
    char path[PATH_MAX + 32];

    (void)state;
    record_path(path, 5);
    assert_int_equal(file_write_quick(path, str_from(text), 0600, NULL), E_OK);
    kill(rig_runner_pid(&rig), SIGKILL);
    rig_wait_ended(&rig, 5);
    assert_int_equal(rig.attempts[5].end.outcome, ATTEMPT_LOST);
    assert_int_equal(rig.attempts[4].n_ended, 0);
}

/* As of 15 values of 64 KB, each byte of them escaped. */
static void test_record__of_a_large_result_is_read(void **state)
{
    char path[PATH_MAX + 32];
    struct buf text;

    (void)state;
    buf_init(&text, 4 << 20);
    buf_add_c(&text, "\n{\"is\":\"ended\",\"fence\":5,\"outcome\":\"exited\",\"exit_code\":0,"
                     "\"term_signal\":0,\"text\":\"");
    for (int i = 0; i < 1 << 20; i++)
        buf_add_c(&text, "\\\"");
    buf_add_c(&text, "\"}\n");
    record_path(path, 5);
    assert_int_equal(file_write_quick(path, buf_str(&text), 0600, NULL), E_OK);
    buf_done(&text);
    kill(rig_runner_pid(&rig), SIGKILL);
    rig_wait_ended(&rig, 5);
    assert_int_equal(rig.attempts[5].end.outcome, ATTEMPT_EXITED);
}

/* One is too large for any record, another cannot be read at all: the others go on. */
static void test_record__that_is_none_stops_nobody(void **state)
{
    char path[PATH_MAX + 32], other[PATH_MAX + 32];

    (void)state;
    record_path(path, 5);
    record_path(other, 6);
    assert_int_equal(file_write_quick(path, STR("x"), 0600, NULL), E_OK);
    assert_int_equal(truncate(path, (off_t)1 << 30), 0);
    assert_int_equal(mkdir(other, 0700), 0);
    kill(rig_runner_pid(&rig), SIGKILL);
    rig_wait_ended(&rig, 5);
    assert_int_equal(rig.attempts[5].end.outcome, ATTEMPT_LOST);
    assert_int_equal(rig_run(&rig, 7, "exit 6")->end.exit_code, 6);
    assert_int_equal(rig.attempts[6].n_ended, 0);
    assert_int_equal(rmdir(other), 0);
    rig_wait_ended(&rig, 6);
    assert_int_equal(rig.attempts[6].end.outcome, ATTEMPT_LOST);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_runner_killed__ends_are_reported_once),
        T(test_runner_killed__unacknowledged_ends_come_again),
        T(test_no_server__ends_are_put_on_the_disk),
        T(test_runner_killed__what_was_not_begun_never_begins),
        T(test_runner_killed__kill_works_on_adopted_ones),
        T(test_runner_killed__again_and_again_under_load),
        T(test_keeper_killed__is_lost_and_leaves_nothing),
        T(test_all_killed__is_lost_and_leaves_nothing),
        T(test_two_servers__the_newest_commands_both_hear),
        T(test_record__cannot_be_made),
        T(test_folder_deleted__ends_the_runner),
        T(test_record__of_lines_of_another_attempt_is_lost),
        T(test_record__of_a_large_result_is_read),
        T(test_record__that_is_none_stops_nobody),
        T(test_client__reconnects_and_is_told_all),
        T(test_runner_stopped__by_sigterm_leaves_attempts_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
