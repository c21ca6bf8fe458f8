/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bind what was reserved to pciback and set up VFs on their PF. Three steps,
 * so that a kill between any two leaves a lease and a note that tell what has
 * to be undone:
 *   1. the lease notes the driver (`was`), libxl's driver_path as well; the
 *      note of a VF says `made`;
 *   2. the device moves, the PF is told;
 *   3. the lease says `prepared`.
 */
#include <string.h>

#include "arena.h"
#include "assign_check.h"
#include "bind.h"
#include "broker.h"
#include "device_use.h"
#include "inventory.h"
#include "isolation.h"
#include "lease.h"
#include "mine.h"
#include "reply.h"
#include "request.h"
#include "reset_mark.h"
#include "store.h"
#include "verbs.h"
#include "vf_note.h"
#include "vf_setup.h"

#define LOST "its lease was ended while it was prepared"

struct preparer {
    struct lease_request request;
    struct inventory inventory;
    struct mine mine;
    bool refused;
};

static void refuse(struct preparer *p, size_t i, enum reason reason,
                   const char *text)
{
    mine_refuse(&p->mine, i, reason, text);
    p->refused = true;
}

/* Things may have changed since the reservation. */
static int check(struct broker *b, uint32_t txn, struct preparer *p,
                 struct holdings *holdings, size_t i)
{
    struct holding *h = &p->mine.list[i];
    struct device *device = inventory_find(&p->inventory, &h->bdf);
    const char *why;
    int rc;

    if (!device) {
        refuse(p, i, REASON_DEVICE_GONE, "is no longer in the system");
        return RC_OK;
    }
    if (h->domid) {
        refuse(p, i, REASON_IN_USE, arena_printf(
            b->arena, "is given to domain %s", h->domid));
        return RC_OK;
    }
    rc = inventory_detail(b, &p->inventory, device);
    if (!rc)
        rc = device_shared(&(struct neighbourhood){
            b, txn, &p->inventory, holdings, h->lease->domain }, device, &why);
    if (rc)
        return rc;
    if (why) {
        refuse(p, i, REASON_NOT_ISOLATED, why);
        return RC_OK;
    }
    if (device->pciback)
        device_kind(b, device, &why);
    else
        rc = device_use(b, txn, device, &why);
    if (rc)
        return rc;
    if (why)
        refuse(p, i, REASON_IN_USE, why);
    else if (device->pciback)
        return RC_OK;
    else if (!p->inventory.pciback)
        refuse(p, i, REASON_NOT_ASSIGNABLE, "xen-pciback is not loaded");
    else if (device->driver && word_is_driver(device->driver))
        h->lease->was = device->driver;
    /* A prepare before may have been killed on the way. */
    else if (!h->lease->was)
        h->lease->was = BIND_NO_DRIVER;
    return RC_OK;
}

/* What the host has set, before the first of it is changed. */
static void note_before(struct broker *b, struct holding *h)
{
    struct vf_place place;
    const char *why;

    if (vf_find(b, &h->bdf, &place, &h->vf->before, &why) != VF_FOUND)
        h->vf->before = vf_defaults();
}

static int note_one(struct broker *b, uint32_t txn, struct holding *h)
{
    int rc = RC_OK;

    if (h->lease->was) {
        rc = lease_write(b, txn, &h->bdf, h->lease);
        if (!rc && strcmp(h->lease->was, BIND_NO_DRIVER))
            rc = lease_set_driver_path(b, txn, &h->bdf, h->lease->was);
    }
    if (!rc && h->vf && !h->vf->made) {
        note_before(b, h);
        h->vf->made = true;
        rc = lease_set_vf_note(b, txn, &h->bdf, h->vf);
    }
    return rc;
}

static int note_debts(struct broker *b, uint32_t txn, void *arg)
{
    struct preparer *p = arg;
    struct holdings holdings;
    struct holding *h;
    size_t i;
    int rc;

    p->refused = false;
    rc = holdings_open(b, txn, &holdings);
    if (!rc)
        rc = mine_read(b, txn, &p->request, &p->mine);
    if (!rc)
        rc = mine_check_state(b, &p->mine, LEASE_VERB_prepare);
    if (!rc)
        rc = mine_check_lock(b, &p->mine, OWNER_MUST_BE_OURS);
    if (rc)
        return rc;
    for (i = 0; i < p->mine.count; i++) {
        rc = check(b, txn, p, &holdings, i);
        if (rc)
            return rc;
    }
    if (p->refused)
        return RC_REFUSED;
    for (i = 0; i < p->mine.count; i++) {
        h = &p->mine.list[i];
        rc = note_one(b, txn, h);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static bool still_ours(struct broker *b, const struct holding *h)
{
    return lease_still_stands(b, &h->bdf, h->lease->migration,
                              h->lease->owner.lock);
}

/* What was moved goes back, unless it is somebody else's by now; leases and
 * notes keep what `release` or `gc` are to try again where that failed. */
static void move_back(struct broker *b, struct preparer *p, size_t count)
{
    struct holding *h;
    const char *why;

    while (count--) {
        h = &p->mine.list[count];
        if (h->lease->state != LEASE_RESERVED || !still_ours(b, h) ||
            assign_is_a_guests(b, &h->bdf))
            continue;
        if (h->vf)
            vf_reset(b, &h->bdf, &h->vf->before, &why);
        /* one that does not answer is no good to dom0 either */
        if (h->lease->was &&
            p->mine.done[count].reason != REASON_RESET_FAILED)
            bind_to_driver(b, &h->bdf, h->lease->was, &why);
    }
}

static void move_one(struct broker *b, struct preparer *p, size_t i)
{
    struct holding *h = &p->mine.list[i];
    const char *why;

    if (!still_ours(b, h))
        refuse(p, i, REASON_LEASED, LOST);
    else if (bind_to_pciback(b, &h->bdf, &why))
        refuse(p, i, REASON_NOT_ASSIGNABLE, why);
    /* pciback has reset it */
    else if (!reset_came_back(b, &h->bdf))
        refuse(p, i, REASON_RESET_FAILED, RESET_MARK_TEXT);
    else if (h->vf && !still_ours(b, h))
        refuse(p, i, REASON_LEASED, LOST);
    else if (h->vf && vf_make(b, &h->bdf, &h->vf->settings, &why))
        refuse(p, i, REASON_VF_SETTINGS, why);
}

static int move(struct broker *b, struct preparer *p)
{
    size_t i;

    for (i = 0; i < p->mine.count; i++) {
        if (p->mine.list[i].lease->state != LEASE_RESERVED)
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

    for (i = 0; !rc && i < p->mine.count; i++)
        if (p->mine.done[i].reason == REASON_RESET_FAILED)
            rc = reset_mark_set(b, txn, &p->mine.list[i].bdf,
                                p->mine.done[i].text);
    return rc;
}

/* The lease must be as step 1 left it: a gc may have taken it for dead. */
static int say_prepared(struct broker *b, uint32_t txn, void *arg)
{
    struct preparer *p = arg;
    struct mine before = p->mine;
    struct holding *h;
    size_t i;
    int rc;

    rc = mine_read(b, txn, &p->request, &p->mine);
    if (rc)
        return rc;
    if (p->mine.count != before.count)
        return broker_fail(b, RC_FAILED, "leases of migration %s vanished "
                           "while their devices were prepared",
                           p->request.migration);
    for (i = 0; i < p->mine.count; i++) {
        h = &p->mine.list[i];
        if (h->lease->state == LEASE_RESERVED)
            h->lease->state = LEASE_PREPARED;
        p->mine.done[i].state = lease_state_word(h->lease->state);
        rc = lease_write(b, txn, &h->bdf, h->lease);
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
    rc = inventory_open(b, &p.inventory);
    if (rc) goto out;
    rc = store_transaction(b, note_debts, &p);
    if (rc == RC_OK)
        rc = move(b, &p);
    if (rc == RC_REFUSED && store_transaction(b, mark_failed, &p))
        rc = RC_FAILED;
    if (rc == RC_OK)
        rc = store_transaction(b, say_prepared, &p);
    if (rc == RC_OK || rc == RC_REFUSED)
        *answer = mine_answer(b, &p.request, &p.mine, rc);
out:
    inventory_close(&p.inventory);
    return rc;
}
