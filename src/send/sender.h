/* send/sender.h - carries letters: HTTP POST and SMTP, on a thread of its own, by libcurl.
 *
 * It keeps nothing: what it has not finished when it is stopped, or killed, is offered again by the
 * engine (engine/alarm.h), so a receiver may get a letter twice.  A letter takes at most
 * SENDER_SECONDS; at most SENDER_LETTERS_MAX are held at once.
 *
 * An address of a hook is chosen by members of a project (docs/security.md, "Alarms"): http and
 * https only, no redirects, only hosts that the setting allows, and never addresses that are only
 * valid on the link (169.254.0.0/16, fe80::/10), where clouds have their metadata services.
 */
#ifndef SEND_SENDER_H
#define SEND_SENDER_H

#include "base/err.h"
#include "send/letter.h"

struct sender;

enum { SENDER_LETTERS_MAX = 64, SENDER_SECONDS = 15, SENDER_CONNECT_SECONDS = 5 };

/* Texts are borrowed until sender_free. */
struct sender_config {
    const char *smtp; /* "smtp://host:25" or "smtps://host:465"; NULL: no mail */
    const char *smtp_from, *smtp_user, *smtp_password;
    const char *mail_domain; /* of receivers that are accounts; NULL: only addresses get mail */
    const char *hosts;       /* "a.example,.b.example": hosts of hooks, or what they end with; NULL:
                                any */
    /* On the sender's thread.  False: it is offered again a moment later. */
    bool (*result)(void *ctx, const struct letter_result *r);
    void *ctx;
};

/* E_RANGE: a setting makes no sense.  The thread is started; libcurl is, with the first
 * letter. */
enum err_code sender_start(const struct sender_config *config, struct sender **ret,
                           struct err *e) MUST_USE;
/* Any thread; the letter is copied.  False: it holds as many as it can. */
bool sender_send(struct sender *s, const struct letter *l);
/* Ends the thread and gives up what is under way: no more results come, and sender_send takes
 * nothing. NULL is accepted. */
void sender_stop(struct sender *s);
void sender_free(struct sender *s); /* stopped; NULL is accepted */

#endif
