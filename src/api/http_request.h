/* api/http_request.h - an HTTP request as the gateway took it: plain data, borrowed from the
 * connection. */
#ifndef API_HTTP_REQUEST_H
#define API_HTTP_REQUEST_H

#include "base/str.h"

enum { HTTP_HEADERS_MAX = 400 };
struct http_header {
    struct str name, value;
};
struct http_request {
    struct str method; /* "GET", "POST", ... */
    struct str path;   /* raw, before '?' */
    struct str query;  /* raw, behind '?'; empty when there is none */
    const struct http_header *headers;
    int n_headers;
    struct str body;
};

/* The first header of that name, case ignored; NULL when absent. */
const struct http_header *http_header(const struct http_request *r, struct str name);

#endif
