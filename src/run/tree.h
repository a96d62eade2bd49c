/* run/tree.h - the processes of an attempt: all descendants of its keeper, whatever session they
 * moved to.
 *
 * The keeper is the subreaper of the attempt, so a process whose parent dies becomes the keeper's
 * child and stays a descendant.  The tree is read from /proc.
 */
#ifndef RUN_TREE_H
#define RUN_TREE_H

#include <sys/types.h>

#include "base/str.h"

/* Both stop the tree first, until no process in it runs any more (within bounds): what starts
 * others cannot escape between the look and the signal.  Both return how many processes there were;
 * root itself is spared. */
/* SIGTERM to all, then let them go on. */
int tree_end(pid_t root);
/* SIGKILL to all.  To be repeated until nothing is left. */
int tree_kill(pid_t root);
/* SIGKILL every process in whose initial environment `entry` ("NAME=value") stands: what is left of
 * an attempt whose keeper was killed.  Returns how many there were. */
int tree_kill_marked(struct str entry);

#endif
