/* run/log_line.c - the form of a line in an attempt's log. */
#include "run/log_line.h"

#include <string.h>

static const struct {
    struct str text;
    enum log_word word;
} words[] = {
    { { "DEBUG", 5 }, LOG_WORD_DEBUG },  { { "INFO", 4 }, LOG_WORD_INFO },
    { { "WARNING", 7 }, LOG_WORD_WARN }, { { "WARN", 4 }, LOG_WORD_WARN },
    { { "ERROR", 5 }, LOG_WORD_ERROR },  { { "FATAL", 5 }, LOG_WORD_FATAL },
};
static const char *const word_texts[LOG_WORD_N_] = { "DEBUG", "INFO", "WARN", "ERROR", "FATAL" };

static void two(char *out, int v)
{
    out[0] = (char)('0' + v / 10 % 10);
    out[1] = (char)('0' + v % 10);
}

/* Proleptic Gregorian date of a day count from 1970-01-01, from year 1 on: with the year beginning
 * in March, leap days come last and months have a linear formula. */
static void print_date(int64_t day, char *out)
{
    int64_t z = day + 719468;
    int64_t era = z / 146097;
    int64_t in_era = z - era * 146097;
    int64_t year_in_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year_in_era + year_in_era / 4 - year_in_era / 100);
    int64_t m = (5 * in_year + 2) / 153;
    int month = (int)(m < 10 ? m + 3 : m - 9);
    int year = (int)(year_in_era + era * 400 + (month <= 2));

    two(out, year / 100);
    two(out + 2, year);
    out[4] = '-';
    two(out + 5, month);
    out[7] = '-';
    two(out + 8, (int)(in_year - (153 * m + 2) / 5 + 1));
}

void log_time_print(struct wall at, char *out)
{
    int64_t ms = (at.us < 0 ? 0 : at.us) / 1000 + (int64_t)8 * 3600 * 1000;
    int in_day = (int)(ms / 1000 % 86400);

    print_date(ms / 86400000, out);
    out[10] = ' ';
    two(out + 11, in_day / 3600);
    out[13] = ':';
    two(out + 14, in_day / 60 % 60);
    out[16] = ':';
    two(out + 17, in_day % 60);
    out[19] = '.';
    out[20] = (char)('0' + ms % 1000 / 100);
    two(out + 21, (int)(ms % 100));
}

void log_prefix_add(struct buf *out, struct wall at, enum log_word level)
{
    char prefix[LOG_PREFIX_MAX];
    size_t len = strlen(word_texts[level]);

    log_time_print(at, prefix);
    prefix[LOG_TIME_LEN] = ' ';
    memcpy(prefix + LOG_TIME_LEN + 1, word_texts[level], len);
    prefix[LOG_TIME_LEN + 1 + len] = ' ';
    buf_add(out, prefix, LOG_TIME_LEN + len + 2);
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The level word at the beginning of text, LOG_WORD_N_ when there is none. */
static enum log_word word_at(struct str text)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        struct str w = words[i].text;
        if (str_starts_with(text, w) && (text.len == w.len || !is_word_char(text.ptr[w.len])))
            return words[i].word;
    }
    return LOG_WORD_N_;
}

static bool is_time_char(char c)
{
    return (c >= '0' && c <= '9') || memchr(" -/:.,TZ+[]", c, 11) != NULL;
}

enum log_word log_word_detect(struct str text, enum log_word usual)
{
    enum { LOOK = 48 }; /* longer than any usual time in brackets */
    size_t at = 0;
    bool digit = false;
    enum log_word word;

    /* What may stand before the word is white space, brackets and the characters of a time; a lone
     * "T" or dash is not a time, so without a digit only brackets and spaces count. */
    while (at < text.len && at < LOOK && is_time_char(text.ptr[at])) {
        digit = digit || (text.ptr[at] >= '0' && text.ptr[at] <= '9');
        at++;
    }
    if (at > 0 && is_word_char(text.ptr[at - 1]))
        return usual;
    for (size_t i = 0; !digit && i < at; i++)
        if (!memchr(" []", text.ptr[i], 3))
            return usual;
    word = word_at(str_sub(text, at, text.len));
    return word == LOG_WORD_N_ ? usual : word;
}

enum log_word log_word_of_line(struct str line)
{
    enum log_word word = word_at(str_sub(line, LOG_TIME_LEN + 1, line.len));

    return line.len > LOG_TIME_LEN && line.ptr[LOG_TIME_LEN] == ' ' ? word : LOG_WORD_N_;
}
