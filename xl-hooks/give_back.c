/* SPDX-License-Identifier: GPL-2.0-only */
#include "arena.h"
#include "assign_check.h"
#include "bind.h"
#include "broker.h"
#include "give_back.h"
#include "inventory.h"
#include "lease.h"
#include "lock.h"
#include "reset_mark.h"
#include "store.h"
#include "sysfs.h"
#include "vf_note.h"
#include "vf_setup.h"

/* Of the lease that keeps others away while the debts of a device are paid
 * that has none. */
#define NOBODY "00000000-0000-0000-0000-000000000000"

bool give_back_has_debt(const struct holding *h)
{
    return holding_debt(h) || (h->vf && h->vf->made);
}

static const char *migration_of(const struct holding *h)
{
    return h->lease ? h->lease->migration : NOBODY;
}

int give_back_claim(struct broker *b, uint32_t txn,
                    const struct holding *h, const struct lock *lock)
{
    struct lease ours = {
        .state = LEASE_RESERVED, .migration = migration_of(h),
        .domain = NOBODY, .id = "gc",
    };
    int rc;

    if (!give_back_has_debt(h)) {
        rc = lease_remove(b, txn, &h->bdf);
        if (!rc && h->vf)
            rc = lease_set_vf_note(b, txn, &h->bdf, NULL);
        return rc;
    }
    if (h->lease)
        ours = *h->lease;
    ours.was = holding_debt(h);
    ours.owner = (struct owner){ .lock = lock->name };
    return lease_write(b, txn, &h->bdf, &ours);
}

struct payment {
    const struct lock *lock;
    struct holding *list;
    struct done *done;
    bool *owed;                 /* had a debt, and a lease of ours */
    size_t count;
};

/* What could not be given back is kept in mind, for `list` to tell and `gc` to
 * try again. A note stays `made` where the PF could not be told: the next one
 * who gets the VF sets everything, and `gc` tries again. */
static int forget_one(struct broker *b, uint32_t txn,
                      const struct holding *h, enum reason reason)
{
    bool failed = reason == REASON_BROKER_FAILED ||
                  reason == REASON_RESET_FAILED;
    int rc;

    rc = lease_remove(b, txn, &h->bdf);
    if (!rc && holding_debt(h) && !failed)
        rc = lease_set_driver_path(b, txn, &h->bdf, NULL);
    if (!rc && holding_debt(h))
        rc = lease_set_orphan(b, txn, &h->bdf,
                              failed ? holding_debt(h) : NULL);
    if (!rc && reason == REASON_RESET_FAILED)
        rc = reset_mark_set(b, txn, &h->bdf, RESET_MARK_TEXT);
    if (!rc && h->vf && !h->vf->made)
        rc = lease_set_vf_note(b, txn, &h->bdf, NULL);
    return rc;
}

/* Also where giving back failed for good: a lease of nobody would keep the
 * device from everyone, and the answer names what is left to do. */
static int forget(struct broker *b, uint32_t txn, void *arg)
{
    struct payment *p = arg;
    bool ours;
    size_t i;
    int rc;

    for (i = 0; i < p->count; i++) {
        if (!p->owed[i] || p->done[i].reason == REASON_IN_USE)
            continue;
        rc = lease_stands(b, txn, &p->list[i].bdf, migration_of(&p->list[i]),
                          p->lock->name, &ours);
        if (!rc && ours)
            rc = forget_one(b, txn, &p->list[i], p->done[i].reason);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static void reset_settings(struct broker *b, const struct holding *h,
                           struct done *done)
{
    const char *why;

    if (!h->vf || !h->vf->made)
        return;
    if (vf_reset(b, &h->bdf, &h->vf->before, &why)) {
        done->reason = REASON_VF_SETTINGS;
        done->text = why;
    } else {
        h->vf->made = false;
    }
}

static bool is_lost(struct broker *b, const struct lock *lock,
                    const struct holding *h, struct done *done)
{
    if (lease_still_stands(b, &h->bdf, migration_of(h), lock->name))
        return false;
    done->reason = REASON_IN_USE;
    done->text = "its lease was ended while it was given back";
    return true;
}

/* The PF first: a driver that binds to the VF would take its MAC over. */
static void pay(struct broker *b, const struct lock *lock,
                const struct holding *h, struct done *done)
{
    const char *was = holding_debt(h), *why;

    if (!sysfs_exists(sysfs_device_path(b, &h->bdf, "."))) {
        if (h->vf)              /* gone: nothing to give back */
            h->vf->made = false;
        return;
    }
    if (assign_is_a_guests(b, &h->bdf)) {
        done->reason = REASON_IN_USE;
        done->text = "is still assigned to a guest";
        return;
    }
    if (is_lost(b, lock, h, done))
        return;
    reset_settings(b, h, done);
    if (!reset_came_back(b, &h->bdf)) {
        /* It stays in quarantine: no driver of dom0's should have it. */
        done->reason = REASON_RESET_FAILED;
        done->text = RESET_MARK_TEXT;
        return;
    }
    if (!was || is_lost(b, lock, h, done))
        return;
    if (bind_to_driver(b, &h->bdf, was, &why)) {
        done->reason = REASON_BROKER_FAILED;
        done->text = arena_printf(b->arena, "could not be given back to %s: "
                                  "%s", was, why);
    }
}

int give_back_finish(struct broker *b, const struct lock *lock,
                     struct holding *list, struct done *done, size_t count)
{
    struct payment payment = { lock, list, done, NULL, count };
    bool refused = false, debts = false;
    size_t i;
    int rc;

    payment.owed = arena_alloc(b->arena, count * sizeof(bool) + 1);
    for (i = 0; i < count; i++) {
        if (done[i].reason == REASON_NONE) {
            done[i].state = "released";
            payment.owed[i] = give_back_has_debt(&list[i]);
            if (payment.owed[i]) {
                debts = true;
                pay(b, lock, &list[i], &done[i]);
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
