/* SPDX-License-Identifier: GPL-2.0-only */
/* What migrations that ended have left: leases, marks, locks, journals. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "base/words.h"
#include "doctor/gather.h"
#include "host/store.h"
#include "host/sysfs.h"
#include "lease/lock.h"
#include "lease/store_device.h"
#include "lease/vf_node.h"

#define LOCK_PREFIX "pci-migrate-"

struct leftovers {
    struct doctor *d;
    const char *dead, *broken, *resets, *orphans, *nobodys, *vfs, *journals;
};

static void note(struct leftovers *l, const char **list,
                 const struct store_device *sd, bool is_so)
{
    if (is_so)
        *list = gather_word(l->d, *list, bdf_text(l->d->b->arena, &sd->bdf));
}

static void note_device(struct leftovers *l, const struct store_device *sd)
{
    note(l, &l->dead, sd, sd->lease && !sd->alive);
    note(l, &l->broken, sd, sd->broken);
    note(l, &l->resets, sd, sd->reset_failed);
    note(l, &l->orphans, sd, sd->orphan_of);
    note(l, &l->nobodys, sd, sd->no_such_domain);
    note(l, &l->vfs, sd, !sd->lease && !sd->broken && !sd->domid && sd->vf &&
         sd->vf->made);
}

/* The journal of one domain is a dead one's if nobody holds its lock. */
static int note_journal(struct leftovers *l, uint32_t txn, const char *domid)
{
    struct broker *b = l->d->b;
    char *migration, *owner;
    size_t len;
    int rc;

    rc = store_read(b, txn, arena_printf(b->arena, "/libxl/%s/pci-migrate/"
                                         "migration", domid), &migration,
                    &len);
    if (rc || !migration)
        return rc;
    rc = store_read(b, txn, arena_printf(b->arena, "/libxl/%s/pci-migrate/"
                                         "owner", domid), &owner, &len);
    if (rc)
        return rc;
    if (!owner || !word_is_lock(owner) || !lock_is_held(b, owner))
        l->journals = gather_word(l->d, l->journals, domid);
    return RC_OK;
}

static int read_leftovers(struct broker *b, uint32_t txn, void *arg)
{
    struct leftovers *l = arg;
    struct store_devices all;
    char **names;
    size_t i, count;
    int rc;

    l->dead = l->broken = l->resets = l->orphans = "";
    l->nobodys = l->vfs = l->journals = "";
    rc = store_devices_read(b, txn, &all);
    for (i = 0; !rc && i < all.count; i++)
        note_device(l, &all.list[i]);
    if (!rc)
        rc = store_list(b, txn, "/libxl", &names, &count);
    for (i = 0; !rc && i < count; i++)
        if (strspn(names[i], "0123456789") == strlen(names[i]))
            rc = note_journal(l, txn, names[i]);
    return rc;
}

static struct fact dead_locks(struct doctor *d)
{
    const char *list = "";
    size_t i, count;
    bool there;
    char **names = sysfs_names(d->b, d->b->lock_dir, &count, &there);

    if (!there)
        return fact_unknown(arena_printf(d->b->arena, "%s: %s",
                                         d->b->lock_dir, strerror(errno)));
    for (i = 0; i < count; i++) {
        if (strncmp(names[i], LOCK_PREFIX, strlen(LOCK_PREFIX)))
            continue;
        names[i] += strlen(LOCK_PREFIX);
        if (word_is_lock(names[i]) && !lock_is_held(d->b, names[i]))
            list = gather_word(d, list, names[i]);
    }
    return fact_text(list);
}

void gather_leftovers(struct doctor *d, struct host_facts *facts)
{
    struct leftovers l = { .d = d };
    struct fact *f = facts->facts;
    int rc = store_transaction(d->b, read_leftovers, &l);
    const char *why = rc ? gather_why(d) : NULL;

    /* Whether it answered: also where something in it could not be read. */
    f[HOST_xenstore] = fact_number(!rc);
    f[HOST_leases_dead] = rc ? fact_unknown(why) : fact_text(l.dead);
    f[HOST_leases_broken] = rc ? fact_unknown(why) : fact_text(l.broken);
    f[HOST_resets_failed] = rc ? fact_unknown(why) : fact_text(l.resets);
    f[HOST_orphans] = rc ? fact_unknown(why) : fact_text(l.orphans);
    f[HOST_nobodys] = rc ? fact_unknown(why) : fact_text(l.nobodys);
    f[HOST_vfs_set] = rc ? fact_unknown(why) : fact_text(l.vfs);
    f[HOST_journals_dead] = rc ? fact_unknown(why) : fact_text(l.journals);
    f[HOST_locks_dead] = dead_locks(d);
}
