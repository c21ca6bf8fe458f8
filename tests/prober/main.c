/* SPDX-License-Identifier: GPL-2.0-only */
/* sp-probe: all roles and commands. */
#include <stdio.h>
#include <string.h>

#include "control_client.h"
#include "endpoint_command.h"
#include "guest.h"
#include "log.h"
#include "summary_command.h"

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
};

static const struct command commands[] = {
    { "endpoint", endpoint_main, "probe a guest and report" },
    { "guest", guest_main, "answer endpoints, in the guest" },
    { "mark", mark_main, "write an event into a running report" },
    { "status", status_main, "state of a running endpoint as JSON" },
    { "summary", summary_main, "print a report, or a part of it" },
};
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int usage(FILE *out)
{
    size_t i;

    fprintf(out, "Usage: sp-probe COMMAND [OPTION]...\n\n");
    for (i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
    fprintf(out, "\nEach command has --help. Exit codes: 0 ok, 1 failed, "
                 "2 wrong usage, 3 could not run.\n");
    return out == stdout ? EXIT_OK : EXIT_USAGE;
}

int main(int argc, char **argv)
{
    size_t i;

    if (argc < 2)
        return usage(stderr);
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return usage(stdout);
    for (i = 0; i < N_COMMANDS; i++)
        if (!strcmp(argv[1], commands[i].name))
            return commands[i].run(argc - 1, argv + 1);
    log_say("unknown command %s", argv[1]);
    return usage(stderr);
}
