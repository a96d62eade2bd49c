/* api/public_error.h - an error as a client sees it: code and message in both languages. */
#ifndef API_PUBLIC_ERROR_H
#define API_PUBLIC_ERROR_H

#include "base/err.h"

struct public_error {
    const char *code; /* a constant, e.g. "AuthFailure.SignatureFailure" */
    char en[ERR_TEXT_MAX + ERR_PATH_MAX + 16], zh[ERR_TEXT_MAX + ERR_PATH_MAX + 16];
};

/* Always false, so that a check can `return public_error_set(...)`. */
bool public_error_set(struct public_error *p, const char *code, const char *en, const char *zh, ...)
    PRINTF(3, 5) PRINTF(4, 5);
/* The public form of an internal error; what only the operator should know is left out. */
void public_error_from(struct public_error *p, const struct err *e);

#endif
