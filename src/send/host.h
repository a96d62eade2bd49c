/* send/host.h - which hosts a hook may be on: addresses are chosen by members of a project. */
#ifndef SEND_HOST_H
#define SEND_HOST_H

#include <sys/socket.h>

#include "base/str.h"

/* "a.example" of "http://a.example:80/x"; without the brackets of an IPv6 address. */
struct str host_of_url(struct str url);
/* Does the list "a.example,.b.example" (names, or what names end with) allow the address?  NULL or
 * empty: any host. */
bool host_is_allowed(const char *hosts, struct str url);
/* 169.254.0.0/16, fe80::/10: clouds have their metadata services there. */
bool host_is_link_local(const struct sockaddr *a);

#endif
