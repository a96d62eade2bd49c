/* cli/cmd_keys.c - `weft keys`: API keys and the accounts that they speak for (root keys only). */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "cli/table.h"

static int list(struct session *s)
{
    static const char *const titles[] = {
        "SECRET ID", "ACCOUNT", "NAME", "ENABLED", "CREATED", NULL
    };
    const json_t *item;
    struct table_text table;
    json_t *response;
    size_t i;
    int status = session_call(s, VERSION_WEFT, "ListKeys", json_object(), &response);

    if (status != EXIT_DONE)
        return status;
    const json_t *data = json_object_get(response, "Data");
    if (s->json) {
        print_json(data);
    } else {
        table_init(&table, &s->arena, titles);
        json_array_foreach(json_object_get(data, "Items"), i, item)
        {
            const char *cells[] = { member(s, item, "SecretId"), member(s, item, "Uin"),
                                    member(s, item, "Name"), member(s, item, "Enabled"),
                                    member(s, item, "CreateTime") };
            table_row(&table, cells);
        }
        table_print(&table, stdout);
    }
    json_decref(response);
    return EXIT_DONE;
}

static int act(struct session *s, const char *action, json_t *params)
{
    json_t *response;
    int status = session_call(s, VERSION_WEFT, action, params, &response);

    if (status != EXIT_DONE)
        return status;
    print_json(json_object_get(response, "Data"));
    json_decref(response);
    return EXIT_DONE;
}

static int run(struct session *s)
{
    const char *verb = s->args.words[0], *what = s->args.n_words > 1 ? s->args.words[1] : NULL;
    const char *name = args_get(&s->args, "name");

    if (strcmp(verb, "list") == 0 && !what)
        return list(s);
    if (strcmp(verb, "add") == 0 && what) {
        json_t *params = json_pack("{s:s}", "Uin", what);
        if (name)
            json_object_set_new(params, "Name", json_string(name));
        return act(s, "CreateKey", params);
    }
    if (strcmp(verb, "disable") == 0 && what)
        return act(s, "DisableKey", json_pack("{s:s}", "SecretId", what));
    if (strcmp(verb, "enable") == 0 && what)
        return act(s, "EnableKey", json_pack("{s:s}", "SecretId", what));
    if (strcmp(verb, "delete") == 0 && what)
        return act(s, "DeleteKey", json_pack("{s:s}", "SecretId", what));
    return session_fail(
        s, EXIT_USAGE,
        "keys list | keys add ACCOUNT [--name TEXT] | keys disable|enable|delete SECRET_ID");
}

static const struct option_help options[] = {
    { "name", "TEXT", "what the key is for" },
    { NULL, NULL, NULL },
};
const struct command command_keys = { "keys",
                                      "keys list|add ACCOUNT|disable ID|enable ID|delete ID",
                                      "API keys and their accounts",
                                      options,
                                      1,
                                      2,
                                      false,
                                      run };
