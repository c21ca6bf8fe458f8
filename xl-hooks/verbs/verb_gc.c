/* SPDX-License-Identifier: GPL-2.0-only */
/* `gc` ends the leases of the dead. */
#include <string.h>

#include "answer/answer.h"
#include "answer/table.h"
#include "base/arena.h"
#include "base/broker.h"
#include "host/store.h"
#include "host/xen.h"
#include "lease/give_back.h"
#include "lease/liveness.h"
#include "lease/lock.h"
#include "lease/reset_mark.h"
#include "lease/store_device.h"
#include "lease/vf_node.h"
#include "verbs/tell.h"
#include "verbs/verbs.h"

struct gc_job {
    const struct bdf *force;    /* or NULL */
    struct lock lock;           /* as above */
    struct store_devices freed;
    struct done *done;
};

static bool is_dead(const struct gc_job *job, const struct store_device *sd)
{
    if (job->force && !bdf_compare(job->force, &sd->bdf))
        return sd->lease || sd->broken || sd->vf || sd->reset_failed ||
               sd->orphan_of || sd->domid;
    if (job->force || sd->broken)
        return false;
    if (sd->lease)
        return !sd->alive;
    /* One that did not come out of its reset waits for somebody to look. */
    return sd->vf || (sd->orphan_of && !sd->reset_failed);
}

/* What a VF was to have, or how a guest has found it: nobody misses that. */
static bool is_vf_node_only(const struct store_device *sd)
{
    return sd->vf && !sd->lease && !sd->broken && !sd->reset_failed &&
           !give_back_is_owed(sd);
}

/* Also an administrator cannot take a device from under the hands of a living
 * process: it would go on with what is another guest's by then. */
static bool is_worked_on(const struct store_device *sd)
{
    return sd->lease && sd->lease->owner.lock && sd->alive;
}

/* Its domain lives, or Xen says that some domain has it. */
static bool is_given(struct broker *b, const struct store_device *sd)
{
    return sd->domid &&
           (!sd->no_such_domain || xen_guest_may_have(b, &sd->bdf));
}

/* True: refused. */
static bool refuse_forced(struct broker *b, struct gc_job *job,
                          const struct store_device *sd)
{
    struct done *done = &job->done[job->freed.count];

    memset(done, 0, sizeof(*done));
    if (is_given(b, sd)) {
        done->reason = REASON_IN_USE;
        done->text =
            arena_printf(b->arena, "is given to domain %s", sd->domid);
    } else if (is_worked_on(sd)) {
        done->reason = REASON_LEASED;
        done->text = arena_printf(b->arena,
                                  "some process holds %s: end it "
                                  "first (`fuser -v` tells which)",
                                  lock_path(b, sd->lease->owner.lock));
    } else {
        return false;
    }
    job->freed.list[job->freed.count++] = *sd;
    return true;
}

static int claim_dead(struct broker *b, uint32_t txn, void *arg)
{
    struct gc_job *job = arg;
    struct store_devices all;
    struct store_device *sd;
    size_t i;
    int rc;

    rc = store_devices_read(b, txn, &all);
    if (rc)
        return rc;
    job->freed.count = 0;
    job->freed.list = arena_alloc(b->arena, (all.count + 1) *
                                  sizeof(*all.list));
    job->done = arena_alloc(b->arena, (all.count + 1) * sizeof(*job->done));
    for (i = 0; i < all.count; i++) {
        sd = &all.list[i];
        /* Given to a guest: libxl's to end, and then the lease is dead. */
        if (!is_dead(job, sd) || (sd->domid && !job->force))
            continue;
        if (job->force && refuse_forced(b, job, sd))
            continue;
        if (!is_vf_node_only(sd))
            job->freed.list[job->freed.count++] = *sd;
        rc = give_back_claim(b, txn, sd, &job->lock);
        if (!rc && job->force)
            rc = reset_mark_set(b, txn, &sd->bdf, NULL);
        if (!rc && job->force && sd->domid)
            rc = lease_remove_domid(b, txn, &sd->bdf);
        if (rc)
            return rc;
    }
    return RC_OK;
}

int verb_gc(struct broker *b, const struct verb_input *input, char **answer)
{
    struct gc_job job = { .lock = { .fd = -1 } };
    struct bdf bdf;
    int rc;

    if (input->argument && !input->force)
        return broker_fail(b, RC_BAD_REQUEST, "gc: a device is named only "
                           "with --force");
    if (input->force) {
        if (!input->argument || !bdf_parse(input->argument, &bdf))
            return broker_fail(b, RC_BAD_REQUEST,
                               "gc --force needs a device (DDDD:BB:SS.F)");
        job.force = &bdf;
    }
    rc = lock_take_own(b, &job.lock);
    if (rc) goto out;
    rc = store_transaction(b, claim_dead, &job);
    if (rc) goto out;
    rc = give_back_finish(b, &job.lock, job.freed.list, job.done,
                          job.freed.count);
    if (rc != RC_FAILED && lock_sweep(b))
        rc = RC_FAILED;
    if (rc == RC_OK || rc == RC_REFUSED)
        *answer =
            b->table
                ? table_list(b, job.freed.list, job.done, job.freed.count)
                : answer_list(b, job.freed.list, job.done, job.freed.count);
    if (rc == RC_REFUSED)
        tell_refused(b, job.done, job.freed.count);
out:
    lock_end(&job.lock);
    return rc;
}
