/* run/record.h - what stays on disk of an attempt until its end is acknowledged:
 * DIR/attempts/<fence>.
 *
 * The keeper creates the file, holds a lock on it for as long as it keeps the attempt, and writes
 * two lines to it (wire.h): `running` when the program has started, `ended` when nothing of it is
 * left.  A line counts when it is whole.  So whoever finds the file knows all: locked, the attempt
 * lives; unlocked with `ended`, that is the result; unlocked without, its keeper died and the
 * attempt is lost.
 *
 * The file of an acknowledged attempt is renamed to DIR/attempts/spare.<n> and becomes the record
 * of a later one: making and deleting files at the rate of attempts is what costs most of an
 * attempt on some file systems.
 */
#ifndef RUN_RECORD_H
#define RUN_RECORD_H

#include "run/wire.h"

/* Paths are relative to the runner's folder, which is the working directory of runner and keepers.
 */
#define RECORD_FOLDER "attempts"

struct record {
    int fd_;
};

enum record_state { RECORD_NONE, RECORD_LIVE, RECORD_ENDED, RECORD_LOST };

enum { RECORD_SPARE_NONE = 0 };

/* Create the record of a fence and lock it; from a spare one unless that is RECORD_SPARE_NONE.
 * E_EXISTS: there is one; nothing may be started. */
enum err_code record_create(struct record *r, uint64_t fence, uint64_t spare,
                            struct err *e) MUST_USE;
/* Append a line. */
enum err_code record_add(struct record *r, struct str line, struct err *e) MUST_USE;
void record_close(struct record *r);

/* Look at the record of a fence.  E_LIMIT: it is larger than any that a keeper writes; E_IO, as
 * without descriptors: it may be readable later.  ret_running and ret_ended get the lines that are
 * there, kinds WIRE_UNKNOWN where not; what they point to lives in a. */
enum err_code record_look(uint64_t fence, struct arena *a, enum record_state *ret,
                          struct wire_message *ret_running, struct wire_message *ret_ended,
                          struct err *e) MUST_USE;
/* The content of a record; pure.  Lines that do not parse do not count, nor do those of another
 * fence, which a loss of power can bring back into what was a spare record; of each kind the last
 * one does.  *running and *ended stay where there is none. */
void record_parse(const struct buf *text, uint64_t fence, struct arena *a,
                  struct wire_message *running, struct wire_message *ended);
/* Write an end for an attempt that has no keeper; the record is created when there is none. */
enum err_code record_end(const struct attempt_end *end, struct err *e) MUST_USE;
void record_remove(uint64_t fence);
/* Make it the spare one of that number.  False: it could not, and is removed. */
bool record_make_spare(uint64_t fence, uint64_t spare);
/* The number of a spare record by the name of its file; RECORD_SPARE_NONE: it is none. */
uint64_t record_spare_number(const char *name);
void record_spare_remove(uint64_t spare);

#endif
