/* SPDX-License-Identifier: GPL-2.0-only */
#include "broker.h"
#include "lease.h"
#include "reply.h"
#include "store.h"
#include "table.h"
#include "verbs.h"
#include "vf_note.h"

/* Marked, or libxl ended the lease and the PF was not told yet. */
static bool is_left_over(const struct holding *h)
{
    return h->reset_failed || h->orphan_of || h->no_such_domain ||
           (h->vf && h->vf->made && !h->domid);
}

/* Only devices with a lease, readable or not, or with what one left. */
static int read_leases(struct broker *b, uint32_t txn, void *arg)
{
    struct holdings *leases = arg, all;
    size_t i;
    int rc;

    rc = leases_read(b, txn, &all);
    if (rc)
        return rc;
    leases->list = all.list;
    leases->count = 0;
    for (i = 0; i < all.count; i++)
        if (all.list[i].lease || all.list[i].broken ||
            is_left_over(&all.list[i]))
            leases->list[leases->count++] = all.list[i];
    return RC_OK;
}

int verb_list(struct broker *b, const struct verb_input *input,
              char **answer)
{
    struct holdings leases;
    int rc;

    (void)input;
    rc = store_transaction(b, read_leases, &leases);
    if (!rc)
        *answer = b->table ? table_list(b, leases.list, NULL, leases.count)
                           : reply_list(b, leases.list, NULL, leases.count);
    return rc;
}
