/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/broker.h"
#include "host/store.h"

static unsigned long long now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (unsigned long long)ts.tv_sec * 1000 +
           (unsigned long long)ts.tv_nsec / 1000000;
}

int store_transaction(struct broker *b, store_body *body, void *arg)
{
    const unsigned long long end = now_ms() + b->transaction_limit_ms;
    struct store *s = b->store;
    uint32_t txn;
    int rc, r;

    do {
        r = s->ops->begin(s, &txn);
        if (r)
            return broker_fail(b, RC_FAILED, "xenstore: transaction: %s",
                               strerror(r));
        rc = body(b, txn, arg);
        r = s->ops->end(s, txn, rc != RC_OK);
        if (rc)
            return rc;
        if (!r)
            return RC_OK;
        if (r != EAGAIN)
            return broker_fail(b, RC_FAILED, "xenstore: commit: %s",
                               strerror(r));
        /* For every one that has to try again another one got through. */
    } while (now_ms() < end);
    return broker_fail(b, RC_FAILED, "xenstore: others kept changing the "
                       "leases for %u ms", b->transaction_limit_ms);
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
