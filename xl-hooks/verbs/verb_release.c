/* SPDX-License-Identifier: GPL-2.0-only */
/* `release` ends the leases of one migration. */
#include <string.h>

#include "answer/answer.h"
#include "base/arena.h"
#include "base/broker.h"
#include "host/store.h"
#include "lease/give_back.h"
#include "lease/lease_batch.h"
#include "lease/lock.h"
#include "proto/request.h"
#include "verbs/tell.h"
#include "verbs/verbs.h"

struct release_job {
    struct lease_request request;
    struct lock lock;           /* leases are ours while devices go back */
    struct lease_batch batch;
};

/* libxl takes its domid node away when it has taken the device back. */
static void check_use(struct broker *b, struct lease_batch *batch)
{
    size_t i;

    for (i = 0; i < batch->count; i++)
        if (batch->list[i].domid)
            lease_batch_refuse(batch, i, REASON_IN_USE,
                               arena_printf(b->arena, "is given to domain %s",
                                            batch->list[i].domid));
}

static int claim(struct broker *b, uint32_t txn, struct lease_batch *batch,
                 const struct lock *lock)
{
    size_t i;
    int rc;

    check_use(b, batch);
    for (i = 0; i < batch->count; i++) {
        if (batch->done[i].reason != REASON_NONE)
            continue;
        rc = give_back_claim(b, txn, &batch->list[i], lock);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static int claim_batch(struct broker *b, uint32_t txn, void *arg)
{
    struct release_job *job = arg;
    int rc;

    rc = lease_batch_read(b, txn, &job->request, &job->batch);
    if (!rc)
        rc = lease_batch_check_state(b, &job->batch, LEASE_VERB_release);
    if (!rc)
        rc = lease_batch_check_lock(b, &job->batch, OWNER_MAY_BE_DEAD);
    return rc ? rc : claim(b, txn, &job->batch, &job->lock);
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
    rc = store_transaction(b, claim_batch, &job);
    if (rc) goto out;
    rc = give_back_finish(b, &job.lock, job.batch.list, job.batch.done,
                          job.batch.count);
    if (rc == RC_OK || rc == RC_REFUSED)
        *answer = answer_batch(b, &job.request, &job.batch, rc);
    if (rc == RC_REFUSED)
        tell_refused(b, job.batch.done, job.batch.count);
out:
    lock_end(&job.lock);
    return rc;
}
