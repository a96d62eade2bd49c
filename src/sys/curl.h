/* sys/curl.h - libcurl, opened when there is something to send.
 *
 * It brings some twenty libraries along (for LDAP, Kerberos, SSH and what else it can do), and
 * loading them was a third of the start of a program.  A server that sends no alarms never needs
 * one of them, nor does the runner, nor a command that asks no server.  So the program is not
 * linked with it: <curl/curl.h> is used as ever, and its functions are those of curl.c, which hands
 * them on to the library.
 */
#ifndef SYS_CURL_H
#define SYS_CURL_H

#include <curl/curl.h>

#include "base/err.h"

/* Before any of its functions is called; again is cheap, and after a failure may succeed.  From one
 * thread at a time.  E_UNSUPPORTED: the library is not there, or too old. */
enum err_code curl_library_open(struct err *e) MUST_USE;

#endif
