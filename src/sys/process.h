/* sys/process.h - what others may see of this process. */
#ifndef SYS_PROCESS_H
#define SYS_PROCESS_H

/* For processes that hold keys: no core dump, and nobody of the same user can attach to it or read
 * its memory and environment in /proc.  Ends with exec: children are as they would be without. */
void process_hide(void);

#endif
