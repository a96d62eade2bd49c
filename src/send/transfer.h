/* send/transfer.h - one letter on its way: what libcurl is told of it, and what came of it.  Only
 * for send/; the sender's thread, but for transfer_new. */
#ifndef SEND_TRANSFER_H
#define SEND_TRANSFER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/list.h"
#include "send/sender.h"
#include "sys/curl.h"

struct transfer {
    struct list link; /* in a list of the sender */
    struct letter letter;
    struct arena arena;      /* its texts */
    CURL *curl;              /* NULL until it is prepared */
    struct curl_slist *list; /* of headers, or of receivers */
    struct buf answer;
    struct buf mail;
    size_t mail_at;
    char what[CURL_ERROR_SIZE];
    struct letter_result result;
    bool link_local;
};

/* Copies the letter. */
struct transfer *transfer_new(const struct letter *l);
/* Makes its handle, to be carried by whoever drives libcurl.  False: it has ended, by its result.
 */
bool transfer_prepare(struct transfer *t, const struct sender_config *o);
/* libcurl ended so. */
void transfer_end(struct transfer *t, CURLcode code);
void transfer_free(struct transfer *t);

#endif
