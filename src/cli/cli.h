/* cli/cli.h - the client commands: everything that `weft` does besides serving and running.
 *
 * They use the public API only.  Endpoint and keys: --endpoint, --secret-id, --secret-key, else
 * WEFT_ENDPOINT, WEFT_SECRET_ID, WEFT_SECRET_KEY, else root.key of --data DIR (WEFT_DATA,
 * weft-data).
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

/* argv as main got it.  Exit status: see the table of help.c, which weft help prints. */
int cli_main(int argc, char **argv);

#endif
