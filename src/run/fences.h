/* run/fences.h - which fences this runner has ever seen, for ever.
 *
 * A fence that is in the set is never started again (I2).  The set is a sorted list of ranges:
 * fences come from a counter, so it stays small; past FENCES_RANGES_MAX the oldest half becomes one
 * range.
 *
 * What a crash leaves.  Every fence is written to the file before its attempt starts, without
 * waiting for the disk: that survives the death of any process.  A crash of the machine can lose
 * the newest lines; for that a bound that is above every fence in the file is kept on the disk
 * proper, renewed every FENCES_BLOCK fences.  After such a crash a fence up to the old bound is
 * doubtful: it may have been started.
 */
#ifndef RUN_FENCES_H
#define RUN_FENCES_H

#include "base/buf.h"
#include "base/err.h"

enum { FENCES_RANGES_MAX = 1 << 16, FENCES_BLOCK = 4096 };
#define FENCE_MAX INT64_MAX /* as on the wire */

struct fence_range {
    uint64_t lo, hi;
}; /* both included */
struct fences {
    struct fence_range *ranges_;
    size_t len_, cap_;
    uint64_t bound_;    /* no fence in the file is above it */
    uint64_t doubtful_; /* fences up to here may have been started before the machine crashed */
    char *path_;
    char boot_[40];
    int fd_;
    int64_t at_, size_; /* of the next line; of the file */
};

/* Read the set from path, which is created when missing.  E_CORRUPT, E_IO. */
enum err_code fences_open(struct fences *f, const char *path, struct err *e) MUST_USE;
void fences_close(struct fences *f);
/* Make the file of a runner that has seen every fence below `end`, and knows nothing of them: for
 * the copy of a store, whose attempts ran elsewhere. */
enum err_code fences_make(const char *path, uint64_t end, struct err *e) MUST_USE;
bool fences_has(const struct fences *f, uint64_t fence);
/* It is not in the set, but may have been started before the machine crashed. */
bool fences_is_doubtful(const struct fences *f, uint64_t fence);
/* Add one and write it.  On failure it is not added: do not start it. */
enum err_code fences_add(struct fences *f, uint64_t fence, struct err *e) MUST_USE;

/* The text of the file, without the room behind it, and what it means; pure.  f is all zero but for
 * boot_ (of this start of the machine) and path_ (for messages).  E_CORRUPT: a whole line is none
 * of the file's; what is half a line at the end was cut short by a crash, and does not count. */
void fences_print(const struct fences *f, uint64_t bound, struct buf *out);
enum err_code fences_parse(struct fences *f, struct str text, struct err *e) MUST_USE;

#endif
