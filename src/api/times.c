/* api/times.c - times in answers that are not "yyyy-MM-dd HH:mm:ss". */
#include "api/times.h"

#include <stdio.h>

#include "cal/zone.h"

static void write_iso(struct jw *w, const char *key, struct wall t, const char *zone)
{
    char text[64];
    struct civil_parts p = civil_split(zone_to_civil(zone_default(), t));

    if (!wall_is_set(t)) {
        jw_knull(w, key);
        return;
    }
    snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d%s", p.year, p.month, p.day, p.hour,
             p.minute, p.second, zone);
    jw_kcstr(w, key, text);
}

void jw_iso(struct jw *w, const char *key, struct wall t)
{
    write_iso(w, key, t, "+08:00");
}

void jw_iso_plain(struct jw *w, const char *key, struct wall t)
{
    write_iso(w, key, t, "");
}

void jw_iso_utc(struct jw *w, const char *key, struct wall t, int digits)
{
    char text[64];
    struct civil_parts p = civil_split(zone_to_civil(zone_utc(), t));
    int us = (int)(((t.us % 1000000) + 1000000) % 1000000);

    if (!wall_is_set(t)) {
        jw_knull(w, key);
        return;
    }
    snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%0*dZ", p.year, p.month, p.day,
             p.hour, p.minute, p.second, digits, digits == 3 ? us / 1000 : us);
    jw_kcstr(w, key, text);
}

enum err_code wall_param(struct str text, const char *path, struct wall *ret, struct err *e)
{
    struct civil c;
    enum err_code rc = civil_parse(text, &c, e);

    if (rc != E_OK)
        err_prefix(e, path);
    else
        *ret = zone_to_wall(zone_default(), c);
    return rc;
}
