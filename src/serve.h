/* serve.h - `weft serve`: opens the store, starts the engine and the gateway, and ends them in
 * order. */
#ifndef SERVE_H
#define SERVE_H

/* argv[0] is "serve"; returns the exit status: 0 ended by a signal, 1 could not start, 2 usage. */
int serve_main(int argc, char **argv);

#endif
