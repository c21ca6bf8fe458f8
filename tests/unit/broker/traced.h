/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A verb in a process of its own, which is killed at one of its system calls.
 * What it does to the world outside of itself (store, sysfs, Xen, PFs) is one
 * system call each, as on a real host: the tracer does it when the process
 * makes that call. The rest of its calls are the broker's own.
 */
#ifndef TRACED_H
#define TRACED_H

#include <stdbool.h>

#include "world.h"

/* True if it was killed when it made its system call number `at` (from 1),
 * before that had any effect; false if it came to its end, with *rc. */
bool traced_run(struct world *w, verb_function *verb, const char *request,
                long at, int *rc);

/* The process stops when it makes that call, `meanwhile` happens, and it goes
 * on (or is killed then). True if it came so far; *rc is -1 if it was
 * killed. */
struct traced_pause {
    void (*meanwhile)(struct world *w);
    bool kill;
};
bool traced_run_paused(struct world *w, verb_function *verb,
                       const char *request, long at,
                       const struct traced_pause *pause, int *rc);

#endif
