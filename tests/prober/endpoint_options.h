/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SP_ENDPOINT_OPTIONS_H
#define SP_ENDPOINT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"

struct endpoint_options {
    struct address guest, bind;
    bool has_guest, has_bind;
    uint64_t interval_ns, udp_size, rate_to_guest, rate_to_endpoint;
    uint64_t threshold_ns, step_ns, duration_ns;
    uint64_t connect_limit_ns, finish_limit_ns;
    const char *json, *events, *pidfile, *control;
};

/* Returns an exit code; EXIT_OK with *help set: usage was printed. */
int endpoint_options_parse(struct endpoint_options *o, int argc, char **argv,
                           bool *help);

#endif
