/* SPDX-License-Identifier: GPL-2.0-only */
/* `commit`: the domain answers for the leases from now on. */
#include "broker.h"
#include "lease.h"
#include "mine.h"
#include "owner.h"
#include "reply.h"
#include "request.h"
#include "store.h"
#include "verbs.h"

struct commit_job {
    struct lease_request request;
    struct mine mine;
};

/* A lease owned by a domain that is not there would be free at once. */
static int check_domain(struct broker *b, const char *uuid)
{
    bool alive;
    int rc;

    rc = owner_domain_is_alive(b, uuid, &alive);
    if (rc || alive)
        return rc;
    return broker_fail(b, RC_BAD_REQUEST, "domain: there is no domain %s",
                       uuid);
}

static int rewrite(struct broker *b, uint32_t txn, void *arg)
{
    struct commit_job *job = arg;
    struct holding *h;
    size_t i;
    int rc;

    rc = mine_read(b, txn, &job->request, &job->mine);
    if (!rc)
        rc = mine_check_state(b, &job->mine, LEASE_VERB_commit);
    if (!rc)
        rc = mine_check_lock(b, &job->mine, OWNER_MUST_BE_OURS);
    if (!rc)
        rc = check_domain(b, job->request.domain);
    for (i = 0; !rc && i < job->mine.count; i++) {
        h = &job->mine.list[i];
        h->lease->owner = (struct owner){ .domain = job->request.domain };
        h->lease->state = LEASE_COMMITTED;
        job->mine.done[i].state = lease_state_word(h->lease->state);
        rc = lease_write(b, txn, &h->bdf, h->lease);
    }
    return rc;
}

int verb_commit(struct broker *b, const struct verb_input *input,
                char **answer)
{
    struct commit_job job = { .mine = { .count = 0 } };
    int rc;

    rc = request_lease(b, input->text, input->len, &job.request);
    if (rc) goto out;
    rc = store_transaction(b, rewrite, &job);
    if (rc) goto out;
    *answer = mine_answer(b, &job.request, &job.mine, rc);
out:
    return rc;
}
