/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>

#include "base/broker.h"
#include "base/clock.h"
#include "host/queue.h"
#include "host/store.h"

static int try_transaction(struct broker *b, store_body *body, void *arg,
                           bool *again)
{
    struct store *s = b->store;
    uint32_t txn;
    int rc, r;

    *again = false;
    r = s->ops->begin(s, &txn);
    if (r)
        return broker_fail(b, RC_FAILED, "xenstore: transaction: %s",
                           strerror(r));
    rc = body(b, txn, arg);
    r = s->ops->end(s, txn, rc != RC_OK);
    if (rc || !r)
        return rc;
    *again = r == EAGAIN;
    return *again ? RC_OK : broker_fail(b, RC_FAILED, "xenstore: commit: %s",
                                        strerror(r));
}

int store_transaction(struct broker *b, store_body *body, void *arg)
{
    const long long end = clock_ms(CLOCK_MONOTONIC) + b->transaction_limit_ms;
    int turn = -1, rc;
    bool again;

    for (;;) {
        rc = try_transaction(b, body, arg, &again);
        if (!again)
            break;
        if (clock_ms(CLOCK_MONOTONIC) >= end) {
            rc = broker_fail(b, RC_FAILED, "xenstore: others kept changing "
                             "the leases for %u ms", b->transaction_limit_ms);
            break;
        }
        if (turn < 0)
            turn = queue_enter(b, end);
    }
    queue_leave(turn);
    return rc;
}

int store_read(struct broker *b, uint32_t txn, const char *path,
               char **value, size_t *len)
{
    int r = b->store->ops->read(b->store, txn, b->arena, path, value, len);

    if (r)
        return broker_fail(b, RC_FAILED, "xenstore: read %s: %s", path,
                           strerror(r));
    return RC_OK;
}

int store_write(struct broker *b, uint32_t txn, const char *path,
                const char *value)
{
    int r = b->store->ops->write(b->store, txn, path, value);

    if (r)
        return broker_fail(b, RC_FAILED, "xenstore: write %s: %s", path,
                           strerror(r));
    return RC_OK;
}

int store_remove(struct broker *b, uint32_t txn, const char *path)
{
    int r = b->store->ops->remove(b->store, txn, path);

    if (r)
        return broker_fail(b, RC_FAILED, "xenstore: remove %s: %s", path,
                           strerror(r));
    return RC_OK;
}

int store_list(struct broker *b, uint32_t txn, const char *path,
               char ***names, size_t *count)
{
    int r = b->store->ops->list(b->store, txn, b->arena, path, names, count);

    if (r)
        return broker_fail(b, RC_FAILED, "xenstore: list %s: %s", path,
                           strerror(r));
    return RC_OK;
}
