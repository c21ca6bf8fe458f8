/* SPDX-License-Identifier: GPL-2.0-only */
/* The leases that a lease-request is about. */
#ifndef BROKER_LEASE_BATCH_H
#define BROKER_LEASE_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "lease/store_device.h"
#include "lease/done.h"
#include "proto/request.h"

struct broker;

struct lease_batch {
    struct store_device *list;       /* all with a readable lease */
    struct done *done;          /* as list */
    size_t count;
};

/* Leases of the migration, but for those that S holds for rollback: libxl
 * made them and takes them back. RC_BAD_REQUEST: another domain's. */
int lease_batch_read(struct broker *b, uint32_t txn,
                     const struct lease_request *request,
                     struct lease_batch *batch);

/* RC_BAD_REQUEST if one of them is in a state that the verb is not for. */
int lease_batch_check_state(struct broker *b, const struct lease_batch *batch,
                            enum lease_verb verb);

/* May this process work on them? Not if another process holds the lock that
 * one of them belongs to, and not without holding it itself if
 * OWNER_MUST_BE_OURS: then they live as long as it works. RC_OK or
 * RC_BAD_REQUEST. */
enum owner_check { OWNER_MUST_BE_OURS, OWNER_MAY_BE_DEAD };
int lease_batch_check_lock(struct broker *b, const struct lease_batch *batch,
                           enum owner_check what);

/* Refuse one; the first refusal decides the rc. */
void lease_batch_refuse(struct lease_batch *batch, size_t i,
                        enum reason reason, const char *text);

#endif
