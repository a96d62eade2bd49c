/* run/runner_stop.c - ends the runner of a folder from outside. */
#include "run/runner.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { WAIT_MS = 10000, LOOK_MS = 20 };

/* The process that listens on the socket; 0: nobody does. */
static pid_t find_listener(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "runner.sock" };
    struct ucred peer = { .pid = 0 };
    socklen_t len = sizeof(peer);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return 0;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
        peer.pid = 0;
    close(fd);
    return peer.pid;
}

int runner_stop(const char *dir)
{
    pid_t pid;

    /* The socket is named relative to its folder: a path of any length works. */
    if (chdir(dir) != 0) {
        fprintf(stderr, "weft runner: %s: %s\n", dir, strerror(errno));
        return 1;
    }
    pid = find_listener();
    if (pid == 0) {
        printf("no runner is running in %s\n", dir);
        return 0;
    }
    if (kill(pid, SIGTERM) != 0) {
        fprintf(stderr, "weft runner: cannot end process %d: %s\n", (int)pid, strerror(errno));
        return 1;
    }
    for (int waited = 0; waited < WAIT_MS; waited += LOOK_MS) {
        if (kill(pid, 0) != 0) {
            printf("the runner in %s has ended; running attempts go on\n", dir);
            return 0;
        }
        usleep(LOOK_MS * 1000); /* lint: a command that waits for another process to end */
    }
    fprintf(stderr, "weft runner: process %d has not ended within %d s\n", (int)pid,
            WAIT_MS / 1000);
    return 1;
}
