/* SPDX-License-Identifier: GPL-2.0-only */
/* A program whose first argument names one of its commands. */
#ifndef SP_COMMANDS_H
#define SP_COMMANDS_H

#include <stddef.h>

struct command {
    const char *name;
    /* argv[0] is the name of the command; returns an exit code. */
    int (*run)(int argc, char **argv);
    const char *help;
};

/*
 * Runs what argv names, or says how to use program. meanings: of the exit
 * codes, for the help text. Returns an exit code (log.h).
 */
int commands_run(const char *program, const char *meanings,
                 const struct command *commands, size_t count, int argc,
                 char **argv);

#endif
