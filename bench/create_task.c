/* bench/create_task.c - signed CreateTask calls per second, over several keep-alive connections.
 *
 * usage: bench_create_task PORT SECRET_ID SECRET_KEY PROJECT WORKFLOW [CALLS [CONNECTIONS]]
 *
 * Every request is signed before the clock starts.  The floor is the same generator asking GET
 * /healthz: HTTP alone, no signature, no JSON, no commit. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/codec.h"
#include "cal/civil.h"
#include "sys/clock.h"
#include "sys/crypto.h"

enum { CONNECTIONS_MAX = 256 };

struct connection {
    int fd;
    struct buf in;
};

struct signer {
    const char *id, *key, *project, *workflow;
    char date[CIVIL_TEXT_LEN + 1];
    long long now;
    uint8_t signing[SHA256_LEN];
};

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void signer_init(struct signer *s)
{
    uint8_t a[SHA256_LEN], b[SHA256_LEN];
    char secret[256];

    s->now = clock_wall().us / 1000000;
    civil_format((struct civil){ s->now }, s->date);
    s->date[10] = '\0';
    snprintf(secret, sizeof(secret), "TC3%s", s->key);
    hmac_sha256(str_from(secret), str_from(s->date), a);
    hmac_sha256(str_make((char *)a, sizeof(a)), STR("wedata"), b);
    hmac_sha256(str_make((char *)b, sizeof(b)), STR("tc3_request"), s->signing);
}

static void add_create(const struct signer *s, int number, struct buf *out)
{
    char hash[2 * SHA256_LEN + 1], signature[2 * SHA256_LEN + 1];
    uint8_t digest[SHA256_LEN];
    struct buf body, text;

    buf_init(&body, 1 << 16);
    buf_init(&text, 1 << 16);
    buf_printf(&body,
               "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"b_%lld_%d_%d\","
               "\"TaskTypeId\":\"35\",\"WorkflowId\":\"%s\",\"OwnerUin\":\"100028579801\"},"
               "\"TaskConfiguration\":{\"CodeContent\":\"ZWNobyBoZWxsbwo=\",\"BrokerIp\":\"any\","
               "\"TaskExtConfigurationList\":[{\"ParamKey\":\"enableKerberosLogin\","
               "\"ParamValue\":\"false\"}]},\"TaskSchedulerConfiguration\":{\"CycleType\":"
               "\"DAY_CYCLE\",\"ScheduleTimeZone\":\"UTC+8\",\"SelfDepend\":\"serial\","
               "\"CrontabExpression\":\"0 0 0 * * ? *\",\"RunPriority\":\"6\"}}",
               s->project, s->now, (int)getpid(), number, s->workflow);
    sha256_hex(buf_str(&body), hash);
    buf_printf(&text,
               "POST\n/\n\ncontent-type:application/json\nhost:127.0.0.1\n\n"
               "content-type;host\n%s",
               hash);
    sha256_hex(buf_str(&text), hash);
    buf_reset(&text);
    buf_printf(&text, "TC3-HMAC-SHA256\n%lld\n%s/wedata/tc3_request\n%s", s->now, s->date, hash);
    hmac_sha256(str_make((const char *)s->signing, SHA256_LEN), buf_str(&text), digest);
    hex_encode(signature, digest, SHA256_LEN);
    buf_printf(
        out,
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        "X-TC-Action: CreateTask\r\nX-TC-Version: 2025-08-06\r\nX-TC-Region: ap-guangzhou\r\n"
        "X-TC-Timestamp: %lld\r\nAuthorization: TC3-HMAC-SHA256 Credential=%s/%s/wedata/"
        "tc3_request, SignedHeaders=content-type;host, Signature=%s\r\n"
        "Content-Length: %zu\r\n\r\n%s",
        s->now, s->id, s->date, signature, body.len, body.ptr);
    buf_done(&body);
    buf_done(&text);
}

static int open_connection(int port)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
        die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

/* True when a whole answer was taken; it must be a good one. */
static bool take_answer(struct connection *c)
{
    const char *end = c->in.len > 0 ? strstr(c->in.ptr, "\r\n\r\n") : NULL, *length;
    size_t whole;

    if (!end || !(length = strcasestr(c->in.ptr, "content-length:")))
        return false;
    whole = (size_t)(end - c->in.ptr) + 4 + strtoul(length + 15, NULL, 10);
    if (c->in.len < whole)
        return false;
    if (strstr(c->in.ptr, "\"Error\"")) {
        fprintf(stderr, "refused: %s\n", c->in.ptr);
        exit(1);
    }
    buf_consume(&c->in, whole);
    return true;
}

static void send_all(int fd, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n <= 0)
            die("write");
        bytes = str_sub(bytes, (size_t)n, bytes.len);
    }
}

/* One request under way per connection until all are answered; calls per second. */
static double run(int port, const struct str *requests, int n, int n_connections)
{
    struct connection connections[CONNECTIONS_MAX];
    struct pollfd fds[CONNECTIONS_MAX];
    int sent = 0, answered = 0;
    char chunk[65536];

    for (int i = 0; i < n_connections; i++) {
        connections[i].fd = open_connection(port);
        buf_init(&connections[i].in, 1 << 20);
        fds[i] = (struct pollfd){ .fd = connections[i].fd, .events = POLLIN };
    }
    struct mono begin = clock_mono();
    for (int i = 0; i < n_connections && sent < n; i++)
        send_all(connections[i].fd, requests[sent++]);
    while (answered < n) {
        if (poll(fds, (nfds_t)n_connections, 30000) <= 0)
            die("poll");
        for (int i = 0; i < n_connections; i++) {
            if (!(fds[i].revents & (POLLIN | POLLHUP)))
                continue;
            ssize_t got = read(fds[i].fd, chunk, sizeof(chunk));
            if (got <= 0)
                die("read");
            buf_add(&connections[i].in, chunk, (size_t)got);
            if (!take_answer(&connections[i]))
                continue;
            answered++;
            if (sent < n)
                send_all(connections[i].fd, requests[sent++]);
        }
    }
    double seconds = (double)mono_sub(clock_mono(), begin).us / 1e6;
    for (int i = 0; i < n_connections; i++) {
        close(connections[i].fd);
        buf_done(&connections[i].in);
    }
    return n / seconds;
}

int main(int argc, char **argv)
{
    int n = argc > 6 ? atoi(argv[6]) : 20000, n_connections = argc > 7 ? atoi(argv[7]) : 64;

    if (argc < 6 || n < 1 || n_connections < 1 || n_connections > CONNECTIONS_MAX) {
        fputs("usage: bench_create_task PORT SECRET_ID SECRET_KEY PROJECT WORKFLOW [CALLS "
              "[CONNECTIONS]]\n",
              stderr);
        return 2;
    }
    struct signer s = { .id = argv[2], .key = argv[3], .project = argv[4], .workflow = argv[5] };
    struct str *creates = mem_alloc((size_t)n * sizeof(*creates));
    struct str *floor_calls = mem_alloc((size_t)n * sizeof(*floor_calls));
    signer_init(&s);
    for (int i = 0; i < n; i++) {
        struct buf one;
        buf_init(&one, 1 << 16);
        add_create(&s, i, &one);
        creates[i].len = one.len;
        creates[i].ptr = buf_take(&one, NULL);
        floor_calls[i] = STR("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    }
    double floor_rate = run(atoi(argv[1]), floor_calls, n, n_connections);
    double rate = run(atoi(argv[1]), creates, n, n_connections);
    printf("CreateTask %.0f/s, floor GET /healthz %.0f/s, ratio %.3f (%d calls, %d connections)\n",
           rate, floor_rate, rate / floor_rate, n, n_connections);
    for (int i = 0; i < n; i++)
        mem_free((void *)(uintptr_t)creates[i].ptr);
    mem_free(creates);
    mem_free(floor_calls);
    return 0;
}
