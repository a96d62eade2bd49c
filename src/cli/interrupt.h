/* cli/interrupt.h - Ctrl-C, for commands that follow something: it ends them between two calls,
 * with the terminal as it was. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

/* From now on SIGINT and SIGTERM only wait to be asked for. */
void interrupt_hold(void);
/* Waits this long; true: one came, then or before. */
bool interrupt_wait(int milliseconds);
/* One came and was not yet waited for: calls that are under way give up. */
bool interrupt_is_pending(void);

#endif
