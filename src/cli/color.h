/* cli/color.h - colours, where a person sees them: on a terminal, and unless NO_COLOR is set. */
#ifndef CLI_COLOR_H
#define CLI_COLOR_H

#include <stdio.h>

#include "base/str.h"

enum color { COLOR_RED, COLOR_GREEN, COLOR_YELLOW, COLOR_BOLD };
/* Both do nothing where there are no colours. */
void color_begin(FILE *out, enum color color);
void color_end(FILE *out);
/* Text of unknown origin: control characters but tabs are shown as '?'. */
void color_text(FILE *out, struct str text);
bool color_is_terminal(FILE *out);

#endif
