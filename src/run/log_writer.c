/* run/log_writer.c - writes the log of one attempt. */
#include "run/log_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>

#include "sys/file.h"

enum { PENDING_MAX = 4 * LOG_LINE_MAX, FLUSH_AT = LOG_LINE_MAX };

static int open_log(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

enum err_code log_writer_open(struct log_writer *w, const char *path, int64_t bytes_max,
                              struct err *e)
{
    int fd = open_log(path);

    if (fd < 0 && errno == ENOENT) {
        char *copy = mem_strdup(str_from(path));
        enum err_code rc = dir_make(dirname(copy), 0700, e);
        mem_free(copy);
        if (rc != E_OK)
            return rc;
        fd = open_log(path);
    }
    if (fd < 0)
        return err_errno(e, E_IO, "create the log %s", path);
    *w = (struct log_writer){ .fd_ = fd, .bytes_max_ = bytes_max };
    buf_init(&w->pending_, PENDING_MAX);
    buf_init(&w->streams_[0].partial_, LOG_LINE_MAX);
    buf_init(&w->streams_[1].partial_, LOG_LINE_MAX);
    w->streams_[0].usual_ = LOG_WORD_INFO;
    w->streams_[1].usual_ = LOG_WORD_ERROR;
    return E_OK;
}

void log_writer_flush(struct log_writer *w)
{
    struct str rest = buf_str(&w->pending_);

    while (rest.len > 0) {
        ssize_t n = write(w->fd_, rest.ptr, rest.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            w->os_error = w->os_error ? w->os_error : errno;
            w->dropped += (int64_t)rest.len;
            break;
        }
        rest = str_sub(rest, (size_t)n, rest.len);
    }
    buf_reset(&w->pending_);
}

/* One line of output: head (from an earlier read) and tail together. */
static void put_line(struct log_writer *w, struct log_stream *s, struct str tail, struct wall now)
{
    struct str head = buf_str(&s->partial_);
    size_t len = head.len + tail.len;
    enum log_word level;

    if (w->full_) {
        w->dropped += (int64_t)len + 1;
        buf_reset(&s->partial_);
        return;
    }
    if (w->bytes_ + (int64_t)len + LOG_PREFIX_MAX > w->bytes_max_) {
        w->full_ = true;
        log_writer_say(w, LOG_WORD_WARN, now,
                       "the log has reached its limit of %lld bytes; the program runs on, "
                       "and what it prints from here is dropped",
                       (long long)w->bytes_max_);
        w->dropped += (int64_t)len + 1;
        buf_reset(&s->partial_);
        return;
    }
    if (head.len > 0 && head.len < LOG_PREFIX_MAX * 2) { /* the level word may be cut in two */
        buf_add(&s->partial_, tail.ptr, tail.len);
        head = buf_str(&s->partial_);
        tail.len = 0;
    }
    level = log_word_detect(head.len > 0 ? head : tail, s->usual_);
    w->bytes_ -= (int64_t)w->pending_.len;
    log_prefix_add(&w->pending_, now, level);
    buf_add_str(&w->pending_, head);
    buf_add_str(&w->pending_, tail);
    buf_add_char(&w->pending_, '\n');
    w->bytes_ += (int64_t)w->pending_.len;
    buf_reset(&s->partial_);
    if (w->pending_.len >= FLUSH_AT)
        log_writer_flush(w);
}

void log_writer_add(struct log_writer *w, int stream, struct str bytes, struct wall now)
{
    struct log_stream *s = &w->streams_[stream];

    while (bytes.len > 0) {
        size_t room = LOG_LINE_MAX - s->partial_.len;
        const char *newline = memchr(bytes.ptr, '\n', bytes.len < room ? bytes.len : room);
        size_t len = newline ? (size_t)(newline - bytes.ptr) : bytes.len;
        if (newline) {
            put_line(w, s, str_sub(bytes, 0, len), now);
            len++;
        } else if (len >= room) {
            len = room;
            put_line(w, s, str_sub(bytes, 0, len), now);
        } else {
            buf_add(&s->partial_, bytes.ptr, len);
        }
        bytes = str_sub(bytes, len, bytes.len);
    }
}

void log_writer_say(struct log_writer *w, enum log_word level, struct wall now, const char *fmt,
                    ...)
{
    va_list ap;

    va_start(ap, fmt);
    log_prefix_add(&w->pending_, now, level);
    buf_vprintf(&w->pending_, fmt, ap);
    buf_add_char(&w->pending_, '\n');
    va_end(ap);
}

void log_writer_finish(struct log_writer *w, struct wall now)
{
    for (int i = 0; i < 2; i++)
        if (w->streams_[i].partial_.len > 0)
            put_line(w, &w->streams_[i], (struct str){ NULL, 0 }, now);
}

void log_writer_close(struct log_writer *w)
{
    log_writer_flush(w);
    close(w->fd_);
    buf_done(&w->pending_);
    buf_done(&w->streams_[0].partial_);
    buf_done(&w->streams_[1].partial_);
}
