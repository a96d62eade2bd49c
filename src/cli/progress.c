/* cli/progress.c - how far something is. */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/color.h"
#include "sys/clock.h"

enum { BAR_MAX = 30, COLUMNS_LEAST = 50, COLUMNS_DEFAULT = 80 };

static int terminal_width(void)
{
    struct winsize size;

    if (!color_is_terminal(stderr))
        return 0;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                           : COLUMNS_DEFAULT;
}

void progress_begin(struct progress *p, const char *what)
{
    *p = (struct progress){
        .what = what, .begun = clock_mono(), .first = -1, .shown = -1, .width = terminal_width()
    };
}

/* "2 min 5 s" */
static void duration_text(double seconds, char *out, size_t size)
{
    long s = (long)(seconds + 0.5);

    if (s >= 3600)
        snprintf(out, size, "%ld h %ld min", s / 3600, s / 60 % 60);
    else if (s >= 60)
        snprintf(out, size, "%ld min %ld s", s / 60, s % 60);
    else
        snprintf(out, size, "%ld s", s);
}

/* How fast it went since it is watched, and how long it will take at that. */
static void rate_text(const struct progress_state *s, double seconds, int64_t since, char *out,
                      size_t size)
{
    double rate = seconds >= 1 ? (double)(s->done - since) / seconds : 0;
    char left[40];

    out[0] = '\0';
    if (rate <= 0)
        return;
    duration_text((double)(s->total - s->done) / rate, left, sizeof(left));
    snprintf(out, size, ", %.*f/s%s%s%s", rate < 10 ? 1 : 0, rate, s->done < s->total ? ", " : "",
             s->done < s->total ? left : "", s->done < s->total ? " left" : "");
}

/* ", 1 to be tried again at 10:05:00" */
static void retry_text(const struct progress_state *s, char *out, size_t size)
{
    out[0] = '\0';
    if (s->retrying > 0)
        snprintf(out, size, ", %lld to be tried again%s%s", (long long)s->retrying,
                 !s->retry_at       ? ""
                 : s->retrying == 1 ? " at "
                                    : ", the first at ",
                 s->retry_at ? s->retry_at : "");
}

void progress_line(const struct progress_state *s, const char *what, int columns, double seconds,
                   int64_t since, char *out, size_t size)
{
    int percent = s->total > 0 ? (int)(s->done * 100 / s->total) : 100;
    char bar[BAR_MAX + 4] = "", rate[80], failed[48] = "", retry[80];

    rate_text(s, seconds, since, rate, sizeof(rate));
    retry_text(s, retry, sizeof(retry));
    if (s->failed > 0)
        snprintf(failed, sizeof(failed), ", %lld failed", (long long)s->failed);
    if (columns >= COLUMNS_LEAST) {
        int filled = percent * BAR_MAX / 100;
        memset(bar, ' ', BAR_MAX + 2);
        memset(bar + 1, '#', (size_t)filled);
        bar[0] = '[';
        bar[BAR_MAX + 1] = ']';
        bar[BAR_MAX + 2] = ' ';
        bar[BAR_MAX + 3] = '\0';
    }
    snprintf(out, size, "%s%3d %%  %s%s%lld of %lld %s%s%s%s", bar, percent,
             s->stage ? s->stage : "", s->stage ? " " : "", (long long)s->done, (long long)s->total,
             what, failed, retry, columns > 0 ? rate : "");
    if (columns > 0 && (int)strlen(out) >= columns)
        out[columns - 1] = '\0'; /* a line that wraps cannot be written over */
}

void progress_show(struct progress *p, const struct progress_state *state)
{
    char line[256];

    if (p->first < 0 || p->stage != state->stage) {
        p->begun = clock_mono();
        p->first = state->done;
        p->shown = -1;
        p->stage = state->stage;
    }
    double seconds = (double)(clock_mono().us - p->begun.us) / 1e6;
    progress_line(state, p->what, p->width, seconds, p->first, line, sizeof(line));
    if (p->width > 0) {
        fputs("\r", stderr);
        if (state->failed > 0)
            color_begin(stderr, COLOR_RED);
        fputs(line, stderr);
        if (state->failed > 0)
            color_end(stderr);
        fputs("\033[K", stderr);
    } else if (state->done != p->shown || state->retrying != p->shown_retrying) {
        fprintf(stderr, "%s\n", line);
    }
    p->shown = state->done;
    p->shown_retrying = state->retrying;
    fflush(stderr);
}

void progress_end(struct progress *p)
{
    if (p->width > 0 && p->shown >= 0)
        fputc('\n', stderr);
}
