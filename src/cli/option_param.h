/* cli/option_param.h - options as parameters of calls: which option a parameter came from is
 * remembered, so that a refusal of the server, which knows only its own names, names the option. */
#ifndef CLI_OPTION_PARAM_H
#define CLI_OPTION_PARAM_H

#include "cli/command.h"

/* The parameter `field`, a dotted path, comes from this option; nothing when it was not given. */
void option_names(struct session *s, const char *option, const char *field);
/* Its text as the parameter `field`; nothing when it was not given. */
void option_text(struct session *s, json_t *params, const char *option, const char *field);
/* The same for a time: a date alone is its first second, with `end` its last. */
void option_time(struct session *s, json_t *params, const char *option, const char *field,
                 bool end);
/* The time that is meant by it, from the session's arena; what is no date is left as it is. */
const char *option_whole_time(struct session *s, const char *time, bool end);
/* A refusal that begins with a field in backquotes gets its option behind it. */
void option_tell(const struct session *s, struct refusal *why);

#endif
