/* run/tree.h - the processes of an attempt: all descendants of its keeper, whatever session they moved to.
 *
 * The keeper is the subreaper of the attempt, so a process whose parent dies becomes the keeper's child and stays a
 * descendant.  The tree is read from /proc.
 */
#ifndef RUN_TREE_H
#define RUN_TREE_H

#include <sys/types.h>

#include "base/str.h"

/* Send a signal to every descendant of root (not to root).  Returns how many there were. */
int tree_signal(pid_t root, int signal);
/* Stop them until no new one appears (within bounds), so that none can start others meanwhile, then SIGKILL all.
 * To be repeated until nothing is left: what is started between the last look and its parent's death is
 * found the next time.  Returns how many there were. */
int tree_kill(pid_t root);
/* SIGKILL every process in whose initial environment `entry` ("NAME=value") stands: what is left of an attempt whose
 * keeper was killed.  Returns how many there were. */
int tree_kill_marked(struct str entry);

#endif
