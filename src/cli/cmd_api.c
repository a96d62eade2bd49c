/* cli/cmd_api.c - `weft api`: signs and sends any call. */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/file.h"

enum { BODY_MAX = 10 << 20 };

static enum err_code read_body(const char *where, struct buf *out, struct err *e)
{
    if (!where) {
        buf_add_c(out, "{}");
        return E_OK;
    }
    if (where[0] == '{') {
        buf_add_c(out, where);
        return E_OK;
    }
    return file_read(strcmp(where, "-") == 0 ? "/dev/stdin" : where, out, e);
}

/* The server, which knows what the action takes, found no ProjectId; so nothing was done. */
static bool misses_project(const struct refusal *refused)
{
    return strcmp(refused->code, "MissingParameter") == 0 &&
           str_find(str_from(refused->message), STR("`ProjectId`")) >= 0;
}

static enum err_code add_project(const struct session *s, struct buf *body)
{
    json_t *params = json_loadb(body->ptr, body->len, JSON_REJECT_DUPLICATES, NULL);
    char *text;

    if (!json_is_object(params) || json_object_get(params, "ProjectId"))
        return json_decref(params), E_SYNTAX;
    json_object_set_new(params, "ProjectId", json_string(s->project));
    text = json_dumps(params, JSON_COMPACT);
    buf_reset(body);
    buf_add_c(body, text);
    free(text); /* lint: jansson's own memory */
    json_decref(params);
    return E_OK;
}

static int run(struct session *s)
{
    const char *version = args_get(&s->args, "version");
    struct buf body;
    struct refusal refused;
    struct err e = ERR_INIT;
    json_t *response = NULL;
    int status = EXIT_DONE;

    if (!version)
        version = VERSION_2025;

    buf_init(&body, BODY_MAX);
    if (read_body(args_get(&s->args, "json"), &body, &e) != E_OK) {
        fprintf(stderr, "weft: %s\n", e.text);
        buf_done(&body);
        return EXIT_USAGE;
    }
    /* The body goes out byte for byte, so that what was recorded elsewhere replays unchanged. */
    enum err_code rc =
        client_call(s->client, version, s->args.words[0], buf_str(&body), &response, &refused, &e);
    if (rc == E_DENIED && s->project && misses_project(&refused) && add_project(s, &body) == E_OK)
        rc = client_call(s->client, version, s->args.words[0], buf_str(&body), &response, &refused,
                         &e);
    if (rc == E_OK) {
        print_json(response);
        json_decref(response);
    } else {
        fprintf(stderr, "weft: %s\n", e.text);
        if (rc == E_DENIED)
            fprintf(stderr, "      (request %s)\n", refused.request_id);
        status = rc == E_DENIED ? EXIT_REFUSED : EXIT_UNREACHABLE;
    }
    buf_done(&body);
    return status;
}

static const struct option_help options[] = {
    { "version", "V",
      "API version [2025-08-06]; 2021-08-20 for events, weft-1 for weft's own actions" },
    { "json", "FILE",
      "the parameters: a file, - for standard input, or the JSON object itself [{}]; an action "
      "that misses ProjectId gets that of --project" },
    { NULL, NULL, NULL },
};
const struct command command_api = { .name = "api",
                                     .usage = "api ACTION [--version V] [--json FILE|-|JSON]",
                                     .help = "sign and send any call; prints the Response",
                                     .options = options,
                                     .words_min = 1,
                                     .words_max = 1,
                                     .run = run };
