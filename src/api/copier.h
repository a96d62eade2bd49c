/* api/copier.h - threads of their own for calls that copy files, or write parts of them.
 *
 * A copy takes as long as its file is large.  The threads of the gateway serve many connections
 * each, so they do not copy: the call waits here, its connection suspended.  Two copies run at a
 * time, of one account one; the others wait in the order in which they came.  So who copies
 * gigabytes makes nobody wait but others who copy, and no single account makes those wait.
 */
#ifndef API_COPIER_H
#define API_COPIER_H

#include "base/err.h"
#include "base/list.h"
#include "base/str.h"

enum { COPIES_AT_ONCE = 2, COPIES_MAX = 64, COPIES_OF_ACCOUNT = 16 };

/* One call's work; its owner keeps it until run is called. */
struct copy {
    struct str account;
    void (*run)(struct copy *copy); /* on a thread of the copier; may free the copy and account */
    struct list node;               /* the copier's */
};

struct copier;

/* E_IO: no thread. */
enum err_code copier_new(struct copier **ret, struct err *e) MUST_USE;
/* Nothing may wait any more. */
void copier_free(struct copier *c);
/* Any thread.  E_BUSY: too many wait, or too many of the account; run is then not called. */
enum err_code copier_post(struct copier *c, struct copy *copy, struct err *e) MUST_USE;

#endif
