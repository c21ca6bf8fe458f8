/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <string.h>

#include "tests/prober/log.h"

#include "witness.h"

volatile sig_atomic_t witness_ends;

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
};

static const struct command commands[] = {
    { "source", source_main, "send known data to whoever connects" },
    { "net", net_main, "receive it, hold it in the socket, check it" },
    { "image", image_main, "fill a file or a device with known data" },
    { "disk", disk_main, "read it into memory, hold it there, check it" },
};
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void end_soon(int signal)
{
    (void)signal;
    witness_ends = 1;
}

/* Without SA_RESTART: a blocking call ends too. */
static void catch_signals(void)
{
    struct sigaction ends = { .sa_handler = end_soon };

    sigaction(SIGTERM, &ends, NULL);
    sigaction(SIGINT, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static int usage(FILE *out)
{
    size_t i;

    fprintf(out, "Usage: sp-witness COMMAND [OPTION]...\n\n");
    for (i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].help);
    fprintf(out, "\nEach command has --help. Exit codes: 0 all bytes right, "
                 "1 some wrong or missing,\n2 wrong usage, 3 could not "
                 "run.\n");
    return out == stdout ? EXIT_OK : EXIT_USAGE;
}

int main(int argc, char **argv)
{
    size_t i;

    if (argc < 2)
        return usage(stderr);
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return usage(stdout);
    catch_signals();
    for (i = 0; i < N_COMMANDS; i++)
        if (!strcmp(argv[1], commands[i].name))
            return commands[i].run(argc - 1, argv + 1);
    log_say("unknown command %s", argv[1]);
    return usage(stderr);
}
