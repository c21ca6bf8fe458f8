/* SPDX-License-Identifier: GPL-2.0-only */
/* `release` ends the leases of one migration, `gc` those of the dead. */
#include <string.h>

#include "arena.h"
#include "assign_check.h"
#include "broker.h"
#include "give_back.h"
#include "lease.h"
#include "lock.h"
#include "mine.h"
#include "owner.h"
#include "reply.h"
#include "request.h"
#include "reset_mark.h"
#include "store.h"
#include "table.h"
#include "verbs.h"

struct release_job {
    struct lease_request request;
    struct lock lock;           /* leases are ours while devices go back */
    struct mine mine;
};

/* libxl takes its domid node away when it has taken the device back. */
static void check_use(struct broker *b, struct mine *mine)
{
    size_t i;

    for (i = 0; i < mine->count; i++)
        if (mine->list[i].domid)
            mine_refuse(mine, i, REASON_IN_USE, arena_printf(
                b->arena, "is given to domain %s", mine->list[i].domid));
}

static int claim(struct broker *b, uint32_t txn, struct mine *mine,
                 const struct lock *lock)
{
    size_t i;
    int rc;

    check_use(b, mine);
    for (i = 0; i < mine->count; i++) {
        if (mine->done[i].reason != REASON_NONE)
            continue;
        rc = give_back_claim(b, txn, &mine->list[i], lock);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static int claim_mine(struct broker *b, uint32_t txn, void *arg)
{
    struct release_job *job = arg;
    int rc;

    rc = mine_read(b, txn, &job->request, &job->mine);
    if (!rc)
        rc = mine_check_state(b, &job->mine, LEASE_VERB_release);
    if (!rc)
        rc = mine_check_lock(b, &job->mine, OWNER_MAY_BE_DEAD);
    return rc ? rc : claim(b, txn, &job->mine, &job->lock);
}

int verb_release(struct broker *b, const struct verb_input *input,
                 char **answer)
{
    struct release_job job = { .lock = { .fd = -1 } };
    int rc;

    rc = request_lease(b, input->text, input->len, &job.request);
    if (rc) goto out;
    rc = lock_take_own(b, &job.lock);
    if (rc) goto out;
    rc = store_transaction(b, claim_mine, &job);
    if (rc) goto out;
    rc = give_back_finish(b, &job.lock, job.mine.list, job.mine.done,
                          job.mine.count);
    if (rc == RC_OK || rc == RC_REFUSED)
        *answer = mine_answer(b, &job.request, &job.mine, rc);
out:
    lock_end(&job.lock);
    return rc;
}

struct gc_job {
    const struct bdf *force;    /* or NULL */
    struct lock lock;           /* as above */
    struct holdings freed;
    struct done *done;
};

static bool is_dead(const struct gc_job *job, const struct holding *h)
{
    if (job->force && !bdf_compare(job->force, &h->bdf))
        return h->lease || h->broken || h->vf || h->reset_failed ||
               h->orphan_of || h->domid;
    if (job->force || h->broken)
        return false;
    if (h->lease)
        return !h->alive;
    /* One that did not come out of its reset waits for somebody to look. */
    return h->vf || (h->orphan_of && !h->reset_failed);
}

/* What a VF was to have, or how a guest has found it: nobody misses that. */
static bool is_note_only(const struct holding *h)
{
    return h->vf && !h->lease && !h->broken && !h->reset_failed &&
        !give_back_has_debt(h);
}

/* Also an administrator cannot take a device from under the hands of a living
 * process: it would go on with what is another guest's by then. */
static bool is_worked_on(const struct holding *h)
{
    return h->lease && h->lease->owner.lock && h->alive;
}

/* Its domain lives, or Xen says that some domain has it. */
static bool is_given(struct broker *b, const struct holding *h)
{
    return h->domid && (!h->no_such_domain || assign_is_a_guests(b, &h->bdf));
}

/* True: refused. */
static bool refuse_forced(struct broker *b, struct gc_job *job,
                          const struct holding *h)
{
    struct done *done = &job->done[job->freed.count];

    memset(done, 0, sizeof(*done));
    if (is_given(b, h)) {
        done->reason = REASON_IN_USE;
        done->text = arena_printf(b->arena, "is given to domain %s",
                                  h->domid);
    } else if (is_worked_on(h)) {
        done->reason = REASON_LEASED;
        done->text = arena_printf(b->arena, "some process holds %s: end it "
                                  "first (`fuser -v` tells which)",
                                  lock_path(b, h->lease->owner.lock));
    } else {
        return false;
    }
    job->freed.list[job->freed.count++] = *h;
    return true;
}

static int claim_dead(struct broker *b, uint32_t txn, void *arg)
{
    struct gc_job *job = arg;
    struct holdings all;
    struct holding *h;
    size_t i;
    int rc;

    rc = leases_read(b, txn, &all);
    if (rc)
        return rc;
    job->freed.count = 0;
    job->freed.list = arena_alloc(b->arena, (all.count + 1) *
                                  sizeof(*all.list));
    job->done = arena_alloc(b->arena, (all.count + 1) * sizeof(*job->done));
    for (i = 0; i < all.count; i++) {
        h = &all.list[i];
        /* Given to a guest: libxl's to end, and then the lease is dead. */
        if (!is_dead(job, h) || (h->domid && !job->force))
            continue;
        if (job->force && refuse_forced(b, job, h))
            continue;
        if (!is_note_only(h))
            job->freed.list[job->freed.count++] = *h;
        rc = give_back_claim(b, txn, h, &job->lock);
        if (!rc && job->force)
            rc = reset_mark_set(b, txn, &h->bdf, NULL);
        if (!rc && job->force && h->domid)
            rc = lease_forget_domid(b, txn, &h->bdf);
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
        *answer = b->table ? table_list(b, job.freed.list, job.done,
                                        job.freed.count)
                           : reply_list(b, job.freed.list, job.done,
                                        job.freed.count);
out:
    lock_end(&job.lock);
    return rc;
}
