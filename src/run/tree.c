/* run/tree.c - the processes of an attempt. */
#include "run/tree.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/map.h"
#include "sys/file.h"

enum { STOP_PASSES_MAX = 64, KILL_MARKED_PASSES_MAX = 64 };

struct process {
    pid_t pid, parent;
    char state;
    bool is_in_tree;
};
struct table {
    struct process *items;
    size_t len, cap;
};

static bool to_pid(struct str text, pid_t *ret)
{
    int64_t value;

    if (!str_to_i64(text, &value) || value <= 0 || value > INT32_MAX)
        return false;
    *ret = (pid_t)value;
    return true;
}

/* "pid (name) S ppid ...": the name may hold anything, so the last ')' ends it. */
static bool read_stat(const char *name, struct process *ret)
{
    struct process p = { .state = '?' };
    char path[PATH_MAX], text[512];
    struct str rest;
    ptrdiff_t end;
    ssize_t n;
    int fd;

    snprintf(path, sizeof(path), "/proc/%s/stat", name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, text, sizeof(text));
    close(fd);
    rest = str_make(text, n > 0 ? (size_t)n : 0);
    end = str_rfind_char(rest, ')');
    if (end < 0 || !to_pid(str_from(name), &p.pid))
        return false;
    rest = str_sub(rest, (size_t)end + 2, rest.len);
    if (rest.len < 3)
        return false;
    p.state = rest.ptr[0];
    rest = str_sub(rest, 2, rest.len);
    if (!to_pid(str_split(&rest, ' '), &p.parent))
        return false; /* a kernel thread or the first process: nobody's descendant */
    *ret = p;
    return true;
}

static void read_table(struct table *t)
{
    DIR *dir = opendir("/proc");
    struct dirent *entry;

    t->len = 0;
    while (dir && (entry = readdir(dir))) {
        struct process p;
        if (!isdigit((unsigned char)entry->d_name[0]) || !read_stat(entry->d_name, &p))
            continue;
        t->items = mem_grow(t->items, &t->cap, t->len + 1, sizeof(t->items[0]));
        t->items[t->len++] = p;
    }
    if (dir)
        closedir(dir);
}

/* Mark the descendants of root.  A parent may come behind its child in the table, hence the map and
 * the walk. */
static void mark_tree(struct table *t, pid_t root)
{
    struct pair_map by_parent; /* parent -> its first child; chained through next */
    size_t *next = mem_alloc((t->len + 1) * sizeof(*next)),
           *queue = mem_alloc((t->len + 1) * sizeof(*queue));
    size_t head = 0, tail = 0;
    pid_t of = root;

    pair_map_init(&by_parent);
    for (size_t i = 0; i < t->len; i++) {
        struct process *first = pair_map_put(
            &by_parent, (struct pair_key){ (uint64_t)t->items[i].parent, 0 }, &t->items[i]);
        next[i] = first ? (size_t)(first - t->items) : SIZE_MAX;
    }
    while (t->len > 0) {
        struct process *p = pair_map_get(&by_parent, (struct pair_key){ (uint64_t)of, 0 });
        for (size_t i = p ? (size_t)(p - t->items) : SIZE_MAX; i != SIZE_MAX; i = next[i]) {
            if (t->items[i].is_in_tree)
                continue;
            t->items[i].is_in_tree = true;
            queue[tail++] = i;
        }
        if (head == tail)
            break;
        of = t->items[queue[head++]].pid;
    }
    pair_map_done(&by_parent);
    mem_free(next);
    mem_free(queue);
}

static int signal_marked(const struct table *t, int signal)
{
    int n = 0;

    for (size_t i = 0; i < t->len; i++) {
        if (!t->items[i].is_in_tree || t->items[i].state == 'Z' || t->items[i].state == 'X')
            continue;
        kill(t->items[i].pid, signal); /* benign: it may just have ended */
        n++;
    }
    return n;
}

/* Stop the whole tree and leave it marked in t: while none of it runs, none can start another that
 * is not there. */
static void freeze(struct table *t, pid_t root)
{
    for (int pass = 0; pass < STOP_PASSES_MAX; pass++) {
        bool is_new = false;
        read_table(t);
        mark_tree(t, root);
        for (size_t i = 0; i < t->len; i++)
            is_new = is_new || (t->items[i].is_in_tree && !strchr("TtZX", t->items[i].state));
        if (!is_new)
            break;
        signal_marked(t, SIGSTOP);
    }
}

int tree_end(pid_t root)
{
    struct table t = { .items = NULL };
    int n;

    freeze(&t, root);
    n = signal_marked(&t, SIGTERM);
    signal_marked(&t, SIGCONT);
    mem_free(t.items);
    return n;
}

int tree_kill(pid_t root)
{
    struct table t = { .items = NULL };
    int n;

    freeze(&t, root);
    n = signal_marked(&t, SIGKILL);
    mem_free(t.items);
    return n;
}

static bool is_marked(const char *pid, struct str entry)
{
    enum { ENVIRONMENT_MAX = 4 << 20 };
    char path[PATH_MAX];
    struct buf text;
    struct str rest;
    bool found = false;

    snprintf(path, sizeof(path), "/proc/%s/environ", pid);
    buf_init(&text, ENVIRONMENT_MAX);
    if (file_read(path, &text, NULL) == E_OK) {
        rest = buf_str(&text);
        while (!found && rest.ptr && rest.len > 0)
            found = str_eq(str_split(&rest, '\0'), entry);
    }
    buf_done(&text);
    return found;
}

int tree_kill_marked(struct str entry)
{
    int total = 0, n;

    for (int pass = 0; pass < KILL_MARKED_PASSES_MAX; pass++) {
        DIR *dir = opendir("/proc");
        struct dirent *item;
        n = 0;
        while (dir && (item = readdir(dir))) {
            pid_t pid;
            if (!to_pid(str_from(item->d_name), &pid) || !is_marked(item->d_name, entry))
                continue;
            kill(pid, SIGKILL);
            n++;
        }
        if (dir)
            closedir(dir);
        total += n;
        if (n == 0)
            break;
    }
    return total;
}
