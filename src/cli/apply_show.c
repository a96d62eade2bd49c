/* cli/apply_show.c - shows what an apply would do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "cli/alarm_hooks.h"
#include "cli/apply.h"
#include "cli/color.h"
#include "cli/json_place.h"

enum { VALUE_SHOWN = 120, CODE_LINES_SHOWN = 20, CODE_MAX = 32 << 20 };

static const char CODE_PATH[] = "TaskConfiguration.CodeContent";

static const char *name_of(const struct change *c)
{
    return c->want ? c->want->name : c->have->name;
}

static const char *kind_of(const struct change *c)
{
    return definition_names[c->want ? c->want->kind : c->have->kind];
}

/* ---- values -------------------------------------------------------------------------------- */

static void print_value(const json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    struct str whole = str_from(text ? text : "(not set)");
    struct str shown = str_whole(str_sub(whole, 0, VALUE_SHOWN));

    printf("%.*s%s", STR_ARG(shown), shown.len < whole.len ? "..." : "");
    free(text); /* lint: jansson's own memory */
}

/* ---- code ---------------------------------------------------------------------------------- */

struct lines {
    struct buf text;
    struct str rest;
};

static void lines_open(struct lines *l, const json_t *code)
{
    const char *given = json_string_value(code);

    buf_init(&l->text, CODE_MAX);
    if (!base64_decode(&l->text, str_from(given)))
        buf_add_c(&l->text, "(not base64)");
    l->rest = buf_str(&l->text);
}

/* The lines that both begin with, and those that both end with, are cut off. */
static void cut_common(struct str *a, struct str *b)
{
    size_t from = 0, at = 0;

    for (; at < a->len && at < b->len && a->ptr[at] == b->ptr[at]; at++)
        if (a->ptr[at] == '\n')
            from = at + 1;
    if (at == a->len && at == b->len)
        from = at;
    *a = str_sub(*a, from, a->len);
    *b = str_sub(*b, from, b->len);
    size_t n = 0, end = 0;
    while (n < a->len && n < b->len && a->ptr[a->len - 1 - n] == b->ptr[b->len - 1 - n]) {
        if (n > 0 && a->ptr[a->len - 1 - n] == '\n')
            end = n;
        n++;
    }
    a->len -= end;
    b->len -= end;
}

static void print_lines(struct str text, char sign)
{
    int shown = 0;

    while (text.ptr && text.len > 0) {
        struct str line = str_split(&text, '\n');
        if (shown++ == CODE_LINES_SHOWN) {
            printf("      ...\n");
            return;
        }
        color_begin(stdout, sign == '+' ? COLOR_GREEN : COLOR_RED);
        printf("      %c ", sign);
        color_text(stdout, line);
        color_end(stdout);
        putchar('\n');
    }
}

static void print_code(const json_t *before, const json_t *after)
{
    struct lines a, b;

    lines_open(&a, before);
    lines_open(&b, after);
    cut_common(&a.rest, &b.rest);
    printf("    code:\n");
    print_lines(a.rest, '-');
    print_lines(b.rest, '+');
    buf_done(&a.text);
    buf_done(&b.text);
}

/* ---- for people ---------------------------------------------------------------------------- */

static void print_difference(void *ctx, const char *path, const json_t *before, const json_t *after)
{
    (void)ctx;
    if (strcmp(path, CODE_PATH) == 0) {
        print_code(before, after);
        return;
    }
    if (strcmp(path, "Submit") == 0 && !json_is_true(after))
        return;
    printf("    %s: ", path);
    color_begin(stdout, COLOR_RED);
    print_value(before);
    color_end(stdout);
    printf(" -> ");
    color_begin(stdout, COLOR_GREEN);
    print_value(after);
    color_end(stdout);
    putchar('\n');
}

/* The members that differ.  Addresses of hooks are secrets, also on a terminal and in a log. */
static void each_difference(const struct apply *a, const struct change *c, json_difference *take,
                            void *ctx)
{
    json_t *before = json_deep_copy(c->have->definition),
           *after = json_deep_copy(c->want->definition);

    if (c->want->kind == DEFINITION_ALARM) {
        alarm_hooks_hide(before, &a->s->arena);
        alarm_hooks_hide(after, &a->s->arena);
        if (json_equal(before, after)) {
            json_t *text = json_string("(the address of a hook)");
            take(ctx, "AlarmGroups", text, text);
            json_decref(text);
        }
    }
    json_compare(before, after, "", take, ctx);
    json_decref(before);
    json_decref(after);
}

static void print_change(const struct apply *a, const struct change *c)
{
    static const struct {
        const char *sign;
        enum color color;
    } signs[CHANGE_KINDS_] = {
        [CHANGE_CREATE] = { "+ create", COLOR_GREEN },
        [CHANGE_UPDATE] = { "~ change", COLOR_YELLOW },
        [CHANGE_DELETE] = { "- delete", COLOR_RED },
        [CHANGE_IMPOSSIBLE] = { "! cannot change", COLOR_RED },
    };

    color_begin(stdout, signs[c->kind].color);
    printf("%s %s %s", signs[c->kind].sign, kind_of(c), name_of(c));
    color_end(stdout);
    if (c->why)
        printf(": %s", c->why);
    putchar('\n');
    if (c->want && c->have)
        each_difference(a, c, print_difference, NULL);
}

void plan_print(const struct apply *a)
{
    const struct plan *p = &a->plan;

    for (size_t i = 0; i < p->n; i++)
        print_change(a, &p->changes[i]);
    printf("%zu to create, %zu to change, %zu to delete, %zu unchanged", p->counts[CHANGE_CREATE],
           p->counts[CHANGE_UPDATE], p->counts[CHANGE_DELETE], p->unchanged);
    if (p->counts[CHANGE_IMPOSSIBLE] > 0)
        printf(", %zu impossible", p->counts[CHANGE_IMPOSSIBLE]);
    putchar('\n');
}

/* ---- for programs -------------------------------------------------------------------------- */

static void add_difference(void *ctx, const char *path, const json_t *before, const json_t *after)
{
    json_t *item = json_pack("{s:s}", "Path", path);

    if (strcmp(path, "Submit") != 0 || json_is_true(after)) {
        json_object_set_new(item, "Before", before ? json_deep_copy(before) : json_null());
        json_object_set_new(item, "After", after ? json_deep_copy(after) : json_null());
        json_array_append(ctx, item);
    }
    json_decref(item);
}

static json_t *change_json(const struct apply *a, const struct change *c)
{
    json_t *out = json_pack("{s:s,s:s}", "Kind", kind_of(c), "Name", name_of(c));

    if (c->want)
        json_object_set_new(out, "File", json_string(c->want->file));
    if (c->why)
        json_object_set_new(out, "Why", json_string(c->why));
    if (c->want && c->have) {
        json_t *fields = json_array();
        each_difference(a, c, add_difference, fields);
        json_object_set_new(out, "Fields", fields);
    }
    return out;
}

json_t *plan_json(const struct apply *a)
{
    static const char *const names[CHANGE_KINDS_] = { "Created", "Changed", "Deleted",
                                                      "Impossible" };
    json_t *out = json_object();

    for (size_t i = 0; i < CHANGE_KINDS_; i++)
        json_object_set_new(out, names[i], json_array());
    for (size_t i = 0; i < a->plan.n; i++) {
        const struct change *c = &a->plan.changes[i];
        json_array_append_new(json_object_get(out, names[c->kind]), change_json(a, c));
    }
    json_object_set_new(out, "Unchanged", json_integer((json_int_t)a->plan.unchanged));
    return out;
}
