/* SPDX-License-Identifier: GPL-2.0-only */
/* sp-probe: all roles and commands. */
#include "commands.h"
#include "control_client.h"
#include "endpoint_command.h"
#include "guest.h"
#include "summary_command.h"

static const struct command commands[] = {
    { "endpoint", endpoint_main, "probe a guest and report" },
    { "guest", guest_main, "answer endpoints, in the guest" },
    { "mark", mark_main, "write an event into a running report" },
    { "status", status_main, "state of a running endpoint as JSON" },
    { "summary", summary_main, "print a report, or a part of it" },
};
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

int main(int argc, char **argv)
{
    return commands_run("sp-probe", "0 ok, 1 failed, 2 wrong usage, 3 could "
                        "not run", commands, N_COMMANDS, argc, argv);
}
