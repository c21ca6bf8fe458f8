/* SPDX-License-Identifier: GPL-2.0-only */
#include <stddef.h>

#include "tests/prober/commands.h"

#include "witness.h"

volatile sig_atomic_t witness_ends;

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

int main(int argc, char **argv)
{
    catch_signals();
    return commands_run("sp-witness", "0 all bytes right, 1 some wrong or "
                        "missing, 2 wrong\nusage, 3 could not run", commands,
                        N_COMMANDS, argc, argv);
}
