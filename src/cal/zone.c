/* cal/zone.c - zones as tables of offsets, and the cache of those that were asked for. */
#include "cal/zone.h"

#include <pthread.h>
#include <stdio.h>

#include "base/map.h"
#include "cal/tzif.h"

enum {
    NAME_MAX_LEN = 64,
    FILE_MAX_BYTES = 256 * 1024,
    OFFSET_MIN = -12 * 60,
    OFFSET_MAX = 14 * 60
};
/* No two offsets of a zone lie further apart than this, in seconds. */
enum { OFFSETS_APART_MAX = 52 * CIVIL_HOUR };

struct zone {
    char *name;              /* owned */
    struct tzif_table table; /* n == 0: `before` is the fixed offset */
};

static char utc_name[] = "UTC";
static char default_name[] = "UTC+8";
static const struct zone utc = { utc_name, { .before = 0 } };
static const struct zone utc_plus_8 = { default_name, { .before = 8 * CIVIL_HOUR } };

/* Written once at start, before there are threads. */
static zone_loader *loader;
static void *loader_ctx;

static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;
static struct map cache; /* name -> struct zone, never removed; under cache_lock */
static bool cache_ready;

void zone_set_loader(zone_loader *load, void *ctx)
{
    loader = load;
    loader_ctx = ctx;
}

const struct zone *zone_utc(void)
{
    return &utc;
}

const struct zone *zone_default(void)
{
    return &utc_plus_8;
}

const char *zone_name(const struct zone *z)
{
    return z->name;
}

bool zone_is_fixed(const struct zone *z)
{
    return z->table.n == 0;
}

void zone_free(struct zone *z)
{
    if (z == NULL)
        return;
    tzif_done(&z->table);
    mem_free(z->name);
    mem_free(z);
}

enum err_code zone_parse_tzif(struct str name, struct str bytes, struct zone **ret, struct err *e)
{
    struct tzif_table table;
    enum err_code rc = tzif_parse(bytes, &table, e);

    if (rc != E_OK)
        return rc;
    *ret = NEW(struct zone);
    (*ret)->name = mem_strdup(name);
    (*ret)->table = table;
    return E_OK;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* One or two digits at *at. */
static bool small_number(struct str s, size_t *at, int *ret)
{
    size_t from = *at;
    int v = 0;

    while (*at < s.len && *at - from < 2 && is_digit(s.ptr[*at]))
        v = v * 10 + (s.ptr[(*at)++] - '0');
    *ret = v;
    return *at > from;
}

/* "UTC", "UTC+h", "UTC-hh:mm" as minutes east. */
static bool parse_fixed(struct str name, int *ret_minutes)
{
    size_t at = 4;
    int hours, minutes = 0;
    bool minus;

    if (str_eq_c(name, "UTC")) {
        *ret_minutes = 0;
        return true;
    }
    if (name.len < 5 || !str_starts_with(name, STR("UTC")) ||
        (name.ptr[3] != '+' && name.ptr[3] != '-'))
        return false;
    minus = name.ptr[3] == '-';
    if (!small_number(name, &at, &hours))
        return false;
    if (at < name.len) {
        size_t colon = at++;
        if (name.ptr[colon] != ':' || !small_number(name, &at, &minutes) || at != colon + 3 ||
            at != name.len)
            return false;
    }
    if (minutes > 59)
        return false;
    minutes += hours * 60;
    minutes = minus ? -minutes : minutes;
    if (minutes < OFFSET_MIN || minutes > OFFSET_MAX)
        return false;
    *ret_minutes = minutes;
    return true;
}

static void fixed_name(int minutes, char out[NAME_MAX_LEN])
{
    int size = minutes < 0 ? -minutes : minutes;

    if (minutes == 0)
        snprintf(out, NAME_MAX_LEN, "UTC");
    else if (size % 60 == 0)
        snprintf(out, NAME_MAX_LEN, "UTC%c%d", minutes < 0 ? '-' : '+', size / 60);
    else
        snprintf(out, NAME_MAX_LEN, "UTC%c%02d:%02d", minutes < 0 ? '-' : '+', size / 60,
                 size % 60);
}

/* A relative path of plain names: it can lead nowhere but below the folder of the zones. */
static bool is_plain_name(struct str name)
{
    bool at_start = true;

    if (name.len == 0 || name.len >= NAME_MAX_LEN)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (at_start && !letter)
            return false;
        if (!letter && !is_digit(c) && c != '_' && c != '-' && c != '+' && c != '/')
            return false;
        at_start = c == '/';
    }
    return !at_start;
}

static enum err_code load(const char *name, struct zone **ret, struct err *e)
{
    struct buf bytes;
    enum err_code rc;

    if (loader == NULL)
        return err_set(e, E_MISSING, "no zones are installed");
    buf_init(&bytes, FILE_MAX_BYTES);
    rc = loader(loader_ctx, name, &bytes, e);
    if (rc == E_OK)
        rc = zone_parse_tzif(str_from(name), buf_str(&bytes), ret, e);
    buf_done(&bytes);
    return rc;
}

static struct zone *fixed_zone(const char *name, int minutes)
{
    struct zone *z = NEW(struct zone);

    z->name = mem_strdup(str_from(name));
    z->table.before = minutes * CIVIL_MINUTE;
    return z;
}

static enum err_code unknown_zone(struct str name, struct err *e)
{
    char shown[NAME_MAX_LEN];
    size_t n = name.len < sizeof(shown) - 1 ? name.len : sizeof(shown) - 1;

    for (size_t i = 0; i < n; i++)
        shown[i] = name.ptr[i] > ' ' && name.ptr[i] <= '~' ? name.ptr[i] : '?';
    shown[n] = '\0';
    return err_user(e, E_RANGE, "",
                    "'%s' is not a time zone; allowed: UTC, UTC-12 to UTC+14, UTC+05:30 or an IANA "
                    "name such as Asia/Shanghai",
                    "“%s”不是时区；允许：UTC、UTC-12 到 UTC+14、UTC+05:30 或 IANA 名称，"
                    "例如 Asia/Shanghai",
                    shown);
}

enum err_code zone_find(struct str name, const struct zone **ret, struct err *e)
{
    char key[NAME_MAX_LEN];
    struct zone *z;
    struct err why = ERR_INIT;
    int minutes = 0;
    bool fixed = parse_fixed(name, &minutes);
    enum err_code rc = E_OK;

    if (fixed)
        fixed_name(minutes, key);
    else if (is_plain_name(name))
        snprintf(key, sizeof(key), "%.*s", STR_ARG(name));
    else
        return unknown_zone(name, e);
    pthread_mutex_lock(&cache_lock);
    if (!cache_ready)
        map_init(&cache);
    cache_ready = true;
    z = map_get(&cache, str_from(key));
    if (z == NULL) {
        if (fixed)
            z = fixed_zone(key, minutes);
        else
            rc = load(key, &z, &why);
        if (rc == E_OK)
            map_put(&cache, str_from(key), z);
    }
    pthread_mutex_unlock(&cache_lock);
    if (rc == E_IO || rc == E_BUSY) {
        if (e != NULL)
            *e = why;
        return rc;
    }
    if (rc != E_OK)
        return unknown_zone(name, e);
    *ret = z;
    return E_OK;
}

/* How many transitions lie at or before the instant. */
static size_t passed(const struct tzif_table *t, int64_t at)
{
    size_t lo = 0, hi = t->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (t->at[mid] <= at)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Period i begins with transition i - 1; period 0 has no beginning. */
static int32_t offset_of(const struct tzif_table *t, size_t period)
{
    return period == 0 ? t->before : t->offset[period - 1];
}

static int64_t seconds(struct wall t)
{
    return t.us >= 0 ? t.us / 1000000 : -((-(t.us + 1)) / 1000000) - 1;
}

/* What a struct wall can hold, in seconds. */
static int64_t clamped(int64_t s)
{
    const int64_t max = INT64_MAX / 1000000;

    return s > max ? max : s < -max ? -max : s;
}

int zone_offset(const struct zone *z, struct wall t)
{
    return offset_of(&z->table, passed(&z->table, seconds(t)));
}

struct civil zone_to_civil(const struct zone *z, struct wall t)
{
    int64_t s = seconds(t);

    return (struct civil){ s + offset_of(&z->table, passed(&z->table, s)) };
}

/* Finds the first instant for c, and the last; they differ when it exists twice.  Periods are
 * looked at in their order, from one that surely began before c. */
static enum zone_fit place(const struct tzif_table *t, struct civil c, int64_t *ret_at,
                           int64_t *ret_last)
{
    size_t i;
    enum zone_fit fit = ZONE_ONCE;

    c.s = clamped(c.s);
    if (t->n == 0) {
        *ret_at = *ret_last = c.s - t->before;
        return ZONE_ONCE;
    }
    i = passed(t, c.s - OFFSETS_APART_MAX);
    for (;; i++) {
        int32_t offset = offset_of(t, i);
        if (i > 0 && c.s < t->at[i - 1] + offset) {
            *ret_at = *ret_last = t->at[i - 1];
            return ZONE_GAP;
        }
        if (i == t->n || c.s < t->at[i] + offset)
            break;
    }
    *ret_at = *ret_last = c.s - offset_of(t, i);
    for (; i < t->n && t->at[i] <= c.s + OFFSETS_APART_MAX; i++) {
        int64_t from = t->at[i] + t->offset[i];
        if (c.s >= from && (i + 1 == t->n || c.s < t->at[i + 1] + t->offset[i])) {
            *ret_last = c.s - t->offset[i];
            fit = ZONE_TWICE;
        }
    }
    return fit;
}

struct wall zone_to_wall(const struct zone *z, struct civil c)
{
    int64_t at, last;

    place(&z->table, c, &at, &last);
    return (struct wall){ clamped(at) * 1000000 };
}

struct wall zone_to_wall_last(const struct zone *z, struct civil c)
{
    int64_t at, last;

    place(&z->table, c, &at, &last);
    return (struct wall){ clamped(last) * 1000000 };
}

enum zone_fit zone_fit(const struct zone *z, struct civil c)
{
    int64_t at, last;

    return place(&z->table, c, &at, &last);
}

struct civil zone_reached(const struct zone *z, struct wall t)
{
    const struct tzif_table *table = &z->table;
    int64_t s = seconds(t);
    size_t i = passed(table, s);
    int64_t reached = s + offset_of(table, i);

    /* An earlier period may have ended at a later civil time. */
    for (; i > 0 && table->at[i - 1] > s - 2 * OFFSETS_APART_MAX; i--) {
        int64_t end = table->at[i - 1] + offset_of(table, i - 1) - 1;
        if (end > reached)
            reached = end;
    }
    return (struct civil){ reached };
}

struct civil zone_reached_last(const struct zone *z, struct wall t)
{
    const struct tzif_table *table = &z->table;
    int64_t s = seconds(t);
    size_t i = passed(table, s);
    struct civil reached = { s + offset_of(table, i) };

    /* In the first pass of an overlap only what lies before the overlap has been reached. */
    for (; i < table->n && table->at[i] <= s + 2 * OFFSETS_APART_MAX; i++) {
        int64_t from = table->at[i] + table->offset[i];
        if (from <= reached.s)
            reached.s = from - 1;
    }
    return reached;
}
