/* SPDX-License-Identifier: GPL-2.0-only */
/* What a host tells for a plan, as JSON: its pools and devices, its guests and
 * their wishes. See shadowport-plan(8). */
#ifndef BROKER_FLEET_FACTS_H
#define BROKER_FLEET_FACTS_H

#include <stddef.h>

#include "moves/moves.h"

struct broker;
struct doctor;

/* Of this host; NULL: b->error says why not. */
char *fleet_facts_here(struct doctor *d);

/* Hosts of a plan; guests of all of them. */
struct fleet {
    struct moves_host *hosts;
    struct moves_guest *guests;
    size_t host_count, guest_count;
};

/* Add what a host has told; source is for errors. RC_OK or RC_BAD_REQUEST. */
int fleet_facts_read(struct broker *b, const char *source, const char *text,
                     size_t len, struct fleet *fleet);

#endif
