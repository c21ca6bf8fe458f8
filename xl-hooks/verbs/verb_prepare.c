/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bind what was reserved to pciback and set up VFs on their PF. Three steps,
 * so that a kill between any two leaves a lease and a VF node that tell what has
 * to be undone:
 *   1. the lease says which driver it was (`was`), libxl's driver_path as well;
 *      the VF node says `made`;
 *   2. the device moves, the PF is told;
 *   3. the lease says `prepared`.
 */
#include <string.h>

#include "answer/answer.h"
#include "base/arena.h"
#include "base/broker.h"
#include "base/change.h"
#include "base/words.h"
#include "host/bind.h"
#include "host/inventory.h"
#include "host/store.h"
#include "host/xen.h"
#include "lease/lease.h"
#include "lease/lease_batch.h"
#include "lease/reset_mark.h"
#include "lease/vf_node.h"
#include "proto/request.h"
#include "use/device_use.h"
#include "use/isolation.h"
#include "verbs/tell.h"
#include "verbs/verbs.h"
#include "vf/vf_setup.h"

#define LOST "its lease was ended while it was prepared"

struct preparer {
    struct lease_request request;
    struct inventory inventory;
    struct lease_batch batch;
    bool refused;
};

static void prepare_refuse(struct preparer *p, size_t i, enum reason reason,
                           const char *text)
{
    lease_batch_refuse(&p->batch, i, reason, text);
    p->refused = true;
}

/* Things may have changed since the reservation. */
static int check(struct broker *b, uint32_t txn, struct preparer *p,
                 struct store_devices *nodes, size_t i)
{
    struct store_device *sd = &p->batch.list[i];
    struct device *device = inventory_find(&p->inventory, &sd->bdf);
    const char *why;
    int rc;

    if (!device) {
        prepare_refuse(p, i, REASON_DEVICE_GONE, "is no longer in the system");
        return RC_OK;
    }
    if (sd->domid) {
        prepare_refuse(p, i, REASON_IN_USE,
                       arena_printf(b->arena, "is given to domain %s",
                                    sd->domid));
        return RC_OK;
    }
    rc = inventory_detail(b, &p->inventory, device);
    if (!rc)
        rc = device_shared(&(struct neighbourhood){ b, txn, &p->inventory,
                                                    nodes, sd->lease->domain },
                           device, &why);
    if (rc)
        return rc;
    if (why) {
        prepare_refuse(p, i, REASON_NOT_ISOLATED, why);
        return RC_OK;
    }
    if (device->pciback)
        device_kind(b, device, &why);
    else
        rc = device_use(b, txn, device, &why);
    if (rc)
        return rc;
    if (why)
        prepare_refuse(p, i, REASON_IN_USE, why);
    else if (device->pciback)
        return RC_OK;
    else if (!p->inventory.pciback)
        prepare_refuse(p, i, REASON_NOT_ASSIGNABLE,
                       "xen-pciback is not loaded");
    else if (device->driver && word_is_driver(device->driver))
        sd->lease->was = device->driver;
    /* A prepare before may have been killed on the way. */
    else if (!sd->lease->was)
        sd->lease->was = BIND_NO_DRIVER;
    return RC_OK;
}

/* What the host has set, before the first of it is changed. */
static void read_before(struct broker *b, struct store_device *sd)
{
    struct vf_place place;
    const char *why;

    if (vf_find(b, &sd->bdf, &place, &sd->vf->before, &why) != VF_FOUND)
        sd->vf->before = vf_defaults();
}

static int write_ahead_one(struct broker *b, uint32_t txn,
                           struct store_device *sd)
{
    int rc = RC_OK;

    if (sd->lease->was) {
        rc = lease_write(b, txn, &sd->bdf, sd->lease);
        if (!rc && strcmp(sd->lease->was, BIND_NO_DRIVER))
            rc = lease_set_driver_path(b, txn, &sd->bdf, sd->lease->was);
    }
    if (!rc && sd->vf && !sd->vf->made) {
        read_before(b, sd);
        sd->vf->made = true;
        rc = lease_set_vf_node(b, txn, &sd->bdf, sd->vf);
    }
    return rc;
}

static int write_ahead(struct broker *b, uint32_t txn, void *arg)
{
    struct preparer *p = arg;
    struct store_devices nodes;
    struct store_device *sd;
    size_t i;
    int rc;

    p->refused = false;
    rc = store_devices_open(b, txn, &nodes);
    if (!rc)
        rc = lease_batch_read(b, txn, &p->request, &p->batch);
    if (!rc)
        rc = lease_batch_check_state(b, &p->batch, LEASE_VERB_prepare);
    if (!rc)
        rc = lease_batch_check_lock(b, &p->batch, OWNER_MUST_BE_OURS);
    if (rc)
        return rc;
    for (i = 0; i < p->batch.count; i++) {
        rc = check(b, txn, p, &nodes, i);
        if (rc)
            return rc;
    }
    if (p->refused)
        return RC_REFUSED;
    for (i = 0; i < p->batch.count; i++) {
        sd = &p->batch.list[i];
        rc = write_ahead_one(b, txn, sd);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static bool still_ours(struct broker *b, const struct store_device *sd)
{
    return lease_still_stands(b, &sd->bdf, sd->lease->migration,
                              sd->lease->owner.lock);
}

/* What was moved goes back, unless it is somebody else's by now; leases and
 * VF nodes keep what `release` or `gc` are to try again where that failed. */
static void move_back(struct broker *b, struct preparer *p, size_t count)
{
    struct store_device *sd;
    const char *why;

    while (count--) {
        sd = &p->batch.list[count];
        if (sd->lease->state != LEASE_RESERVED || !still_ours(b, sd) ||
            xen_guest_may_have(b, &sd->bdf))
            continue;
        if (sd->vf)
            vf_reset(b, &sd->bdf, &sd->vf->before, &why);
        /* one that does not answer is no good to dom0 either */
        if (sd->lease->was &&
            p->batch.done[count].reason != REASON_RESET_FAILED)
            bind_to_driver(b, &sd->bdf, sd->lease->was, &why);
    }
}

static void leave_dead(struct broker *b, struct preparer *p, size_t i)
{
    prepare_refuse(p, i, REASON_RESET_FAILED, RESET_MARK_TEXT);
    change_log(b, &p->batch.list[i].bdf,
               "left in quarantine, " RESET_MARK_TEXT);
}

static void move_one(struct broker *b, struct preparer *p, size_t i)
{
    struct store_device *sd = &p->batch.list[i];
    const char *why;

    if (!still_ours(b, sd))
        prepare_refuse(p, i, REASON_LEASED, LOST);
    else if (bind_to_pciback(b, &sd->bdf, &why))
        prepare_refuse(p, i, REASON_NOT_ASSIGNABLE, why);
    /* pciback has reset it */
    else if (!reset_came_back(b, &sd->bdf))
        leave_dead(b, p, i);
    else if (sd->vf && !still_ours(b, sd))
        prepare_refuse(p, i, REASON_LEASED, LOST);
    else if (sd->vf && vf_make(b, &sd->bdf, &sd->vf->settings, &why))
        prepare_refuse(p, i, REASON_VF_SETTINGS, why);
}

static int move(struct broker *b, struct preparer *p)
{
    size_t i;

    for (i = 0; i < p->batch.count; i++) {
        if (p->batch.list[i].lease->state != LEASE_RESERVED)
            continue;
        move_one(b, p, i);
        if (p->refused) {
            move_back(b, p, i + 1);
            return RC_REFUSED;
        }
    }
    return RC_OK;
}

static int mark_failed(struct broker *b, uint32_t txn, void *arg)
{
    struct preparer *p = arg;
    size_t i;
    int rc = RC_OK;

    for (i = 0; !rc && i < p->batch.count; i++)
        if (p->batch.done[i].reason == REASON_RESET_FAILED)
            rc = reset_mark_set(b, txn, &p->batch.list[i].bdf,
                                p->batch.done[i].text);
    return rc;
}

/* The lease must be as step 1 left it: a gc may have taken it for dead. */
static int say_prepared(struct broker *b, uint32_t txn, void *arg)
{
    struct preparer *p = arg;
    struct lease_batch before = p->batch;
    struct store_device *sd;
    size_t i;
    int rc;

    rc = lease_batch_read(b, txn, &p->request, &p->batch);
    if (rc)
        return rc;
    if (p->batch.count != before.count)
        return broker_fail(b, RC_FAILED, "leases of migration %s vanished "
                           "while their devices were prepared",
                           p->request.migration);
    for (i = 0; i < p->batch.count; i++) {
        sd = &p->batch.list[i];
        if (sd->lease->state == LEASE_RESERVED)
            sd->lease->state = LEASE_PREPARED;
        p->batch.done[i].state = lease_state_word(sd->lease->state);
        rc = lease_write(b, txn, &sd->bdf, sd->lease);
        if (rc)
            return rc;
    }
    return RC_OK;
}

int verb_prepare(struct broker *b, const struct verb_input *input,
                 char **answer)
{
    struct preparer p = { .refused = false };
    int rc;

    rc = request_lease(b, input->text, input->len, &p.request);
    if (rc) goto out;
    b->acting_for = p.request.migration;
    rc = inventory_open(b, &p.inventory);
    if (rc) goto out;
    rc = store_transaction(b, write_ahead, &p);
    if (rc == RC_OK)
        rc = move(b, &p);
    if (rc == RC_REFUSED && store_transaction(b, mark_failed, &p))
        rc = RC_FAILED;
    if (rc == RC_OK)
        rc = store_transaction(b, say_prepared, &p);
    if (rc == RC_OK || rc == RC_REFUSED)
        *answer = answer_batch(b, &p.request, &p.batch, rc);
    if (rc == RC_REFUSED)
        tell_refused(b, p.batch.done, p.batch.count);
out:
    inventory_close(&p.inventory);
    return rc;
}
