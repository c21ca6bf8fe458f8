/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "log.h"

static int usage(FILE *out, const char *program, const char *meanings,
                 const struct command *commands, size_t count)
{
    size_t i;

    fprintf(out, "Usage: %s COMMAND [OPTION]...\n\n", program);
    for (i = 0; i < count; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
    fprintf(out, "\nEach command has --help. Exit codes: %s.\n", meanings);
    return out == stdout ? EXIT_OK : EXIT_USAGE;
}

int commands_run(const char *program, const char *meanings,
                 const struct command *commands, size_t count, int argc,
                 char **argv)
{
    size_t i;

    if (argc < 2)
        return usage(stderr, program, meanings, commands, count);
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return usage(stdout, program, meanings, commands, count);
    for (i = 0; i < count; i++)
        if (!strcmp(argv[1], commands[i].name))
            return commands[i].run(argc - 1, argv + 1);
    log_say("unknown command %s", argv[1]);
    return usage(stderr, program, meanings, commands, count);
}
