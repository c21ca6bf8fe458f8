/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "lease/lease_batch.h"
#include "lease/lock.h"

static void add(struct broker *b, struct lease_batch *batch,
                const struct store_device *sd)
{
    struct done *done;

    batch->list = arena_extend(b->arena, batch->list, batch->count,
                               sizeof(*batch->list));
    batch->done = arena_extend(b->arena, batch->done, batch->count,
                               sizeof(*batch->done));
    batch->list[batch->count] = *sd;
    done = &batch->done[batch->count++];
    memset(done, 0, sizeof(*done));
    done->id = sd->lease->id;
    done->bdf = sd->bdf;
    done->state = lease_state_word(sd->lease->state);
}

int lease_batch_read(struct broker *b, uint32_t txn,
                     const struct lease_request *request,
                     struct lease_batch *batch)
{
    struct store_devices all;
    const struct store_device *sd;
    size_t i;
    int rc;

    memset(batch, 0, sizeof(*batch));
    rc = store_devices_of_migration(b, txn, request->migration, &all);
    if (rc)
        return rc;
    for (i = 0; i < all.count; i++) {
        sd = &all.list[i];
        if (sd->lease->state == LEASE_HELD_FOR_ROLLBACK)
            continue;
        if (strcmp(sd->lease->domain, request->domain))
            return broker_fail(b, RC_BAD_REQUEST,
                               "domain: the leases of "
                               "migration %s are for domain %s",
                               request->migration, sd->lease->domain);
        add(b, batch, sd);
    }
    return RC_OK;
}

int lease_batch_check_state(struct broker *b, const struct lease_batch *batch,
                            enum lease_verb verb)
{
    enum lease_state next;
    size_t i;

    for (i = 0; i < batch->count; i++)
        if (!lease_may(batch->list[i].lease->state, verb, &next))
            return broker_fail(b, RC_BAD_REQUEST, "%s is %s: no %s now",
                               bdf_text(b->arena, &batch->list[i].bdf),
                               lease_state_word(batch->list[i].lease->state),
                               lease_verb_word(verb));
    return RC_OK;
}

int lease_batch_check_lock(struct broker *b, const struct lease_batch *batch,
                           enum owner_check what)
{
    const char *lock;
    size_t i;

    for (i = 0; i < batch->count; i++) {
        lock = batch->list[i].lease->owner.lock;
        if (!lock || lock_is_ours(b, lock) ||
            (what == OWNER_MAY_BE_DEAD && !lock_is_held(b, lock)))
            continue;
        return broker_fail(b, RC_BAD_REQUEST,
                           "leases of migration %s belong "
                           "to the lock %s, which this process did not "
                           "inherit",
                           batch->list[i].lease->migration, lock);
    }
    return RC_OK;
}

void lease_batch_refuse(struct lease_batch *batch, size_t i,
                        enum reason reason, const char *text)
{
    batch->done[i].reason = reason;
    batch->done[i].text = text;
}
