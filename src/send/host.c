/* send/host.c - which hosts a hook may be on. */
#include "send/host.h"

#include <netinet/in.h>

struct str host_of_url(struct str url)
{
    ptrdiff_t at = str_find(url, STR("://"));
    struct str host;

    url = at < 0 ? STR("") : str_sub(url, (size_t)at + 3, url.len);
    for (size_t i = 0; i < url.len; i++)
        if (str_find_char(STR("/?#"), url.ptr[i]) >= 0)
            url.len = i;
    if (url.len > 0 && url.ptr[0] == '[')
        return str_sub(url, 1,
                       (size_t)(str_find_char(url, ']') < 1 ? 1 : str_find_char(url, ']')) - 1);
    host = url;
    return str_split(&host, ':');
}

bool host_is_allowed(const char *hosts, struct str url)
{
    struct str rest = str_from(hosts), host = host_of_url(url);

    if (!hosts || hosts[0] == '\0')
        return true;
    while (rest.ptr) {
        struct str one = str_trim(str_split(&rest, ','));
        size_t n = one.len;
        if (n == 0)
            continue;
        if (one.ptr[0] == '.' ? host.len > n && str_ieq(str_sub(host, host.len - n, n), one)
                              : str_ieq(host, one))
            return true;
    }
    return false;
}

bool host_is_link_local(const struct sockaddr *a)
{
    const struct sockaddr_in *v4 = (const void *)a;
    const struct sockaddr_in6 *v6 = (const void *)a;

    if (a->sa_family == AF_INET)
        return ntohl(v4->sin_addr.s_addr) >> 16 == 0xa9fe;
    if (a->sa_family != AF_INET6)
        return false;
    if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
        return v6->sin6_addr.s6_addr[12] == 0xa9 && v6->sin6_addr.s6_addr[13] == 0xfe;
    return IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr);
}
