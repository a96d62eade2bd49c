/* sys/process.c - what others may see of this process. */
#include "sys/process.h"

#include <sys/prctl.h>

#include "base/mem.h"

void process_hide(void)
{
    check(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
}
