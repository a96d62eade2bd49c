/* sys/env.c - the only place that reads the environment. */
#include "sys/env.h"

#include <stdlib.h>

const char *env_get(const char *name)
{
    return getenv(name);
}
