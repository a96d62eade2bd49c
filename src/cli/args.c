/* cli/args.c - the words of a command line. */
#include "cli/args.h"

#include <string.h>

#include "cli/suggest.h"

static const struct option_help *find(const struct option_help *list, struct str name)
{
    for (; list && list->name; list++)
        if (str_eq_c(name, list->name))
            return list;
    return NULL;
}

static enum err_code no_option(struct str name, const struct option_help *own,
                               const struct option_help *common, struct err *e)
{
    struct suggestion s;
    const struct option_help *lists[] = { own, common };

    suggest_begin(&s, name);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        for (const struct option_help *o = lists[i]; o && o->name; o++)
            suggest_offer(&s, o->name);
    if (suggest_best(&s))
        return err_set(e, E_SYNTAX, "there is no option --%.*s here; did you mean --%s?",
                       STR_ARG(name), suggest_best(&s));
    return err_set(e, E_SYNTAX, "there is no option --%.*s here", STR_ARG(name));
}

static bool is_number(const char *text)
{
    int64_t number;

    return str_to_i64(str_from(text), &number) && number >= 0 && number <= INT32_MAX;
}

/* What stands behind the '=' of a switch, or nothing: "true", or NULL, as if it were not there. */
static enum err_code read_switch(const char *name, const char *equals, const char **ret,
                                 struct err *e)
{
    bool off = equals && strcmp(equals + 1, "false") == 0;

    if (equals && !off && strcmp(equals + 1, "true") != 0)
        return err_set(e, E_RANGE, "--%s is a switch: it takes true or false, not '%s'", name,
                       equals + 1);
    *ret = off ? NULL : "true";
    return E_OK;
}

/* The option at argv[*at].  name=value is taken apart in place: argv's text is ours to keep. */
static enum err_code parse_option(int argc, char **argv, int *at, const struct option_help *own,
                                  const struct option_help *common, struct args *a, struct err *e)
{
    const char *text = argv[*at] + 2, *equals = strchr(text, '=');
    struct str name = equals ? str_make(text, (size_t)(equals - text)) : str_from(text);
    const struct option_help *o = find(own, name);

    if (!o)
        o = find(common, name);
    if (!o)
        return no_option(name, own, common, e);
    if (a->n_options >= ARGS_MAX)
        return err_set(e, E_LIMIT, "too many options");
    if (!equals && o->argument && *at + 1 >= argc)
        return err_set(e, E_SYNTAX, "--%s needs %s behind it", o->name, o->argument);
    const char *value = NULL;
    if (!o->argument) {
        enum err_code rc = read_switch(o->name, equals, &value, e);
        if (rc != E_OK)
            return rc;
    } else {
        value = equals ? equals + 1 : argv[++*at];
    }
    if (o->argument && strcmp(o->argument, "N") == 0 && !is_number(value))
        return err_set(e, E_RANGE, "--%s takes a whole number, not '%s'", o->name, value);
    a->names[a->n_options] = o->name;
    a->values[a->n_options++] = value;
    return E_OK;
}

enum err_code args_parse(int argc, char **argv, const struct option_help *own,
                         const struct option_help *common, struct args *ret, struct err *e)
{
    static char help[] = "--help";
    struct args a = { .n_words = 0 };
    bool options = true;

    for (int i = 0; i < argc; i++) {
        if (options && strcmp(argv[i], "-h") == 0)
            argv[i] = help;
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && strncmp(argv[i], "--", 2) == 0) {
            enum err_code rc = parse_option(argc, argv, &i, own, common, &a, e);
            if (rc != E_OK)
                return rc;
        } else if (a.n_words >= ARGS_MAX) {
            return err_set(e, E_LIMIT, "too many words");
        } else {
            a.words[a.n_words++] = argv[i];
        }
    }
    *ret = a;
    return E_OK;
}

const char *args_get(const struct args *a, const char *name)
{
    for (int i = a->n_options - 1; i >= 0; i--)
        if (strcmp(a->names[i], name) == 0)
            return a->values[i];
    return NULL;
}

bool args_has(const struct args *a, const char *name)
{
    return args_get(a, name) != NULL;
}
