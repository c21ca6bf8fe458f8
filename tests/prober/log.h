/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages for people, on stderr. */
#ifndef SP_LOG_H
#define SP_LOG_H

/* Exit codes of the prober, all commands. */
enum {
    EXIT_OK = 0,
    EXIT_FAILED = 1, /* ran, and found something wrong */
    EXIT_USAGE = 2,
    EXIT_CANT = 3,   /* could not run */
};

void log_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
