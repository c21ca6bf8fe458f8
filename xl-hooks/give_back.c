/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>

#include "arena.h"
#include "assign_check.h"
#include "bind.h"
#include "broker.h"
#include "give_back.h"
#include "inventory.h"
#include "lease.h"
#include "store.h"
#include "sysfs.h"

int give_back_claim(struct broker *b, uint32_t txn,
                    const struct holding *h, const struct owner *self)
{
    struct lease ours;

    if (!h->lease || !h->lease->was)
        return lease_remove(b, txn, &h->bdf);
    ours = *h->lease;
    ours.owner = *self;
    return lease_write(b, txn, &h->bdf, &ours);
}

struct payment {
    struct holding *list;
    struct done *done;
    size_t count;
};

static bool has_debt(const struct holding *h)
{
    return h->lease && h->lease->was;
}

/* Also where giving back failed for good: a lease of nobody would keep the
 * device from everyone, and the answer names what is left to do. */
static int forget(struct broker *b, uint32_t txn, void *arg)
{
    struct payment *p = arg;
    size_t i;
    int rc;

    for (i = 0; i < p->count; i++) {
        if (!has_debt(&p->list[i]) || p->done[i].reason == REASON_IN_USE)
            continue;
        rc = lease_remove(b, txn, &p->list[i].bdf);
        if (!rc && p->done[i].reason == REASON_NONE)
            rc = lease_set_driver_path(b, txn, &p->list[i].bdf, NULL);
        if (rc)
            return rc;
    }
    return RC_OK;
}

/* A guest may still reach it, whatever xenstore says: leave it alone. */
static bool is_assigned(struct broker *b, const struct bdf *bdf)
{
    int r = b->xen->ops->test_assign(b->xen, bdf);

    return r == EINVAL || r == EBUSY;
}

static void pay(struct broker *b, const struct holding *h, struct done *done)
{
    const char *why;

    if (!sysfs_exists(sysfs_device_path(b, &h->bdf, ".")))
        return;                 /* gone: nothing to give back */
    if (is_assigned(b, &h->bdf)) {
        done->reason = REASON_IN_USE;
        done->text = "is still assigned to a guest";
    } else if (bind_to_driver(b, &h->bdf, h->lease->was, &why)) {
        done->reason = REASON_BROKER_FAILED;
        done->text = arena_printf(b->arena, "could not be given back to %s: "
                                  "%s", h->lease->was, why);
    }
}

int give_back_finish(struct broker *b, struct holding *list,
                     struct done *done, size_t count)
{
    struct payment payment = { list, done, count };
    bool refused = false, debts = false;
    size_t i;
    int rc;

    for (i = 0; i < count; i++) {
        if (done[i].reason == REASON_NONE) {
            done[i].state = "released";
            if (has_debt(&list[i])) {
                debts = true;
                pay(b, &list[i], &done[i]);
            }
        }
        if (done[i].reason != REASON_NONE)
            refused = true;
    }
    if (debts) {
        rc = store_transaction(b, forget, &payment);
        if (rc)
            return rc;
    }
    return refused ? RC_REFUSED : RC_OK;
}
