/* SPDX-License-Identifier: GPL-2.0-only */
/* `plan` and `reserve`: the same decision, with and without taking. */
#include <string.h>

#include "arena.h"
#include "broker.h"
#include "inventory.h"
#include "lease.h"
#include "owner.h"
#include "planner.h"
#include "pools.h"
#include "reply.h"
#include "remedy.h"
#include "request.h"
#include "store.h"
#include "table.h"
#include "verbs.h"
#include "vf_create.h"
#include "vf_note.h"
#include "vf_setup.h"

struct reserver {
    struct reserve_request request;
    struct owner owner;
    struct pools pools;
    struct inventory inventory;
    struct plan plan;
    bool take;
    struct vf_create create;
    int create_errno;           /* 0, or why making VFs failed */
};

/* What `prepare` has to make of a VF, which sees the lease only. */
static int note_settings(struct broker *b, uint32_t txn, struct reserver *s,
                         const struct wanted *wanted, const struct bdf *bdf,
                         const struct holding *before)
{
    struct device *device = inventory_find(&s->inventory, bdf);
    struct vf_note note = { .made = before && before->vf && before->vf->made };
    const struct pool *pool = NULL;
    struct vf_place place;
    const char *why;

    inventory_physfn(b, device);
    if (!device->vf)
        return RC_OK;
    /* What a dead guest had is not what the host has set up. */
    if (note.made)
        note.before = before->vf->before;
    else if (vf_find(b, bdf, &place, &note.before, &why) != VF_FOUND)
        note.before = vf_defaults();
    if (wanted->wish.pool)
        pool = pools_find(&s->pools, wanted->wish.pool);
    note.settings = vf_note_wanted(wanted, &note.before, pool);
    return lease_set_vf_note(b, txn, bdf, &note);
}

static int take(struct broker *b, uint32_t txn, struct reserver *s,
                struct holdings *holdings)
{
    const struct record *record = &s->request.record;
    struct holding *before;
    const struct planned *p;
    struct lease lease;
    size_t i;
    int rc;

    for (i = 0; i < record->count; i++) {
        p = &s->plan.planned[i];
        if (p->status != PLANNED_DEVICE)
            continue;
        rc = holding_get(b, txn, holdings, &p->bdf, &before);
        if (rc)
            return rc;
        lease = (struct lease){
            .state = LEASE_RESERVED, .migration = record->migration,
            .domain = record->domain_uuid, .id = p->id, .owner = s->owner,
            /* A dead owner's debt to dom0 passes on. */
            .was = before ? holding_debt(before) : NULL,
        };
        rc = lease_write(b, txn, &p->bdf, &lease);
        if (!rc && before && before->orphan_of)
            rc = lease_set_orphan(b, txn, &p->bdf, NULL);
        if (!rc)
            rc = note_settings(b, txn, s, &record->devices[i], &p->bdf,
                               before);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static int decide(struct broker *b, uint32_t txn, void *arg)
{
    struct reserver *s = arg;
    const struct plan_job job = {
        .b = b, .inventory = &s->inventory, .pools = &s->pools,
        .record = &s->request.record, .numa = s->request.numa,
        .take = s->take, .list = !s->take,
    };
    struct holdings holdings;
    int rc;

    rc = holdings_open(b, txn, &holdings);
    if (rc)
        return rc;
    rc = plan_make(&job, txn, &holdings, &s->plan);
    if (rc)
        return rc;
    vf_create_choose(b, &s->pools, &s->request.record, &s->plan, &s->create);
    if (s->plan.refused || (s->take && s->create.count && !s->create_errno))
        return RC_REFUSED;
    return s->take ? take(b, txn, s, &holdings) : RC_OK;
}

/* A device that is only made when it is wanted. */
static void explain_create(struct broker *b, struct reserver *s)
{
    struct planned *p;
    size_t i;

    for (i = 0; s->create.count && i < s->request.record.count; i++) {
        p = &s->plan.planned[i];
        if (p->status == PLANNED_DEVICE)
            continue;
        if (s->create_errno)
            p->text = arena_printf(b->arena, "%s; making %ld VFs of %s "
                                   "failed: %s", p->text, s->create.count,
                                   bdf_text(b->arena, &s->create.pf),
                                   strerror(s->create_errno));
        else
            p->text = arena_printf(b->arena, "%s; reserve would make %ld VFs "
                                   "of %s", p->text, s->create.count,
                                   bdf_text(b->arena, &s->create.pf));
    }
}

/* As long as making VFs of another PF may help, but no longer than somebody
 * could take them away again. Not inside the transaction: it takes its time,
 * and may come again. */
static int decide_all(struct broker *b, struct reserver *s)
{
    int rc, tries;

    for (tries = 0; ; tries++) {
        rc = store_transaction(b, decide, s);
        if (rc != RC_REFUSED || !s->take || !s->create.count ||
            s->create_errno)
            return rc;
        if (tries == REQUEST_MAX_DEVICES)
            return broker_fail(b, RC_FAILED, "the VFs made of %s do not "
                               "stay", bdf_text(b->arena, &s->create.pf));
        s->create_errno = vf_create(b, &s->create);
        inventory_close(&s->inventory);
        rc = inventory_open(b, &s->inventory);
        if (rc)
            return rc;
    }
}

/* Once for each reason. */
static void tell_remedies(struct broker *b, const struct planned *planned,
                          size_t count)
{
    size_t i, j;

    for (i = 0; i < count; i++) {
        if (planned[i].status != PLANNED_REFUSED ||
            !remedy(planned[i].reason))
            continue;
        for (j = 0; j < i; j++)
            if (planned[j].status == PLANNED_REFUSED &&
                planned[j].reason == planned[i].reason)
                break;
        if (j == i && b->messages)
            fprintf(b->messages, "pci-broker: %s: %s\n",
                    reason_word(planned[i].reason),
                    remedy(planned[i].reason));
    }
}

static int run(struct broker *b, const struct verb_input *input,
               bool reserve, char **answer)
{
    struct reserver s = { .take = false };
    const struct record *record = &s.request.record;
    int rc;

    rc = request_reserve(b, input->text, input->len, &s.request);
    if (rc) goto out;
    s.take = reserve && !record->dry_run;
    if (s.take)
        rc = owner_from_lock(b, s.request.owner, &s.owner);
    if (rc) goto out;
    rc = pools_load(b, b->pools_path, b->pools_named, &s.pools);
    if (rc) goto out;
    rc = inventory_open(b, &s.inventory);
    if (rc) goto out;
    rc = decide_all(b, &s);
    if (rc == RC_OK || rc == RC_REFUSED)
        explain_create(b, &s);
    if ((rc == RC_OK || rc == RC_REFUSED) && b->explain)
        explain_print(b->explain, &s.plan, record->count);
    if (rc == RC_OK || rc == RC_REFUSED)
        *answer = b->table ? table_plan(b, s.plan.planned, record->count)
                           : reply_plan(b, record->migration,
                                        rc == RC_REFUSED, s.plan.planned,
                                        record->count);
    if (rc == RC_REFUSED)
        tell_remedies(b, s.plan.planned, record->count);
out:
    inventory_close(&s.inventory);
    return rc;
}

int verb_plan(struct broker *b, const struct verb_input *input,
              char **answer)
{
    return run(b, input, false, answer);
}

int verb_reserve(struct broker *b, const struct verb_input *input,
                 char **answer)
{
    return run(b, input, true, answer);
}
