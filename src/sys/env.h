/* sys/env.h - the only place that reads the environment. */
#ifndef SYS_ENV_H
#define SYS_ENV_H

/* NULL when it is not set.  Borrowed from the environment. */
const char *env_get(const char *name);

#endif
