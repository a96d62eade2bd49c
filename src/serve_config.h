/* serve_config.h - the settings of `weft serve`: one table of options, each a flag, an environment
 * variable and a line of the configuration file.  A flag beats the environment, the environment
 * beats the file. */
#ifndef SERVE_CONFIG_H
#define SERVE_CONFIG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct serve_config {
    const char *listen, *data, *fixture, *tls_cert, *tls_key, *hosts, *regions, *run_as, *node,
        *log_level, *metrics, *metrics_token;
    const char *smtp, *smtp_from, *smtp_user, *smtp_password_file, *mail_domain, *alarm_hosts;
    int64_t rate_limit, threads, connections, slots, backfill_share, slow_ms, keep_days,
        resource_max_mb, resource_total_mb;
    bool as_root, log_json;
};

/* argv[0] is "serve".  E_SYNTAX or E_RANGE with a text for people; *ret_help: --help was asked for.
 */
enum err_code serve_config_read(int argc, char **argv, struct arena *a, struct serve_config *ret,
                                bool *ret_help, struct err *e) MUST_USE;
/* The help text, generated from the table. */
void serve_config_help(struct buf *out);

#endif
