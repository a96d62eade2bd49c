/* api/peer.c - who is at the other end of a connection. */
#include "api/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* The four bytes of an IPv4 address, also of one inside an IPv6 one; NULL: it is another. */
static const uint8_t *v4_bytes(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return (const uint8_t *)&((const struct sockaddr_in *)(const void *)address)->sin_addr;
    if (address->sa_family != AF_INET6)
        return NULL;
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    return IN6_IS_ADDR_V4MAPPED(v6) ? v6->s6_addr + 12 : NULL;
}

void peer_format(const struct sockaddr *address, char ret[PEER_TEXT_MAX])
{
    const uint8_t *v4 = address ? v4_bytes(address) : NULL;

    ret[0] = '\0';
    if (v4)
        inet_ntop(AF_INET, v4, ret, PEER_TEXT_MAX);
    else if (address && address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, ret,
                  PEER_TEXT_MAX);
}

bool peer_is_loopback(const struct sockaddr *address)
{
    const uint8_t *v4 = address ? v4_bytes(address) : NULL;

    if (v4)
        return v4[0] == 127;
    return address && address->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}
