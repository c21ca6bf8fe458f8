/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BROKER_STORE_XS_H
#define BROKER_STORE_XS_H

#include "host/store.h"

struct xs_handle;

struct store_xs {
    struct store store;
    struct xs_handle *xsh;      /* private: opened by the first use */
};

void store_xs_init(struct store_xs *xs);
void store_xs_dispose(struct store_xs *xs);

#endif
