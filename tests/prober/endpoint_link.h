/* SPDX-License-Identifier: GPL-2.0-only */
/* The endpoint's connections to a guest, and the greeting that makes them. */
#ifndef SP_ENDPOINT_LINK_H
#define SP_ENDPOINT_LINK_H

#include <stdint.h>

#include "endpoint_options.h"

struct endpoint_link {
    uint64_t session;
    int control, data, udp; /* -1 if not open */
};

/* Tries until the limit.  Returns an exit code, having said what's wrong. */
int endpoint_link_open(struct endpoint_link *l,
                       const struct endpoint_options *o);
void endpoint_link_close(struct endpoint_link *l);

#endif
