/* cli/cmd_audit.c - `weft audit`: who changed what. */
#include "cli/command.h"

#include <stdio.h>

#include "cli/option_param.h"
#include "cli/table.h"

static void print_records(struct session *s, const json_t *data)
{
    static const char *const titles[] = { "TIME",   "ACCOUNT", "SOURCE",  "ACTION",
                                          "RESULT", "PROJECT", "OBJECTS", NULL };
    const char *next = member(s, data, "NextCursor");
    struct table_text table;
    const json_t *item;
    size_t i;

    table_init(&table, &s->arena, titles);
    json_array_foreach(json_object_get(data, "Items"), i, item)
    {
        const char *cells[] = { member(s, item, "Time"),   member(s, item, "Account"),
                                member(s, item, "Source"), member(s, item, "Action"),
                                member(s, item, "Result"), member(s, item, "ProjectId"),
                                member(s, item, "Objects") };
        table_row(&table, cells);
    }
    table_print(&table, stdout);
    if (next)
        printf("more: --cursor %s\n", next);
}

static int run_audit(struct session *s)
{
    const char *size = args_get(&s->args, "size");
    json_t *response, *params = json_object();
    int64_t n = 0;

    if (s->project)
        json_object_set_new(params, "ProjectId", json_string(s->project));
    option_time(s, params, "from", "StartTime", false);
    option_time(s, params, "to", "EndTime", true);
    option_text(s, params, "account", "Account");
    option_text(s, params, "action", "Action");
    option_text(s, params, "result", "Result");
    option_text(s, params, "cursor", "Cursor");
    if (size && str_to_i64(str_from(size), &n))
        json_object_set_new(params, "PageSize", json_integer(n));
    option_names(s, "size", "PageSize");
    int status = session_call(s, VERSION_WEFT, "ListAuditRecords", params, &response);
    if (status != EXIT_DONE)
        return status;
    if (s->json)
        print_json(json_object_get(response, "Data"));
    else
        print_records(s, json_object_get(response, "Data"));
    json_decref(response);
    return EXIT_DONE;
}

static const struct option_help audit_options[] = {
    { "from", "TIME", "at or after 'yyyy-MM-dd HH:mm:ss', UTC+8, or from yyyy-MM-dd on" },
    { "to", "TIME", "at or before it; a date: to its end" },
    { "account", "UIN", "by this account" },
    { "action", "NAME", "of this action" },
    { "result", "CODE", "with this code: OK, REFUSED (any other), or one code" },
    { "size", "N", "records per page [50]" },
    { "cursor", "TEXT", "the page behind the one that named it" },
    { NULL, NULL, NULL },
};
const struct command command_audit = { "audit",
                                       "audit [--from TIME] [--account UIN]",
                                       "who changed what, the newest first",
                                       audit_options,
                                       0,
                                       0,
                                       false,
                                       run_audit };
