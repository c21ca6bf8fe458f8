/* SPDX-License-Identifier: GPL-2.0-only */
/* `plan` and `reserve`: the same decision, with and without taking. */
#include <string.h>

#include "answer/answer.h"
#include "answer/table.h"
#include "base/arena.h"
#include "base/broker.h"
#include "choice/pools.h"
#include "choice/vf_wanted.h"
#include "host/inventory.h"
#include "host/store.h"
#include "lease/lease.h"
#include "lease/liveness.h"
#include "lease/store_device.h"
#include "lease/vf_node.h"
#include "plan/planner.h"
#include "plan/pools_read.h"
#include "plan/record_like.h"
#include "plan/vf_create_choose.h"
#include "proto/request.h"
#include "verbs/tell.h"
#include "verbs/verbs.h"
#include "vf/vf_create.h"
#include "vf/vf_setup.h"

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
static int write_vf_node(struct broker *b, uint32_t txn, struct reserver *s,
                         const struct wanted *wanted, const struct bdf *bdf,
                         const struct store_device *before)
{
    struct device *device = inventory_find(&s->inventory, bdf);
    struct vf_node node = { .made = before && before->vf && before->vf->made };
    const struct pool *pool = NULL;
    struct vf_place place;
    const char *why;

    inventory_physfn(b, device);
    if (!device->vf)
        return RC_OK;
    /* What a dead guest had is not what the host has set up. */
    if (node.made)
        node.before = before->vf->before;
    else if (vf_find(b, bdf, &place, &node.before, &why) != VF_FOUND)
        node.before = vf_defaults();
    if (wanted->wish.pool)
        pool = pools_find(&s->pools, wanted->wish.pool);
    node.settings = vf_wanted(wanted, &node.before, pool);
    return lease_set_vf_node(b, txn, bdf, &node);
}

static int take(struct broker *b, uint32_t txn, struct reserver *s,
                struct store_devices *nodes)
{
    const struct record *record = &s->request.record;
    struct store_device *before;
    const struct planned *p;
    struct lease lease;
    size_t i;
    int rc;

    for (i = 0; i < record->count; i++) {
        p = &s->plan.planned[i];
        if (p->status != PLANNED_DEVICE)
            continue;
        rc = store_device_get(b, txn, nodes, &p->bdf, &before);
        if (rc)
            return rc;
        lease = (struct lease){
            .state = LEASE_RESERVED,
            .migration = record->migration,
            .domain = record->domain_uuid,
            .id = p->id,
            .owner = s->owner,
            /* A dead owner's debt to dom0 passes on. */
            .was = before ? store_device_return_driver(before) : NULL,
        };
        rc = lease_write(b, txn, &p->bdf, &lease);
        if (!rc && before && before->orphan_of)
            rc = lease_set_orphan(b, txn, &p->bdf, NULL);
        if (!rc)
            rc =
                write_vf_node(b, txn, s, &record->devices[i], &p->bdf, before);
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
    struct store_devices nodes;
    int rc;

    rc = store_devices_open(b, txn, &nodes);
    if (rc)
        return rc;
    rc = plan_make(&job, txn, &nodes, &s->plan);
    if (rc)
        return rc;
    vf_create_choose(b, &s->pools, &s->request.record, &s->plan, &s->create);
    if (s->plan.refused || (s->take && s->create.count && !s->create_errno))
        return RC_REFUSED;
    return s->take ? take(b, txn, s, &nodes) : RC_OK;
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

static int run(struct broker *b, const struct verb_input *input,
               bool reserve, char **answer)
{
    struct reserver s = { .take = false };
    const struct record *record = &s.request.record;
    int rc = RC_OK;

    s.request.numa = -1;
    if (!input->like)
        rc = request_reserve(b, input->text, input->len, &s.request);
    if (rc) goto out;
    s.take = reserve && !record->dry_run;
    b->acting_for = record->migration;
    if (s.take)
        rc = owner_from_lock(b, s.request.owner, &s.owner);
    if (rc) goto out;
    rc = pools_load(b, b->pools_path, b->pools_named, &s.pools);
    if (rc) goto out;
    rc = inventory_open(b, &s.inventory);
    if (!rc && input->like)
        rc = record_like(b, &s.inventory, input->like, input->pool,
                         &s.request.record);
    if (rc) goto out;
    rc = decide_all(b, &s);
    if (rc == RC_OK || rc == RC_REFUSED)
        explain_create(b, &s);
    if ((rc == RC_OK || rc == RC_REFUSED) && b->explain)
        explain_print(b->explain, &s.plan, record->count);
    if (rc == RC_OK || rc == RC_REFUSED)
        *answer = b->table
                      ? table_plan(b, s.plan.planned, record->count)
                      : answer_plan(b, record->migration, rc == RC_REFUSED,
                                    s.plan.planned, record->count);
    if (rc == RC_REFUSED)
        tell_refused_plan(b, s.plan.planned, record->count);
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
