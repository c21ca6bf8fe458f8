/* SPDX-License-Identifier: GPL-2.0-only */
#include "answer/answer.h"
#include "answer/table.h"
#include "base/broker.h"
#include "host/store.h"
#include "lease/lease.h"
#include "lease/store_device.h"
#include "lease/vf_node.h"
#include "verbs/verbs.h"

/* Marked, or libxl ended the lease and the PF was not told yet. */
static bool is_left_over(const struct store_device *sd)
{
    return sd->reset_failed || sd->orphan_of || sd->no_such_domain ||
           (sd->vf && sd->vf->made && !sd->domid);
}

/* Only devices with a lease, readable or not, or with what one left. */
static int read_leases(struct broker *b, uint32_t txn, void *arg)
{
    struct store_devices *leases = arg, all;
    size_t i;
    int rc;

    rc = store_devices_read(b, txn, &all);
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
    struct store_devices leases;
    int rc;

    (void)input;
    rc = store_transaction(b, read_leases, &leases);
    if (!rc)
        *answer = b->table ? table_list(b, leases.list, NULL, leases.count)
                           : answer_list(b, leases.list, NULL, leases.count);
    return rc;
}
