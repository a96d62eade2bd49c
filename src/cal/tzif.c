/* cal/tzif.c - reading TZif bytes (RFC 9636). */
#include "cal/tzif.h"

#include <string.h>

#include "cal/civil.h"
#include "cal/tz_rule.h"

enum { HEADER_LEN = 44, TYPE_LEN = 6, OFFSET_MAX = 26 * CIVIL_HOUR };

struct header {
    int version; /* 1.. */
    uint32_t isut, isstd, leap, time, type, chars;
};

static uint32_t be32(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;

    return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

static int64_t be_time(const char *p, size_t width)
{
    if (width == 4)
        return (int32_t)be32(p);
    return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

static enum err_code read_header(struct str bytes, size_t at, struct header *ret, struct err *e)
{
    const char *p = bytes.ptr + at;
    char version;

    if (bytes.len < at || bytes.len - at < HEADER_LEN || memcmp(p, "TZif", 4) != 0)
        return err_set(e, E_CORRUPT, "the zone has no TZif header");
    version = p[4];
    if (version != '\0' && (version < '2' || version > '9'))
        return err_set(e, E_UNSUPPORTED, "the zone has an unknown TZif version");
    ret->version = version == '\0' ? 1 : version - '0';
    ret->isut = be32(p + 20);
    ret->isstd = be32(p + 24);
    ret->leap = be32(p + 28);
    ret->time = be32(p + 32);
    ret->type = be32(p + 36);
    ret->chars = be32(p + 40);
    if (ret->time > TZIF_TRANSITIONS_MAX || ret->type > 256 || ret->type == 0 ||
        ret->chars > 4096 || ret->leap > 1000 || (ret->isut != 0 && ret->isut != ret->type) ||
        (ret->isstd != 0 && ret->isstd != ret->type))
        return err_set(e, E_CORRUPT, "the zone has impossible counts in its TZif header");
    return E_OK;
}

static size_t block_len(const struct header *h, size_t width)
{
    return h->time * (width + 1) + h->type * TYPE_LEN + h->chars + h->leap * (width + 4) +
           h->isstd + h->isut;
}

/* No struct wall lies beyond this, in seconds.  Files do have transitions there: some compilers of
 * zones write one at the beginning of the universe. */
static const int64_t instant_max = INT64_MAX / 1000000;

/* Appends a change of the offset; it replaces those at or after its instant, and is left out when
 * it changes nothing.  One before all instants says what holds at the first of them, one behind
 * them says nothing. */
static void add(struct tzif_table *t, int64_t at, int32_t offset)
{
    size_t cap = t->cap_;

    if (at > instant_max)
        return;
    if (at < -instant_max) {
        t->before = offset;
        return;
    }
    while (t->n > 0 && t->at[t->n - 1] >= at)
        t->n--;
    if ((t->n > 0 ? t->offset[t->n - 1] : t->before) == offset)
        return;
    t->at = mem_grow(t->at, &cap, t->n + 1, sizeof(*t->at));
    t->offset = mem_grow(t->offset, &t->cap_, t->n + 1, sizeof(*t->offset));
    t->at[t->n] = at;
    t->offset[t->n++] = offset;
}

static enum err_code read_offset(const char *types, uint32_t i, int32_t *ret, struct err *e)
{
    int32_t offset = (int32_t)be32(types + (size_t)i * TYPE_LEN);

    if (offset < -OFFSET_MAX || offset > OFFSET_MAX)
        return err_set(e, E_CORRUPT, "the zone has an impossible offset from UTC");
    *ret = offset;
    return E_OK;
}

static enum err_code read_block(const char *p, const struct header *h, size_t width,
                                struct tzif_table *t, struct err *e)
{
    const char *indexes = p + h->time * width;
    const char *types = indexes + h->time;
    int64_t last = INT64_MIN;
    enum err_code rc = read_offset(types, 0, &t->before, e);

    for (uint32_t i = 0; rc == E_OK && i < h->time; i++) {
        int64_t at = be_time(p + i * width, width);
        unsigned char type = (unsigned char)indexes[i];
        int32_t offset = 0;
        if (type >= h->type || (i > 0 && at <= last))
            return err_set(e, E_CORRUPT, "transition %u of the zone is broken", (unsigned)i);
        rc = read_offset(types, type, &offset, e);
        if (rc == E_OK)
            add(t, at, offset);
        last = at;
    }
    return rc;
}

/* Writes the rules of the footer out as transitions, after the last one of the file. */
static void add_rule(struct tzif_table *t, const struct tz_rule *r, bool has_transitions,
                     int64_t last)
{
    int year = 1900;

    if (!r->has_daylight)
        return; /* the last offset of the file stays */
    if (!has_transitions)
        t->before = r->standard;
    else if (last > civil_make(year, 1, 1, 0, 0, 0).s)
        year = civil_split((struct civil){ last }).year - 1;
    for (; year <= TZIF_YEAR_END; year++) {
        int64_t start = tz_rule_start(r, year), end = tz_rule_end(r, year);
        for (int i = 0; i < 2; i++) {
            bool is_start = (start <= end) == (i == 0);
            int64_t at = is_start ? start : end;
            if (!has_transitions || at > last)
                add(t, at, is_start ? r->daylight : r->standard);
        }
    }
}

/* "\nTZ string\n" behind the 64-bit block; the string may be empty. */
static enum err_code read_footer(struct str footer, struct tz_rule *ret, bool *ret_found,
                                 struct err *e)
{
    ptrdiff_t end;

    if (footer.len < 2 || footer.ptr[0] != '\n')
        return err_set(e, E_CORRUPT, "the zone has no footer");
    footer = str_sub(footer, 1, footer.len);
    end = str_find_char(footer, '\n');
    if (end < 0)
        return err_set(e, E_CORRUPT, "the footer of the zone has no end");
    *ret_found = end > 0;
    return end > 0 ? tz_rule_parse(str_sub(footer, 0, (size_t)end), ret, e) : E_OK;
}

/* Of the file's transitions, within the instants that there are. */
static int64_t last_time(const char *block, const struct header *h, size_t width)
{
    int64_t last = h->time == 0 ? 0 : be_time(block + (h->time - 1) * width, width);

    return last > instant_max ? instant_max : last < -instant_max ? -instant_max : last;
}

/* Civil time must know its way around a change: whatever its offset jumps by, a period begins later
 * by the clock than the one before it, and ends later. */
static enum err_code check_order(const struct tzif_table *t, struct err *e)
{
    for (size_t i = 1; i < t->n; i++) {
        int32_t older = i > 1 ? t->offset[i - 2] : t->before;
        int64_t apart = t->at[i] - t->at[i - 1];
        if (apart + t->offset[i] - t->offset[i - 1] < 0 || apart + t->offset[i - 1] - older < 0)
            return err_set(e, E_CORRUPT, "the zone jumps to and fro within its own offset");
    }
    return E_OK;
}

enum err_code tzif_parse(struct str bytes, struct tzif_table *ret, struct err *e)
{
    struct tzif_table t = { 0 };
    struct tz_rule rule = { 0 };
    bool has_rule = false;
    struct header h;
    size_t at = 0, width = 4;
    enum err_code rc = read_header(bytes, 0, &h, e);

    if (rc == E_OK && h.version >= 2) {
        at = HEADER_LEN + block_len(&h, 4);
        width = 8;
        rc = read_header(bytes, at, &h, e);
    }
    if (rc != E_OK)
        return rc;
    at += HEADER_LEN;
    if (h.leap != 0)
        return err_set(e, E_UNSUPPORTED, "the zone counts leap seconds");
    if (bytes.len - at < block_len(&h, width))
        return err_set(e, E_CORRUPT, "the zone ends inside its data");
    rc = read_block(bytes.ptr + at, &h, width, &t, e);
    if (rc == E_OK && width == 8)
        rc = read_footer(str_sub(bytes, at + block_len(&h, width), bytes.len), &rule, &has_rule, e);
    if (rc == E_OK && has_rule)
        add_rule(&t, &rule, h.time > 0, last_time(bytes.ptr + at, &h, width));
    if (rc == E_OK)
        rc = check_order(&t, e);
    if (rc != E_OK) {
        tzif_done(&t);
        return rc;
    }
    *ret = t;
    return E_OK;
}

void tzif_done(struct tzif_table *t)
{
    mem_free(t->at);
    mem_free(t->offset);
    *t = (struct tzif_table){ 0 };
}
