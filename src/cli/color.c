/* cli/color.c - colours, where a person sees them. */
#include "cli/color.h"

#include <unistd.h>

#include "sys/env.h"

bool color_is_terminal(FILE *out)
{
    const char *term = env_get("TERM");

    return isatty(fileno(out)) && !(term && str_eq_c(str_from(term), "dumb"));
}

static bool is_colored(FILE *out)
{
    const char *no = env_get("NO_COLOR");

    return !(no && no[0]) && color_is_terminal(out);
}

void color_begin(FILE *out, enum color color)
{
    static const char *const codes[] = { [COLOR_RED] = "\033[31m",
                                         [COLOR_GREEN] = "\033[32m",
                                         [COLOR_YELLOW] = "\033[33m",
                                         [COLOR_BOLD] = "\033[1m" };

    if (is_colored(out))
        fputs(codes[color], out);
}

void color_end(FILE *out)
{
    if (is_colored(out))
        fputs("\033[0m", out);
}

void color_text(FILE *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        fputc((c < ' ' && c != '\t') || c == 127 ? '?' : c, out);
    }
}
