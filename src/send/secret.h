/* send/secret.h - what of an address must not be repeated: those of robots have their keys in path
 * and query, and servers like to say in an error which address they did not know. */
#ifndef SEND_SECRET_H
#define SEND_SECRET_H

#include "base/str.h"

/* Shorter parts of an address are words, such as "hook" or "send". */
enum { SECRET_MIN = 8 };

/* Overwrites with '*', in `len` bytes of text, whatever stands in the address behind its host:
 * parts between / ? & = # of at least SECRET_MIN bytes. */
void secret_blot(struct str url, char *text, size_t len);

#endif
