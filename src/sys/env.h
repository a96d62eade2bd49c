/* sys/env.h - the only place that reads the environment. */
#ifndef SYS_ENV_H
#define SYS_ENV_H

/* NULL when it is not set.  Borrowed from the environment. */
const char *env_get(const char *name);
/* Overwrite the value where it stands, so that nobody reads it in /proc/PID/environ, and no child
 * inherits it; env_get gives "" from then on.  Before there are threads. */
void env_forget(const char *name);

#endif
