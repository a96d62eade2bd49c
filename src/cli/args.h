/* cli/args.h - the words of a command line: positional ones, and options with their values. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "base/err.h"

enum { ARGS_MAX = 64 };

struct option_help {
    const char *name;     /* without "--" */
    const char *argument; /* NULL: a switch; "N": a whole number, checked */
    const char *help;
};

struct args {
    const char *words[ARGS_MAX];
    int n_words;
    const char *names[ARGS_MAX], *values[ARGS_MAX]; /* of a switch "true", or NULL: off */
    int n_options;
};

/* Options of the lists (each ends with a NULL name; the second may be NULL) are known, anything
 * else is E_SYNTAX.  "--name=value" and "--name value" are the same; a switch may be
 * "--name=true" and "--name=false", nothing else (E_RANGE); "-h" is "--help"; "--" ends the
 * options. */
enum err_code args_parse(int argc, char **argv, const struct option_help *own,
                         const struct option_help *common, struct args *ret,
                         struct err *e) MUST_USE;
/* The last value given, or NULL; NULL also when a switch was last given as false. */
const char *args_get(const struct args *a, const char *name);
bool args_has(const struct args *a, const char *name);

#endif
