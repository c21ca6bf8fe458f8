/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The MAC filter of VFs. A PF does not say who chose a VF's MAC. What a guest
 * finds when it begins is the host's, and is set again by a rollback; what comes
 * later is the guest's choice, which it makes again: set by us, it could choose
 * no other, and nor could the next guest. If nothing is known of the beginning,
 * what is cleared is noted before that, and set again.
 */
#include <errno.h>
#include <string.h>

#include "arena.h"
#include "broker.h"
#include "lease.h"
#include "net.h"
#include "owner.h"
#include "reply.h"
#include "request.h"
#include "store.h"
#include "sysfs.h"
#include "verbs.h"
#include "vf_json.h"
#include "vf_note.h"
#include "vf_setup.h"

struct filter_item {
    const struct filter_device *device;
    bool vf;                    /* place is set */
    struct vf_place place;
    uint8_t mac[6];             /* to be set, zero: to be cleared */
    struct done *done;
};

struct filter_job {
    struct filter_request request;
    struct filter_item *items;
    struct done *done;
};

static const uint8_t no_mac[6];

static void refuse(struct filter_item *item, enum reason reason,
                   const char *text)
{
    item->done->reason = reason;
    item->done->text = text;
}

static int check(struct broker *b, const struct filter_job *job,
                 struct filter_item *item, const struct holding *h)
{
    const char *holder = NULL;
    int rc = h && h->domid ? owner_domain_uuid(b, h->domid, &holder) : RC_OK;

    if (rc)
        return rc;
    if (!sysfs_exists(sysfs_device_path(b, &item->device->bdf, ".")))
        refuse(item, REASON_DEVICE_GONE, "is not in the system");
    else if (h && h->broken)
        refuse(item, REASON_LEASE_BROKEN, h->broken);
    else if (h && h->lease && h->alive &&
             strcmp(h->lease->domain, job->request.domain))
        refuse(item, REASON_LEASED, arena_printf(
            b->arena, "is %s for domain %s (migration %s)",
            lease_state_word(h->lease->state), h->lease->domain,
            h->lease->migration));
    /* libxl writes its domid; one that is not there has no say. */
    else if (holder && strcmp(holder, job->request.domain))
        refuse(item, REASON_IN_USE, arena_printf(
            b->arena, "is given to domain %s", h->domid));
    return RC_OK;
}

/* False: refused. */
static bool read_settings(struct broker *b, struct filter_item *item,
                          struct vf_settings *have)
{
    int r = b->net->ops->vf_settings(b->net, item->place.interface,
                                     item->place.index, have);

    if (r)
        refuse(item, REASON_VF_SETTINGS, arena_printf(
            b->arena, "MAC of VF %u of %s cannot be read: %s",
            item->place.index, item->place.interface, strerror(r)));
    return !r;
}

/* A guest begins. What `prepare` has made for it is known already. */
static int note_found(struct broker *b, uint32_t txn,
                      const struct filter_job *job, struct filter_item *item,
                      const struct holding *h)
{
    struct vf_note note = { .found_by = job->request.domain };

    if ((h && (h->lease || (h->vf && h->vf->made))) ||
        !read_settings(b, item, &note.settings))
        return RC_OK;
    item->done->state = "noted";
    return lease_set_vf_note(b, txn, &item->device->bdf, &note);
}

/* How its guest has found it is known. */
static bool is_found(const struct filter_job *job, const struct holding *h)
{
    return h && h->vf && h->vf->found_by &&
        !strcmp(h->vf->found_by, job->request.domain);
}

/* Clearing: what is set now is noted, unless that is nothing. */
static int note_mac(struct broker *b, uint32_t txn, struct filter_item *item,
                    const struct holding *h)
{
    struct vf_note note = { .made = h && h->vf && h->vf->made };
    struct vf_settings have;

    note.before = note.made ? h->vf->before : vf_defaults();

    if (!read_settings(b, item, &have) ||
        !memcmp(have.mac, no_mac, sizeof(no_mac)))
        return RC_OK;
    note.settings = h && h->vf ? h->vf->settings : have;
    memcpy(note.settings.mac, have.mac, sizeof(have.mac));
    return lease_set_vf_note(b, txn, &item->device->bdf, &note);
}

static int decide_one(struct broker *b, uint32_t txn,
                      const struct filter_job *job, struct filter_item *item,
                      const struct holding *h)
{
    int rc = check(b, job, item, h);
    enum vf_search search;
    const char *why;

    if (rc || item->done->reason != REASON_NONE)
        return rc;
    search = vf_find(b, &item->device->bdf, &item->place, NULL, &why);
    item->vf = search == VF_FOUND;
    if (search == VF_LOST && item->device->action != FILTER_NOTE)
        refuse(item, REASON_VF_SETTINGS, why);
    if (!item->vf)
        return RC_OK;
    if (item->device->action == FILTER_NOTE)
        return note_found(b, txn, job, item, h);
    if (item->device->action == FILTER_CLEAR)
        return is_found(job, h) ? RC_OK : note_mac(b, txn, item, h);
    if (item->device->mac && !is_found(job, h))
        vf_mac_parse(item->device->mac, item->mac);
    else if (h && h->vf)
        memcpy(item->mac, h->vf->settings.mac, sizeof(item->mac));
    return RC_OK;
}

static int decide(struct broker *b, uint32_t txn, void *arg)
{
    struct filter_job *job = arg;
    struct filter_item *item;
    struct holdings holdings;
    struct holding *holding;
    size_t i;
    int rc;

    rc = holdings_open(b, txn, &holdings);
    if (rc)
        return rc;
    for (i = 0; i < job->request.count; i++) {
        item = &job->items[i];
        *item = (struct filter_item){
            .device = &job->request.devices[i], .done = &job->done[i],
        };
        *item->done = (struct done){
            .id = item->device->id, .bdf = item->device->bdf,
            .reason = REASON_NONE, .state = "none",
        };
        rc = holding_get(b, txn, &holdings, &item->device->bdf, &holding);
        if (!rc)
            rc = decide_one(b, txn, job, item, holding);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static void do_one(struct broker *b, struct filter_item *item)
{
    bool some = memcmp(item->mac, no_mac, sizeof(no_mac));
    int r;

    if (!item->vf || item->device->action == FILTER_NOTE ||
        (item->device->action == FILTER_SET && !some))
        return;
    r = vf_set_mac(b, &item->place, item->mac);
    item->done->state = some ? "set" : "cleared";
    if (r)
        refuse(item, REASON_VF_SETTINGS, arena_printf(
            b->arena, "MAC of VF %u of %s cannot be %s: %s",
            item->place.index, item->place.interface, item->done->state,
            strerror(r)));
}

int verb_filter(struct broker *b, const struct verb_input *input,
                char **answer)
{
    struct filter_job job = { .items = NULL };
    bool refused = false;
    size_t i;
    int rc;

    rc = request_filter(b, input->text, input->len, &job.request);
    if (rc) goto out;
    job.items = arena_alloc(b->arena, job.request.count *
                            sizeof(*job.items));
    job.done = arena_alloc(b->arena, job.request.count * sizeof(*job.done));
    rc = store_transaction(b, decide, &job);
    if (rc) goto out;
    for (i = 0; i < job.request.count; i++) {
        if (job.done[i].reason == REASON_NONE)
            do_one(b, &job.items[i]);
        if (job.done[i].reason != REASON_NONE)
            refused = true;
    }
    rc = refused ? RC_REFUSED : RC_OK;
    *answer = reply_done(b, job.request.migration, refused, job.done,
                         job.request.count);
out:
    return rc;
}
