/* send/mail.h - a letter as an Internet message (RFC 5322, 2045, 2047). */
#ifndef SEND_MAIL_H
#define SEND_MAIL_H

#include "base/buf.h"
#include "send/letter.h"

/* The receiver's mail address: the target itself where it is one, else target@domain.  False: it is
 * an account, and there is no domain. */
bool mail_address(struct str target, const char *domain, struct buf *out);
/* Head and body, lines ended by CR LF. */
void mail_write(const struct letter *l, const char *from, struct str to, struct buf *out);

#endif
