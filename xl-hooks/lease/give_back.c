/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/arena.h"
#include "base/broker.h"
#include "base/change.h"
#include "host/bind.h"
#include "host/store.h"
#include "host/sysfs.h"
#include "host/xen.h"
#include "lease/give_back.h"
#include "lease/lease.h"
#include "lease/lock.h"
#include "lease/reset_mark.h"
#include "lease/store_device.h"
#include "lease/vf_node.h"
#include "vf/vf_setup.h"

/* Of the lease that keeps others away while the debts of a device are paid
 * that has none. */
#define NOBODY "00000000-0000-0000-0000-000000000000"

bool give_back_is_owed(const struct store_device *sd)
{
    return store_device_return_driver(sd) || (sd->vf && sd->vf->made);
}

static const char *migration_of(const struct store_device *sd)
{
    return sd->lease ? sd->lease->migration : NOBODY;
}

int give_back_claim(struct broker *b, uint32_t txn,
                    const struct store_device *sd, const struct lock *lock)
{
    struct lease ours = {
        .state = LEASE_RESERVED,
        .migration = migration_of(sd),
        .domain = NOBODY,
        .id = "gc",
    };
    int rc;

    if (!give_back_is_owed(sd)) {
        rc = lease_remove(b, txn, &sd->bdf);
        if (!rc && sd->vf)
            rc = lease_set_vf_node(b, txn, &sd->bdf, NULL);
        return rc;
    }
    if (sd->lease)
        ours = *sd->lease;
    ours.was = store_device_return_driver(sd);
    ours.owner = (struct owner){ .lock = lock->name };
    return lease_write(b, txn, &sd->bdf, &ours);
}

struct return_job {
    const struct lock *lock;
    struct store_device *list;
    struct done *done;
    bool *owed;                 /* had a debt, and a lease of ours */
    size_t count;
};

/* What could not be given back is kept in mind, for `list` to tell and `gc` to
 * try again. A VF node stays `made` where the PF could not be told: the next one
 * who gets the VF sets everything, and `gc` tries again. */
static int end_lease(struct broker *b, uint32_t txn,
                     const struct store_device *sd, enum reason reason)
{
    bool failed = reason == REASON_BROKER_FAILED ||
                  reason == REASON_RESET_FAILED ||
                  reason == REASON_VF_SETTINGS;
    int rc;

    rc = lease_remove(b, txn, &sd->bdf);
    if (!rc && store_device_return_driver(sd) && !failed)
        rc = lease_set_driver_path(b, txn, &sd->bdf, NULL);
    if (!rc && store_device_return_driver(sd))
        rc = lease_set_orphan(b, txn, &sd->bdf,
                              failed ? store_device_return_driver(sd) : NULL);
    if (!rc && reason == REASON_RESET_FAILED)
        rc = reset_mark_set(b, txn, &sd->bdf, RESET_MARK_TEXT);
    if (!rc && sd->vf && !sd->vf->made)
        rc = lease_set_vf_node(b, txn, &sd->bdf, NULL);
    return rc;
}

/* Also where giving back failed for good: a lease of nobody would keep the
 * device from everyone, and the answer names what is left to do. */
static int end_leases(struct broker *b, uint32_t txn, void *arg)
{
    struct return_job *p = arg;
    bool ours;
    size_t i;
    int rc;

    for (i = 0; i < p->count; i++) {
        if (!p->owed[i] || p->done[i].reason == REASON_IN_USE)
            continue;
        rc = lease_stands(b, txn, &p->list[i].bdf, migration_of(&p->list[i]),
                          p->lock->name, &ours);
        if (!rc && ours)
            rc = end_lease(b, txn, &p->list[i], p->done[i].reason);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static void reset_settings(struct broker *b, const struct store_device *sd,
                           struct done *done)
{
    const char *why;

    if (!sd->vf || !sd->vf->made)
        return;
    if (vf_reset(b, &sd->bdf, &sd->vf->before, &why)) {
        done->reason = REASON_VF_SETTINGS;
        done->text = why;
    } else {
        sd->vf->made = false;
    }
}

static bool is_lost(struct broker *b, const struct lock *lock,
                    const struct store_device *sd, struct done *done)
{
    if (lease_still_stands(b, &sd->bdf, migration_of(sd), lock->name))
        return false;
    done->reason = REASON_IN_USE;
    done->text = "its lease was ended while it was given back";
    return true;
}

/*
 * The PF first: a driver that binds to the VF would take its MAC over, and dom0's
 * network manager would be in the guest's VLAN under the guest's address.
 */
static void return_device(struct broker *b, const struct lock *lock,
                          const struct store_device *sd, struct done *done)
{
    const char *was = store_device_return_driver(sd), *why;

    b->acting_for = sd->lease ? sd->lease->migration : NULL;
    if (!sysfs_exists(sysfs_device_path(b, &sd->bdf, "."))) {
        if (sd->vf)              /* gone: nothing to give back */
            sd->vf->made = false;
        return;
    }
    if (xen_guest_may_have(b, &sd->bdf)) {
        done->reason = REASON_IN_USE;
        done->text = "is still assigned to a guest";
        return;
    }
    if (is_lost(b, lock, sd, done))
        return;
    reset_settings(b, sd, done);
    if (!reset_came_back(b, &sd->bdf)) {
        /* It stays in quarantine: no driver of dom0's should have it. */
        done->reason = REASON_RESET_FAILED;
        done->text = RESET_MARK_TEXT;
        change_log(b, &sd->bdf, "left in quarantine, " RESET_MARK_TEXT);
        return;
    }
    if (!was || done->reason == REASON_VF_SETTINGS ||
        is_lost(b, lock, sd, done))
        return;
    if (bind_to_driver(b, &sd->bdf, was, &why)) {
        done->reason = REASON_BROKER_FAILED;
        done->text = arena_printf(b->arena, "could not be given back to %s: "
                                  "%s", was, why);
    }
}

int give_back_finish(struct broker *b, const struct lock *lock,
                     struct store_device *list, struct done *done,
                     size_t count)
{
    struct return_job job = { lock, list, done, NULL, count };
    bool refused = false, debts = false;
    size_t i;
    int rc;

    job.owed = arena_alloc(b->arena, count * sizeof(bool) + 1);
    for (i = 0; i < count; i++) {
        if (done[i].reason == REASON_NONE) {
            done[i].state = "released";
            job.owed[i] = give_back_is_owed(&list[i]);
            if (job.owed[i]) {
                debts = true;
                return_device(b, lock, &list[i], &done[i]);
            }
        }
        if (done[i].reason != REASON_NONE)
            refused = true;
    }
    if (debts) {
        rc = store_transaction(b, end_leases, &job);
        if (rc)
            return rc;
    }
    return refused ? RC_REFUSED : RC_OK;
}
