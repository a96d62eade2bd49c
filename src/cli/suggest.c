/* cli/suggest.c - the known word that a mistyped one is nearest to. */
#include "cli/suggest.h"

#include <limits.h>
#include <string.h>

enum { WORD_MAX = 80 };

static int min(int a, int b)
{
    return a < b ? a : b;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Letters to insert, delete, change, or swap with their neighbour. */
static int distance(struct str a, struct str b)
{
    int rows[3][WORD_MAX + 1], *before = rows[0], *last = rows[1], *row = rows[2];

    for (size_t j = 0; j <= b.len; j++)
        last[j] = (int)j;
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = (int)i;
        for (size_t j = 1; j <= b.len; j++) {
            char x = lower(a.ptr[i - 1]), y = lower(b.ptr[j - 1]);
            row[j] = min(min(last[j], row[j - 1]) + 1, last[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == lower(b.ptr[j - 2]) && y == lower(a.ptr[i - 2]))
                row[j] = min(row[j], before[j - 2] + 1);
        }
        int *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return last[b.len];
}

void suggest_begin(struct suggestion *s, struct str word)
{
    *s = (struct suggestion){ .word = word, .distance = INT_MAX };
}

void suggest_offer(struct suggestion *s, const char *known)
{
    struct str k = str_from(known);

    if (k.len == 0 || s->word.len == 0 || k.len > WORD_MAX || s->word.len > WORD_MAX)
        return;
    int d = distance(s->word, k);
    if (d < s->distance) {
        s->distance = d;
        s->best = known;
    }
}

const char *suggest_best(const struct suggestion *s)
{
    return s->best && s->distance <= (int)(strlen(s->best) + 2) / 3 ? s->best : NULL;
}
