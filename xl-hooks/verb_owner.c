/* SPDX-License-Identifier: GPL-2.0-only */
/* `adopt` and `commit`: who answers for the leases from now on. */
#include "broker.h"
#include "lease.h"
#include "mine.h"
#include "owner.h"
#include "reply.h"
#include "request.h"
#include "store.h"
#include "verbs.h"

struct handover_job {
    struct lease_request request;
    struct owner owner;         /* the next one */
    bool commit;
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
    struct handover_job *job = arg;
    struct holding *h;
    size_t i;
    int rc;

    rc = mine_read(b, txn, &job->request, &job->mine);
    if (rc)
        return rc;
    if (job->commit) {
        rc = check_domain(b, job->request.domain);
        if (rc)
            return rc;
    }
    for (i = 0; i < job->mine.count; i++) {
        h = &job->mine.list[i];
        h->lease->owner = job->owner;
        if (job->commit)
            h->lease->state = LEASE_COMMITTED;
        job->mine.done[i].state = lease_state_word(h->lease->state);
        rc = lease_write(b, txn, &h->bdf, h->lease);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static int run(struct broker *b, const struct verb_input *input, bool commit,
               char **answer)
{
    struct handover_job job = { .commit = commit };
    int rc;

    rc = request_lease(b, input->text, input->len, !commit, &job.request);
    if (rc) goto out;
    if (commit)
        job.owner.domain = job.request.domain;
    else
        rc = owner_from_pid(b, job.request.owner, &job.owner);
    if (rc) goto out;
    rc = store_transaction(b, rewrite, &job);
    if (rc) goto out;
    *answer = mine_answer(b, &job.request, &job.mine, rc);
out:
    return rc;
}

int verb_adopt(struct broker *b, const struct verb_input *input,
               char **answer)
{
    return run(b, input, false, answer);
}

int verb_commit(struct broker *b, const struct verb_input *input,
                char **answer)
{
    return run(b, input, true, answer);
}
