/* base/codec.h - text forms of bytes: hex, base64, percent-encoding, UUID. */
#ifndef BASE_CODEC_H
#define BASE_CODEC_H

#include "base/buf.h"

/* Lower-case hex; out holds 2*len+1 bytes and is terminated. */
void hex_encode(char *out, const void *ptr, size_t len);
bool hex_decode(struct str text, void *out, size_t out_len);      /* exact length, either case */
void base64_encode(struct buf *out, struct str bytes);            /* with padding, no line breaks */
/* Standard alphabet; white space is skipped, padding may be missing, bits left over must be zero.
 * False: not base64, nothing was added.  What does not fit into out is its overflow, as always. */
bool base64_decode(struct buf *out, struct str text);
/* %XX and, when plus_is_space, "+".  Escapes may be either case.  False: a broken one, nothing was
 * added. */
bool percent_decode(struct buf *out, struct str text, bool plus_is_space);
enum { UUID_LEN = 36 };
/* Lower-case UUID version 4 from 16 random bytes; out holds UUID_LEN+1. */
void uuid_format(char *out, const uint8_t random[16]);

#endif
