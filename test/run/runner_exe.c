/* test/run/runner_exe.c - the runner alone, started by the client in tests with the arguments of
 * `weft runner`. */
#include <stdlib.h>
#include <string.h>

#include "run/runner.h"

int main(int argc, char **argv)
{
    const char *log_max = getenv("TEST_LOG_BYTES_MAX");
    struct runner_config config = { .log_bytes_max = log_max ? atoll(log_max) : 0 };

    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--as-root") == 0)
            config.as_root_user = true;
        else if (strcmp(argv[i], "--dir") == 0 && i + 1 < argc)
            config.dir = argv[++i];
        else if (strcmp(argv[i], "--run-as") == 0 && i + 1 < argc)
            config.run_as = argv[++i];
    }
    return config.dir ? runner_main(&config) : 2;
}
