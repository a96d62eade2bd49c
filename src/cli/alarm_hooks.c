/* cli/alarm_hooks.c - the addresses of an alarm rule's hooks in files. */
#include "cli/alarm_hooks.h"

#include <string.h>

typedef bool hook_visit(void *ctx, json_t *list, size_t i, const char *path);

static struct str text_at(const json_t *list, size_t i)
{
    return str_from(json_string_value(json_array_get(list, i)));
}

/* Every address, in order, until a visit answers false. */
static void each(const json_t *rule, struct arena *a, hook_visit *visit, void *ctx)
{
    const json_t *group, *hook;
    size_t i, k;

    json_array_foreach(json_object_get(rule, "AlarmGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "WebHooks"), k, hook)
        {
            json_t *list = json_object_get(hook, "WebHooks");
            for (size_t n = 0; n < json_array_size(list); n++) {
                const char *path =
                    arena_printf(a, "AlarmGroups.%zu.WebHooks.%zu.WebHooks.%zu", i, k, n).ptr;
                if (!visit(ctx, list, n, path))
                    return;
            }
        }
    }
}

static struct str shorten(struct arena *a, struct str url)
{
    ptrdiff_t at = str_find(url, STR("://"));
    size_t n = at < 0 ? url.len : (size_t)at + 3;

    if (at < 0)
        return url;
    while (n < url.len && str_find_char(STR("/?#"), url.ptr[n]) < 0)
        n++;
    return arena_printf(a, "%.*s/...", STR_ARG(str_sub(url, 0, n)));
}

static bool hide(void *ctx, json_t *list, size_t i, const char *path)
{
    struct str shown = shorten(ctx, text_at(list, i));

    (void)path;
    json_array_set_new(list, i, json_stringn(shown.ptr, shown.len));
    return true;
}

void alarm_hooks_hide(json_t *rule, struct arena *a)
{
    each(rule, a, hide, a);
}

/* ---- back ---------------------------------------------------------------------------------- */

struct search {
    struct arena *a;
    struct str wanted; /* a short address */
    size_t skip;
    json_t *found;
};

static bool search(void *ctx, json_t *list, size_t i, const char *path)
{
    struct search *s = ctx;

    (void)path;
    if (!str_eq(shorten(s->a, text_at(list, i)), s->wanted))
        return true;
    if (s->skip-- > 0)
        return true;
    s->found = json_array_get(list, i);
    return false;
}

struct filling {
    struct arena *a;
    const json_t *have;
    const json_t *before; /* the rule as it was given */
    const char *lost;
};

struct count {
    struct str wanted;
    const char *until;
    size_t n;
};

static bool count(void *ctx, json_t *list, size_t i, const char *path)
{
    struct count *c = ctx;

    if (strcmp(path, c->until) == 0)
        return false;
    c->n += str_eq(text_at(list, i), c->wanted);
    return true;
}

static bool fill(void *ctx, json_t *list, size_t i, const char *path)
{
    struct filling *f = ctx;
    struct str text = text_at(list, i);
    struct count same = { .wanted = text, .until = path };

    if (!str_ends_with(text, STR("/...")))
        return true;
    each(f->before, f->a, count, &same);
    struct search s = { .a = f->a, .wanted = text, .skip = same.n };
    each(f->have, f->a, search, &s);
    if (s.found)
        json_array_set(list, i, s.found);
    else
        f->lost = path;
    return s.found != NULL;
}

const char *alarm_hooks_fill(json_t *rule, const json_t *have, struct arena *a)
{
    json_t *before = json_deep_copy(rule);
    struct filling f = { .a = a, .have = have, .before = before };

    each(rule, a, fill, &f);
    json_decref(before);
    return f.lost;
}
