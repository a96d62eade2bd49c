/* send/letter.h - one notification on its way to one receiver, and what became of it. */
#ifndef SEND_LETTER_H
#define SEND_LETTER_H

#include "base/instant.h"
#include "base/str.h"
#include "model/alarm.h"

/* Texts are borrowed for the call that takes it. */
struct letter {
    int64_t id; /* of the delivery */
    enum alarm_way way;
    struct str target;  /* address of a hook, mail address or account */
    struct str subject; /* of a mail */
    struct str body;
    struct wall at;
};

enum letter_outcome {
    LETTER_TAKEN,
    LETTER_FAILED,  /* try again later */
    LETTER_REFUSED, /* by this server's settings: trying again is of no use */
};
enum { LETTER_ERROR_MAX = 300 };
struct letter_result {
    int64_t id;
    enum letter_outcome outcome;
    char error[LETTER_ERROR_MAX]; /* one line, valid UTF-8; empty when it was taken */
};

/* Where letters go.  Called on the engine thread after the commit; must not block.  False: it takes
 * no more now; the letter is offered again after the next result. */
struct letter_port {
    void *ctx;
    bool (*send)(void *ctx, const struct letter *l);
};

#endif
