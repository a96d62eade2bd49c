/* test/sim/ways.c - the conditions of branches: as they are written, and what they mean.
 *
 * What they mean is said here in C, a second time: the product's reading of the text is what is
 * tested.
 */
#include "sim.h"

/* The data time and the planned time of an instance; n: what stands for the # of the text. */
typedef enum sim_truth meaning(const struct civil_parts *data, const struct civil_parts *planned,
                               int n);

static enum sim_truth truth(bool holds)
{
    return holds ? SIM_TRUE : SIM_FALSE;
}

static enum sim_truth even_day(const struct civil_parts *data, const struct civil_parts *planned,
                               int n)
{
    (void)planned;
    return truth(data->day % 2 == n % 2);
}

static enum sim_truth one_day(const struct civil_parts *data, const struct civil_parts *planned,
                              int n)
{
    (void)planned;
    return truth((data->day == 10 + n % 20 && data->month == 11) || data->day == 1 + n % 28);
}

static enum sim_truth late(const struct civil_parts *data, const struct civil_parts *planned, int n)
{
    return truth(data->hour >= n % 10 && planned->hour != 1);
}

static enum sim_truth divided(const struct civil_parts *data, const struct civil_parts *planned,
                              int n)
{
    (void)planned;
    return data->hour == n % 10 ? SIM_NO_TRUTH : truth(data->hour > n % 10);
}

/* The division is not looked at where what stands before it decides. */
static enum sim_truth divided_safely(const struct civil_parts *data,
                                     const struct civil_parts *planned, int n)
{
    (void)planned;
    return truth(data->hour >= n % 10);
}

static enum sim_truth named(const struct civil_parts *data, const struct civil_parts *planned,
                            int n)
{
    (void)planned;
    return truth(data->day % 3 != n % 3);
}

static enum sim_truth never_known(const struct civil_parts *data, const struct civil_parts *planned,
                                  int n)
{
    (void)data, (void)planned, (void)n;
    return SIM_NO_TRUTH;
}

static enum sim_truth between(const struct civil_parts *data, const struct civil_parts *planned,
                              int n)
{
    (void)planned;
    return truth(data->minute > n % 10 && data->minute < 50);
}

static enum sim_truth constant(const struct civil_parts *data, const struct civil_parts *planned,
                               int n)
{
    (void)data, (void)planned;
    return truth(n % 10 > 4);
}

/* In a text, # is n % 10, and the other signs are what their function computes. */
static const struct {
    const char *text;
    meaning *meaning;
    int weight;
} conditions[] = {
    { "int('${dd}') % 2 == @2", even_day, 6 },
    { "'${MMdd}' in ('11@a',) or '${dd}' in ['@b']", one_day, 3 },
    { "int('${HH}') >= # and not int('$(HH)') == 1", late, 3 },
    { "1 / (int('${HH}') - #) > 0", divided, 3 },
    { "int('${HH}') == # or 1 // (int('${HH}') - #) >= 0", divided_safely, 2 },
    { "int('${n}') % 3 != @3", named, 4 },
    { "${nobody} > #", never_known, 1 },
    { "'${yyyy-MM-dd-1d}' < '${yyyy-MM-dd}' and # < int('${mm}') < 50", between, 2 },
    { "# > 4", constant, 2 },
};

struct sim_way sim_way_random(struct sim *s, int64_t down)
{
    struct sim_way way = { .down = down, .n = (int)sim_below(s, 1000) };
    int total = 0;

    for (size_t k = 0; k < ARRAY_LEN(conditions); k++)
        total += conditions[k].weight;
    int64_t pick = sim_below(s, total);
    while (pick >= conditions[way.condition].weight)
        pick -= conditions[way.condition++].weight;
    return way;
}

static void put_sign(char sign, int n, struct buf *out)
{
    if (sign == 'a')
        buf_printf(out, "%d", 10 + n % 20);
    else if (sign == 'b')
        buf_printf(out, "%02d", 1 + n % 28);
    else
        buf_printf(out, "%d", n % (sign - '0'));
}

void sim_way_text(const struct sim_way *way, struct buf *out)
{
    for (const char *at = conditions[way->condition].text; *at; at++) {
        if (*at == '@')
            put_sign(*++at, way->n, out);
        else if (*at == '#')
            buf_printf(out, "%d", way->n % 10);
        else
            buf_add_char(out, *at);
    }
}

enum sim_truth sim_way_truth(const struct sim_way *way, struct civil data_time,
                             struct civil planned)
{
    struct civil_parts data = civil_split(data_time), plan = civil_split(planned);

    return conditions[way->condition].meaning(&data, &plan, way->n);
}
