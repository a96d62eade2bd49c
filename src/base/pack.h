/* base/pack.h - numbers and texts one after another in one text, quick to read again.
 *
 * A number is its decimal digits and a blank; a text is its length as a number, its bytes and a
 * blank.  There are no names: reader and writer agree on the order.  The result is text where the
 * texts are, so it can be kept and looked at wherever text can.
 */
#ifndef BASE_PACK_H
#define BASE_PACK_H

#include "base/buf.h"

void pack_number(struct buf *out, int64_t v);
void pack_text(struct buf *out, struct str text);

/* What is left to read; after a mistake `bad`, and everything that follows reads as the least and
 * as empty, so a reader may look once at the end. */
struct unpack {
    struct str rest;
    bool bad;
};
/* A number from least to most; any other is a mistake. */
int64_t unpack_number(struct unpack *u, int64_t least, int64_t most);
/* Borrowed from what is read. */
struct str unpack_text(struct unpack *u);
/* Was everything well, and read? */
bool unpack_ended(const struct unpack *u);

#endif
