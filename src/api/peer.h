/* api/peer.h - who is at the other end of a connection. */
#ifndef API_PEER_H
#define API_PEER_H

#include <stdbool.h>
#include <sys/socket.h>

enum { PEER_TEXT_MAX = 64 };

/* The address without the port, "192.0.2.1" or "2001:db8::1"; an IPv4 address stays one when it
 * comes through an IPv6 socket.  "" where there is none. */
void peer_format(const struct sockaddr *address, char ret[PEER_TEXT_MAX]);
/* Of this machine: 127.0.0.0/8, ::1. */
bool peer_is_loopback(const struct sockaddr *address);

#endif
