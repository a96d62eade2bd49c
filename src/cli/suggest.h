/* cli/suggest.h - "did you mean ...?": the known word that a mistyped one is nearest to.  Pure. */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

#include "base/str.h"

struct suggestion {
    struct str word;
    const char *best; /* borrowed from the offers */
    int distance;
};
void suggest_begin(struct suggestion *s, struct str word);
void suggest_offer(struct suggestion *s, const char *known);
/* The nearest of the offers, NULL when none is near: a third of its letters may be wrong. */
const char *suggest_best(const struct suggestion *s);

#endif
