/* send/mail.c - a letter as an Internet message. */
#include "send/mail.h"

#include "base/codec.h"
#include "cal/zone.h"

enum { WORD_BYTES = 42 /* of text in one encoded word, which is at most 75 characters */ };

bool mail_address(struct str target, const char *domain, struct buf *out)
{
    buf_add_str(out, target);
    if (str_find_char(target, '@') >= 0)
        return true;
    if (!domain || domain[0] == '\0')
        return false;
    buf_printf(out, "@%s", domain);
    return true;
}

/* Encoded words, cut between characters. */
static void add_words(struct buf *out, struct str text)
{
    bool first = true;

    while (text.len > 0) {
        struct str part = str_whole(str_sub(text, 0, WORD_BYTES));
        if (part.len == 0)
            part = str_sub(text, 0, 1);
        buf_add_c(out, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        base64_encode(out, part);
        buf_add_c(out, "?=");
        text = str_sub(text, part.len, text.len);
        first = false;
    }
}

static void add_date(struct buf *out, struct wall at)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    struct civil c = zone_to_civil(zone_utc(), at);
    struct civil_parts p = civil_split(c);

    buf_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[civil_weekday(c) - 1],
               p.day, months[p.month - 1], p.year, p.hour, p.minute, p.second);
}

static void add_body(struct buf *out, struct str body)
{
    struct buf text;

    buf_init(&text, 1 << 20);
    base64_encode(&text, body);
    for (size_t at = 0; at < text.len; at += 76) {
        buf_add_str(out, str_sub(buf_str(&text), at, 76));
        buf_add_c(out, "\r\n");
    }
    buf_done(&text);
}

void mail_write(const struct letter *l, const char *from, struct str to, struct buf *out)
{
    struct str domain = str_from(from);
    ptrdiff_t at = str_rfind_char(domain, '@');

    domain = at >= 0 ? str_sub(domain, (size_t)at + 1, domain.len) : STR("weft");
    buf_printf(out, "From: <%s>\r\nTo: <%.*s>\r\nSubject: ", from, STR_ARG(to));
    add_words(out, l->subject);
    buf_add_c(out, "\r\n");
    add_date(out, l->at);
    /* The same each time it is sent, so that a mail program can tell that it has it already. */
    buf_printf(out, "Message-ID: <weft-alarm-%lld@%.*s>\r\n", (long long)l->id, STR_ARG(domain));
    buf_add_c(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                   "Content-Type: text/plain; charset=utf-8\r\n"
                   "Content-Transfer-Encoding: base64\r\n\r\n");
    add_body(out, l->body);
}
