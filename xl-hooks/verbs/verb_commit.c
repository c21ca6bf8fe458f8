/* SPDX-License-Identifier: GPL-2.0-only */
/* `commit`: the domain answers for the leases from now on. */
#include "answer/answer.h"
#include "base/broker.h"
#include "host/store.h"
#include "lease/lease.h"
#include "lease/lease_batch.h"
#include "lease/liveness.h"
#include "proto/request.h"
#include "verbs/verbs.h"

struct commit_job {
    struct lease_request request;
    struct lease_batch batch;
};

/* A lease owned by a domain that is not there would be free at once. */
static int check_domain(struct broker *b, const char *uuid)
{
    bool alive;
    int rc;

    rc = domain_is_alive(b, uuid, &alive);
    if (rc || alive)
        return rc;
    return broker_fail(b, RC_BAD_REQUEST, "domain: there is no domain %s",
                       uuid);
}

static int rewrite(struct broker *b, uint32_t txn, void *arg)
{
    struct commit_job *job = arg;
    struct store_device *sd;
    size_t i;
    int rc;

    rc = lease_batch_read(b, txn, &job->request, &job->batch);
    if (!rc)
        rc = lease_batch_check_state(b, &job->batch, LEASE_VERB_commit);
    if (!rc)
        rc = lease_batch_check_lock(b, &job->batch, OWNER_MUST_BE_OURS);
    if (!rc)
        rc = check_domain(b, job->request.domain);
    for (i = 0; !rc && i < job->batch.count; i++) {
        sd = &job->batch.list[i];
        sd->lease->owner = (struct owner){ .domain = job->request.domain };
        sd->lease->state = LEASE_COMMITTED;
        job->batch.done[i].state = lease_state_word(sd->lease->state);
        rc = lease_write(b, txn, &sd->bdf, sd->lease);
    }
    return rc;
}

int verb_commit(struct broker *b, const struct verb_input *input,
                char **answer)
{
    struct commit_job job = { .batch = { .count = 0 } };
    int rc;

    rc = request_lease(b, input->text, input->len, &job.request);
    if (rc) goto out;
    rc = store_transaction(b, rewrite, &job);
    if (rc) goto out;
    *answer = answer_batch(b, &job.request, &job.batch, rc);
out:
    return rc;
}
