/* base/jw.h - a streaming JSON writer into a buf.
 *
 * Compact output, commas by itself, strings escaped (valid UTF-8 is kept as it is; bytes that are
 * not UTF-8 become U+FFFD).  Inside an object every value follows a jw_key; misuse is a broken
 * assumption and aborts.  Nesting is limited to 32.
 */
#ifndef BASE_JW_H
#define BASE_JW_H

#include "base/buf.h"

struct jw {
    struct buf *out;        /* borrowed */
    uint32_t is_object_;    /* bit per level; private */
    uint32_t has_item_;
    int depth_;
    bool after_key_;
};

void jw_init(struct jw *w, struct buf *out);
void jw_object(struct jw *w);
void jw_object_end(struct jw *w);
void jw_array(struct jw *w);
void jw_array_end(struct jw *w);
void jw_key(struct jw *w, const char *key);
void jw_str(struct jw *w, struct str s);
void jw_cstr(struct jw *w, const char *text);     /* NULL writes null */
void jw_i64(struct jw *w, int64_t v);
void jw_u64(struct jw *w, uint64_t v);
void jw_f64(struct jw *w, double v);
void jw_bool(struct jw *w, bool v);
void jw_null(struct jw *w);
/* Text that is already a JSON value. */
void jw_raw(struct jw *w, struct str json);

/* key and value in one line */
void jw_kstr(struct jw *w, const char *key, struct str s);
void jw_kcstr(struct jw *w, const char *key, const char *text);
void jw_ki64(struct jw *w, const char *key, int64_t v);
void jw_ku64(struct jw *w, const char *key, uint64_t v);
void jw_kbool(struct jw *w, const char *key, bool v);
void jw_knull(struct jw *w, const char *key);
void jw_kraw(struct jw *w, const char *key, struct str json);

#endif
