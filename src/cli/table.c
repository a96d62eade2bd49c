/* cli/table.c - columns of text for people. */
#include "cli/table.h"

#include <string.h>

#include "cli/color.h"

void table_init(struct table_text *t, struct arena *a, const char *const *titles)
{
    *t = (struct table_text){ .arena = a };
    while (titles[t->n_columns]) {
        check(t->n_columns < TABLE_COLUMNS_MAX);
        t->titles[t->n_columns] = titles[t->n_columns];
        t->n_columns++;
    }
}

void table_row(struct table_text *t, const char *const *cells)
{
    size_t n = (size_t)t->n_columns;

    if (t->n_rows == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 32;
        const char **bigger = ARENA_ARRAY(t->arena, const char *, cap *n);
        for (size_t i = 0; i < t->n_rows * n; i++)
            bigger[i] = t->cells[i];
        t->cells = bigger;
        t->cap = cap;
    }
    for (size_t i = 0; i < n; i++)
        t->cells[t->n_rows * n + i] = cells[i] ? arena_cstr(t->arena, str_from(cells[i])) : "-";
    t->n_rows++;
}

/* Columns on a terminal: bytes of three and more are nearly always wide (CJK). */
static int width(const char *text)
{
    int columns = 0;

    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if ((*p & 0xc0) != 0x80)
            columns += *p >= 0xe0 ? 2 : 1;
    return columns;
}

/* States that want looking at; true: it has a colour. */
static bool begin_color(const char *cell, FILE *out)
{
    static const struct {
        const char *state;
        enum color color;
    } states[] = {
        { "EXPIRED", COLOR_RED },     { "FAILED_RETRY", COLOR_RED }, { "RUNNING", COLOR_YELLOW },
        { "COMPLETED", COLOR_GREEN }, { "MISSING", COLOR_RED },      { "MISSED", COLOR_RED },
    };

    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        if (strcmp(cell, states[i].state) == 0) {
            color_begin(out, states[i].color);
            return true;
        }
    return false;
}

static void print_cells(const struct table_text *t, const char *const *cells, const int *widths,
                        FILE *out)
{
    for (int i = 0; i < t->n_columns; i++) {
        int pad = i + 1 < t->n_columns ? widths[i] - width(cells[i]) + 2 : 0;
        bool colored = begin_color(cells[i], out);
        fputs(cells[i], out);
        if (colored)
            color_end(out);
        fprintf(out, "%*s", pad, "");
    }
    fputc('\n', out);
}

void table_print(const struct table_text *t, FILE *out)
{
    int widths[TABLE_COLUMNS_MAX] = { 0 };
    size_t n = (size_t)t->n_columns;

    for (size_t i = 0; i < n; i++)
        widths[i] = width(t->titles[i]);
    for (size_t i = 0; i < t->n_rows * n; i++)
        if (width(t->cells[i]) > widths[i % n])
            widths[i % n] = width(t->cells[i]);
    print_cells(t, t->titles, widths, out);
    for (size_t i = 0; i < t->n_rows; i++)
        print_cells(t, &t->cells[i * n], widths, out);
}
