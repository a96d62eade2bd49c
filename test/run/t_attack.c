/* test/run/t_attack.c - tasks that attack: their keeper, the runner, its files, each other.
 *
 * What holds only where a server that is root starts attempts as somebody else is skipped
 * elsewhere; docs/security.md says what is left then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rig.h"
#include "run/launch.h"
#include "sys/file.h"

static struct rig rig;
static char target[64]; /* a folder of ours, with a file, that attacks aim at */

static int set_up(void **state)
{
    (void)state;
    rig_init(&rig, 0);
    return 0;
}

static int set_up_range(void **state)
{
    (void)state;
    rig_init(&rig, geteuid() == 0 ? RIG_RANGE : 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_done(&rig);
    return 0;
}

static void make_target(void)
{
    char path[96];

    strcpy(target, "/tmp/weft-target-XXXXXX");
    assert_non_null(mkdtemp(target));
    assert_int_equal(chmod(target, 0755), 0);
    snprintf(path, sizeof(path), "%s/file", target);
    assert_int_equal(file_write_atomic(path, STR("ours"), 0644, NULL), E_OK);
}

/* Content, owner and mode of the target are as they were. */
static void check_target(void)
{
    char path[96];
    struct stat st;
    struct buf text;

    assert_int_equal(lstat(target, &st), 0);
    assert_true(S_ISDIR(st.st_mode) && (st.st_mode & 07777) == 0755 && st.st_uid == geteuid());
    snprintf(path, sizeof(path), "%s/file", target);
    assert_int_equal(lstat(path, &st), 0);
    assert_true(S_ISREG(st.st_mode) && (st.st_mode & 07777) == 0644 && st.st_uid == geteuid());
    buf_init(&text, 64);
    assert_int_equal(file_read(path, &text, NULL), E_OK);
    assert_true(str_eq_c(buf_str(&text), "ours"));
    buf_done(&text);
    assert_int_equal(dir_remove_all(target, NULL), E_OK);
}

/* ---- keeper and runner --------------------------------------------------------------------- */

/* signal, ptrace (16: attach), the files of /proc: for the keeper and for the runner above it. */
static const char at_keeper[] =
    "import ctypes, os\n"
    "libc = ctypes.CDLL(None, use_errno=True)\n"
    "keeper = os.getppid()\n"
    "runner = int(open(f'/proc/{keeper}/stat').read().rsplit(')', 1)[1].split()[1])\n"
    "for pid in (keeper, runner):\n"
    "    for number in (9, 15, 19, 10):\n"
    "        try:\n"
    "            os.kill(pid, number)\n"
    "            print('SIGNALED', pid, number)\n"
    "        except PermissionError:\n"
    "            pass\n"
    "    if libc.ptrace(16, pid, 0, 0) == 0:\n"
    "        print('ATTACHED', pid)\n"
    "    for name in ('mem', 'environ', 'maps', 'fd/0', 'cwd/runner.lock', 'root/etc/shadow'):\n"
    "        try:\n"
    "            open(f'/proc/{pid}/{name}', 'rb').read(1)\n"
    "            print('READ', name)\n"
    "        except OSError:\n"
    "            pass\n"
    "print('tried', runner > 1)\n";

static void test_keeper__cannot_be_signaled_traced_or_read(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    rig_begin(&rig, 1, 30, at_keeper);
    rig_wait_ended(&rig, 1);
    assert_string_equal(rig_output(&rig, 1), "tried True");
    assert_int_equal(rig.attempts[1].end.outcome, ATTEMPT_EXITED);
    assert_int_equal(rig.n_disconnected, 0);
}

static void test_runner__does_not_talk_to_tasks(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    rig_begin(&rig, 1, 30,
              "import os, socket\n"
              "os.chdir('../..')\n"
              "s = socket.socket(socket.AF_UNIX)\n"
              "try:\n"
              "    s.connect('runner.sock')\n"
              "    print('CONNECTED')\n"
              "except PermissionError:\n"
              "    print('refused')\n");
    rig_wait_ended(&rig, 1);
    assert_string_equal(rig_output(&rig, 1), "refused");
}

static void test_privileges__are_not_to_be_gained(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    rig_run(
        &rig, 1,
        "grep -E '^(NoNewPrivs|Cap(Inh|Prm|Eff|Amb)|Uid|Groups)' /proc/self/status | tr -s ' \\t' "
        "' '; cat /proc/self/oom_score_adj; for p in su mount passwd; do p=$(command -v $p) && "
        "[ -u \"$p\" ] && echo found; done > /dev/null; su root -c 'echo GAINED' < /dev/null; "
        "cat /etc/shadow");
    assert_non_null(strstr(rig_output(&rig, 1), "NoNewPrivs: 1"));
    assert_non_null(strstr(rig_output(&rig, 1), "CapEff: 0000000000000000"));
    assert_non_null(strstr(rig_output(&rig, 1), "CapPrm: 0000000000000000"));
    assert_non_null(strstr(rig_output(&rig, 1), "CapAmb: 0000000000000000"));
    assert_non_null(strstr(rig_output(&rig, 1), "Uid: 65534 65534 65534 65534"));
    assert_non_null(strstr(rig_output(&rig, 1), "|500"));
    assert_null(strstr(rig_output(&rig, 1), "GAINED"));
    assert_null(strstr(rig_output(&rig, 1), "root:"));
}

/* ---- the working folder -------------------------------------------------------------------- */

static void test_clean_up__stays_within_the_working_folder(void **state)
{
    char code[1024];

    (void)state;
    make_target();
    snprintf(code, sizeof(code),
             "ln -s %s a; ln -s %s/file b; mkdir -p c/d; ln -s ../../../.. c/up; ln -s %s c/d/e; "
             "ln %s/file hard 2>/dev/null; ln -s / root; mkfifo f; touch -- -rf '*' 'x y'; "
             "mkdir -p \"$(printf 'n/%%.0s' $(seq 60))\"; chmod 0 c/d c; %s echo done",
             target, target, target, target,
             geteuid() == 0 ? "mv ../1 ../2 2>/dev/null && echo MOVED;" : "");
    rig_run(&rig, 1, code);
    assert_string_equal(rig_output(&rig, 1), "done");
    rig_run(&rig, 2, "ls -A");
    assert_string_equal(rig_output(&rig, 2), "script.sh");
    check_target();
}

/* One attempt swaps folders for links in the folders of others while those are removed: it is of
 * the same user, and so may.  It cannot list the folder of working folders, but knows their names.
 */
static void test_clean_up__under_attack(void **state)
{
    char code[1024];

    (void)state;
    make_target();
    snprintf(code, sizeof(code),
             "T=%s; while :; do for w in ../{2..9}; do for n in 1 2 3; do mv $w/d$n $w/x$n; "
             "ln -s $T $w/d$n; ln -s $T $w/x$n/s; rm -f $w/d$n; mv $w/x$n $w/d$n; done; done; done "
             ">/dev/null 2>&1",
             target);
    rig_begin(&rig, 1, 35, code);
    rig_wait_running(&rig, 1);
    for (uint64_t fence = 2; fence < 10; fence++)
        rig_run(&rig, fence,
                "mkdir -p d1/e/f d2/e d3; for i in $(seq 200); do : > d1/$i; : > d1/e/$i; : > "
                "d2/$i; done; sleep 0.05");
    run_client_kill(rig.client, 1, (struct dur){ 0 });
    rig_wait_ended(&rig, 1);
    check_target();
}

/* The folder of an attempt that left nothing serves the next one: another attempt may have put
 * something else in the place of the script, and it must not be written through. */
static void test_spare_folder__is_not_written_through(void **state)
{
    static const char *const traps[] = {
        "rm -f $S; ln -s $T/file $S",
        "rm -f $S; ln $T/file $S",
        "rm -f $S; mkfifo $S",
        "mv $S kept; ln -s $PWD/kept $S",
        "ln $S linked",
        "rm -f $S; cp $T/file $S; : > ../n",
        "rm -f $S; mkdir $S",
    };
    char code[512];
    uint64_t fence = 1;

    (void)state;
    make_target();
    for (size_t i = 0; i < ARRAY_LEN(traps); i++) {
        uint64_t attacker = fence++, spare = fence++, next = fence++;
        snprintf(code, sizeof(code),
                 "T=%s; S=../%d/script.sh; until [ -e $S ]; do sleep 0.01; done; echo there; until "
                 "[ -e now ]; do sleep 0.01; done; ( %s ) 2>/dev/null; echo set; sleep 60",
                 target, (int)spare, traps[i]);
        rig_begin(&rig, attacker, 35, code);
        rig_wait_running(&rig, attacker);
        rig_run(&rig, spare, "true");
        rig_wait_log(&rig, attacker, "there");
        char now[PATH_MAX + 64];
        snprintf(now, sizeof(now), "%s/work/%d/now", rig.dir, (int)attacker);
        assert_int_equal(file_write_atomic(now, STR(""), 0644, NULL), E_OK);
        rig_wait_log(&rig, attacker, "set");
        rig_run(&rig, next, "echo the next one");
        assert_string_equal(rig_output(&rig, next), "the next one");
        run_client_kill(rig.client, attacker, (struct dur){ 0 });
        rig_wait_ended(&rig, attacker);
    }
    check_target();
}

/* ---- attempts of other users --------------------------------------------------------------- */

static void test_range__attempts_cannot_touch_each_other(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    rig_begin(&rig, 1, 35, "echo secret > mine; echo pid $$; sleep 60; echo over");
    rig_wait_log(&rig, 1, "pid ");
    rig_run(&rig, 2,
            "id -u; id -g; id -G; cat ../1/mine; echo x > ../1/x; ls ../1; kill -9 -1; "
            "pid=$(pgrep -u 210001 -n); kill -9 $pid; cat /proc/$pid/environ; ls -l "
            "/proc/$pid/fd; echo $pid | grep -c '[0-9]'");
    assert_int_equal(strncmp(rig_output(&rig, 2), "210002|210002|210002|", 21), 0);
    assert_null(strstr(rig_output(&rig, 2), "secret"));
    assert_null(strstr(rig_output(&rig, 2), "WEFT_WORK=/"));
    assert_int_equal(rig.attempts[1].n_ended, 0);
    run_client_kill(rig.client, 1, (struct dur){ 0 });
    rig_wait_ended(&rig, 1);
    assert_int_equal(rig.attempts[1].end.outcome, ATTEMPT_KILLED);
}

static void test_range__folders_change_hands(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    for (uint64_t fence = 1; fence < 6; fence++) {
        char expected[64];
        rig_run(&rig, fence,
                "stat -c '%u %g %a' .; stat -c '%u %a' script.sh; echo x > own && cat own; rm own");
        snprintf(expected, sizeof(expected), "2100%02d 2100%02d 700|0 644|x", (int)fence,
                 (int)fence);
        assert_string_equal(rig_output(&rig, fence), expected);
    }
    rig_run(&rig, 100, "id -u"); /* the range has 100 */
    assert_string_equal(rig_output(&rig, 100), "210000");
}

static void test_range__is_checked(void **state)
{
    static const struct {
        const char *text;
        enum err_code code;
    } rows[] = {
        { "0-10", E_RANGE },    { "10-9", E_RANGE },        { "1-2147483648", E_RANGE },
        { "-5", E_MISSING },    { "../../etc", E_MISSING }, { "no-such-user", E_MISSING },
        { "1-2-3", E_MISSING }, { "", E_MISSING },
    };
    struct launch_user user;
    struct err e = ERR_INIT;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(launch_user_find(rows[i].text, false, &user, &e), rows[i].code);
    assert_int_equal(launch_user_find("7-7", false, &user, &e), geteuid() == 0 ? E_OK : E_DENIED);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_keeper__cannot_be_signaled_traced_or_read),
        T(test_runner__does_not_talk_to_tasks),
        T(test_privileges__are_not_to_be_gained),
        T(test_clean_up__stays_within_the_working_folder),
        T(test_clean_up__under_attack),
        T(test_spare_folder__is_not_written_through),
        cmocka_unit_test_setup_teardown(test_range__attempts_cannot_touch_each_other, set_up_range,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_range__folders_change_hands, set_up_range, tear_down),
        cmocka_unit_test(test_range__is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
