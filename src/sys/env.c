/* sys/env.c - the only place that reads the environment. */
#include "sys/env.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const char *env_get(const char *name)
{
    return getenv(name);
}

void env_forget(const char *name)
{
    char *value = getenv(name);

    if (value)
        mem_wipe(value, strlen(value));
}
