/* cli/option_param.c - options as parameters of calls. */
#include "cli/option_param.h"

#include <stdio.h>
#include <string.h>

#include "cal/civil.h"

void option_names(struct session *s, const char *option, const char *field)
{
    bool known = false;

    for (int i = 0; i < s->n_named; i++)
        known |= strcmp(s->named[i].field, field) == 0;
    if (known || !args_has(&s->args, option) || s->n_named >= NAMED_MAX)
        return;
    s->named[s->n_named].option = option;
    s->named[s->n_named++].field = field;
}

void option_text(struct session *s, json_t *params, const char *option, const char *field)
{
    const char *value = args_get(&s->args, option);

    if (!value)
        return;
    json_object_set_new(params, field, json_string(value));
    option_names(s, option, field);
}

const char *option_whole_time(struct session *s, const char *time, bool end)
{
    struct civil day;

    if (civil_parse_date(str_from(time), &day, NULL) != E_OK)
        return time;
    return arena_printf(&s->arena, "%s %s", time, end ? "23:59:59" : "00:00:00").ptr;
}

void option_time(struct session *s, json_t *params, const char *option, const char *field, bool end)
{
    const char *value = args_get(&s->args, option);

    if (!value)
        return;
    json_object_set_new(params, field, json_string(option_whole_time(s, value, end)));
    option_names(s, option, field);
}

/* The field itself, or something in it. */
static bool is_in(struct str field, const char *named)
{
    size_t n = strlen(named);

    return str_starts_with(field, str_from(named)) && (field.len == n || field.ptr[n] == '.');
}

void option_tell(const struct session *s, struct refusal *why)
{
    char message[sizeof(why->message)];
    struct str rest = str_from(why->message);

    if (rest.len == 0 || rest.ptr[0] != '`')
        return;
    rest = str_sub(rest, 1, rest.len);
    struct str field = str_split(&rest, '`');
    for (int i = s->n_named - 1; i >= 0 && rest.ptr; i--) {
        if (!is_in(field, s->named[i].field))
            continue;
        snprintf(message, sizeof(message), "`%.*s` (--%s)%.*s", STR_ARG(field), s->named[i].option,
                 STR_ARG(rest));
        struct str whole = str_whole(str_from(message));
        memcpy(why->message, whole.ptr, whole.len);
        why->message[whole.len] = '\0';
        return;
    }
}
