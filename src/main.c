/* main.c - finds the subcommand: the server, the runner, the backup, or a client command. */
#include <stdio.h>
#include <string.h>

#include "backup.h"
#include "cli/cli.h"
#include "model/json_text.h"
#include "run/runner.h"
#include "serve.h"

static const char runner_usage[] =
    "usage: weft runner --dir DIR [--run-as USER] [--as-root] [--stop]\n"
    "Starts attempts for a server; `weft serve` starts one by itself (DIR is its data "
    "folder's runner/).\n--stop ends the one that runs there; its attempts go on.\n";

static int runner(int argc, char **argv)
{
    struct runner_config config = { .dir = NULL };
    bool stop = false;

    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(runner_usage, stdout);
        return 0;
    }

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--stop") == 0)
            stop = true;
        else if (strcmp(argv[i], "--as-root") == 0)
            config.as_root_user = true;
        else if (strcmp(argv[i], "--dir") == 0 && i + 1 < argc)
            config.dir = argv[++i];
        else if (strcmp(argv[i], "--run-as") == 0 && i + 1 < argc)
            config.run_as = argv[++i];
        else
            config.dir = NULL, i = argc;
    }
    if (!config.dir) {
        fputs(runner_usage, stderr);
        return 2;
    }
    return stop ? runner_stop(config.dir) : runner_main(&config);
}

int main(int argc, char **argv)
{
    json_take_memory();
    if (argc >= 2 && strcmp(argv[1], "serve") == 0)
        return serve_main(argc - 1, argv + 1);
    if (argc >= 2 && strcmp(argv[1], "backup") == 0)
        return backup_main(argc - 1, argv + 1);
    if (argc >= 2 && strcmp(argv[1], "runner") == 0)
        return runner(argc - 1, argv + 1);
    return cli_main(argc, argv);
}
