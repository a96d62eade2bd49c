/* cli/commands.h - the table of the client commands, and what is made from it: the help, the manual
 * page, the completion of shells.  Nothing of it is described a second time. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include <stdio.h>

#include "cli/command.h"

/* NULL: the end, or no such command. */
const struct command *command_at(size_t i);
/* The commands that are no clients, which main.c runs; name NULL: the end. */
struct program {
    const char *name, *usage, *help;
};
extern const struct program programs[];
const struct program *program_find(const char *name);
const struct command *command_find(const char *name);
/* The command that a mistyped name may mean, or NULL. */
const char *command_near(const char *name);
/* Options of all commands, NULL-terminated. */
extern const struct option_help common_options[];

/* What the words behind a command are, as its usage says it. */
enum word_kind { WORDS_NONE, WORDS_TASKS, WORDS_INSTANCES, WORDS_DIRECTORY, WORDS_VERBS };
enum word_kind command_words(const struct command *c);
/* The verbs of a usage such as "keys list|add ACCOUNT"; NULL: the end. */
const char *command_verb(const struct command *c, size_t i, char out[32]);

void help_print(FILE *out);
void help_print_command(const struct command *c, FILE *out);
void help_print_program(const struct program *p, FILE *out);
/* weft(1), for man. */
void help_print_manual(FILE *out);

#endif
