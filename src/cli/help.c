/* cli/help.c - the help and the manual page, from the table of commands. */
#include <string.h>

#include "cli/commands.h"

enum { USAGE_WIDTH = 44 };

static const struct {
    int status;
    const char *meaning;
} statuses[] = {
    { EXIT_DONE, "done; of an apply also: nothing differs" },
    { EXIT_REFUSED, "the server refused, or what was waited for did not succeed" },
    { EXIT_USAGE, "wrong usage, or a broken file; nothing was changed" },
    { EXIT_UNREACHABLE, "no answer from the server, or no libcurl to ask it with" },
    { EXIT_DIFFERENT,
      "apply --dry-run: something differs; apply, cancel: the question was answered no" },
    { EXIT_INTERRUPTED, "a follow was ended by Ctrl-C; what it followed goes on" },
};

/* ---- help ---------------------------------------------------------------------------------- */

static void print_options(FILE *out, const struct option_help *o)
{
    for (; o && o->name; o++)
        fprintf(out, "  --%s%s%-*s %s\n", o->name, o->argument ? " " : "",
                (int)(18 - strlen(o->name) - (o->argument ? 1 : 0)), o->argument ? o->argument : "",
                o->help);
}

static void print_line(const char *usage, const char *help, FILE *out)
{
    bool fits = strlen(usage) <= USAGE_WIDTH;

    fprintf(out, "  weft %-*s%s%*s%s\n", USAGE_WIDTH, usage, fits ? "" : "\n",
            fits ? 1 : USAGE_WIDTH + 8, "", help);
}

void help_print(FILE *out)
{
    const struct command *c;

    fputs("weft - runs WeData tasks anywhere\n\n", out);
    for (const struct program *p = programs; p->name; p++)
        print_line(p->usage, p->help, out);
    for (size_t i = 0; (c = command_at(i)) != NULL; i++)
        print_line(c->usage, c->help, out);
    fputs("\nA task is named by its id or its name, an instance by its key, "
          "TASK_yyyy-MM-dd HH:mm:ss,\nor TASK_yyyy-MM-dd at midnight.\n\nOptions of all client "
          "commands; the name in brackets is the environment variable:\n",
          out);
    print_options(out, common_options);
    fputs("\nExit status:\n", out);
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        fprintf(out, "  %-4d %s\n", statuses[i].status, statuses[i].meaning);
    fputs("\nweft COMMAND --help shows the command's own options, weft help --man is the manual "
          "page.\n",
          out);
}

void help_print_command(const struct command *c, FILE *out)
{
    fprintf(out, "usage: weft %s\n\n%s\n", c->usage, c->help);
    if (c->options) {
        fputs("\nOptions:\n", out);
        print_options(out, c->options);
    }
    fputs("\nThe options of all client commands are in weft help.\n", out);
}

void help_print_program(const struct program *p, FILE *out)
{
    fprintf(out, "usage: weft %s\n\n%s\n", p->usage, p->help);
    if (strcmp(p->name, "version") != 0)
        fprintf(out, "\nweft %s --help shows more.\n", p->name);
}

/* ---- the manual page ----------------------------------------------------------------------- */

/* Text of a line: what man would take for a request or a hyphen is escaped. */
static void print_roff(FILE *out, const char *text)
{
    if (text[0] == '.' || text[0] == '\'')
        fputs("\\&", out);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else if (*text == '\'')
            fputs("\\(aq", out);
        else
            fputc(*text, out);
    }
}

static void print_roff_options(FILE *out, const struct option_help *o)
{
    for (; o && o->name; o++) {
        fputs(".TP\n.B ", out);
        print_roff(out, "--");
        print_roff(out, o->name);
        if (o->argument) {
            fputs(" \\fI", out);
            print_roff(out, o->argument);
            fputs("\\fR", out);
        }
        fputc('\n', out);
        print_roff(out, o->help);
        fputc('\n', out);
    }
}

static void print_roff_command(FILE *out, const struct command *c)
{
    fputs(".SS \"weft ", out);
    print_roff(out, c->usage);
    fputs("\"\n", out);
    print_roff(out, c->help);
    fputs(".\n", out);
    print_roff_options(out, c->options);
}

void help_print_manual(FILE *out)
{
    const struct command *c;

    fputs(".TH WEFT 1 \"\" \"weft " WEFT_VERSION "\"\n"
          ".SH NAME\nweft \\- runs WeData tasks anywhere\n"
          ".SH SYNOPSIS\n.B weft\n.I COMMAND\n.RI [ words ]\n.RI [ options ]\n"
          ".SH DESCRIPTION\n"
          "weft is a server that answers WeData\\(aqs API and schedules and runs its tasks, and "
          "the command line of such a server.\n"
          ".B weft serve\nis the server,\n.B weft runner\nits runner,\n.B weft backup\ncopies "
          "its data; they show their options with \\-\\-help. All other commands are clients, "
          "which use nothing but the public API.\n"
          ".PP\nA task is named by its id or its name, an instance by its key, which is the task, "
          "_ and the data time: TASK_yyyy\\-MM\\-dd HH:mm:ss, or TASK_yyyy\\-MM\\-dd at midnight.\n"
          ".SH COMMANDS\n",
          out);
    for (size_t i = 0; (c = command_at(i)) != NULL; i++)
        print_roff_command(out, c);
    fputs(".SH OPTIONS\nOf all client commands. The name in brackets is the environment "
          "variable.\n",
          out);
    print_roff_options(out, common_options);
    fputs(".SH EXIT STATUS\n", out);
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        fprintf(out, ".TP\n.B %d\n", statuses[i].status);
        print_roff(out, statuses[i].meaning);
        fputc('\n', out);
    }
    fputs(".SH ENVIRONMENT\nThe variables that stand with the options; and\n"
          ".TP\n.B NO_COLOR\nno colours, not even on a terminal.\n"
          ".SH FILES\n.TP\n.I weft\\-data/root.key\nthe root key of a server on this machine.\n",
          out);
}
