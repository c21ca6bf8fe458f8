/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The MAC filter of VFs. A PF does not say who chose a VF's MAC. What a guest
 * finds when it begins is the host's, and is set again by a rollback; what comes
 * later is the guest's choice, which it makes again: set by us, it could choose
 * no other, and nor could the next guest. If nothing is known of the beginning,
 * what is cleared is kept in the VF node before that, and set again.
 */
#include <errno.h>
#include <string.h>

#include "answer/answer.h"
#include "base/arena.h"
#include "base/broker.h"
#include "host/net.h"
#include "host/store.h"
#include "host/sysfs.h"
#include "lease/done.h"
#include "lease/lease.h"
#include "lease/liveness.h"
#include "lease/store_device.h"
#include "lease/vf_node.h"
#include "proto/request.h"
#include "proto/vf_json.h"
#include "verbs/tell.h"
#include "verbs/verbs.h"
#include "vf/vf_setup.h"

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

static void filter_refuse(struct filter_item *item, enum reason reason,
                          const char *text)
{
    item->done->reason = reason;
    item->done->text = text;
}

static int check(struct broker *b, const struct filter_job *job,
                 struct filter_item *item, const struct store_device *sd)
{
    const char *holder = NULL;
    int rc = sd && sd->domid ? domain_uuid(b, sd->domid, &holder) : RC_OK;

    if (rc)
        return rc;
    if (!sysfs_exists(sysfs_device_path(b, &item->device->bdf, ".")))
        filter_refuse(item, REASON_DEVICE_GONE, "is not in the system");
    else if (sd && sd->broken)
        filter_refuse(item, REASON_LEASE_BROKEN, sd->broken);
    else if (sd && sd->lease && sd->alive &&
             strcmp(sd->lease->domain, job->request.domain))
        filter_refuse(item, REASON_LEASED,
                      arena_printf(b->arena,
                                   "is %s for domain %s (migration %s)",
                                   lease_state_word(sd->lease->state),
                                   sd->lease->domain, sd->lease->migration));
    /* libxl writes its domid; one that is not there has no say. */
    else if (holder && strcmp(holder, job->request.domain))
        filter_refuse(item, REASON_IN_USE,
                      arena_printf(b->arena, "is given to domain %s",
                                   sd->domid));
    return RC_OK;
}

/* False: refused. */
static bool read_settings(struct broker *b, struct filter_item *item,
                          struct vf_settings *have)
{
    int r = b->net->ops->vf_settings(b->net, item->place.interface,
                                     item->place.index, have);

    if (r)
        filter_refuse(item, REASON_VF_SETTINGS,
                      arena_printf(b->arena,
                                   "MAC of VF %u of %s cannot be read: %s",
                                   item->place.index, item->place.interface,
                                   strerror(r)));
    return !r;
}

/* A PF that has given its VF a MAC lets it use no other, unless it trusts it. */
static void warn_of_mac(struct broker *b, struct filter_item *item,
                        const struct vf_settings *have)
{
    uint8_t wanted[6];

    if (!item->device->mac || have->trust ||
        !memcmp(have->mac, no_mac, sizeof(no_mac)))
        return;
    vf_mac_parse(item->device->mac, wanted);
    if (memcmp(have->mac, wanted, sizeof(wanted)))
        filter_refuse(item, REASON_VF_SETTINGS, arena_printf(
            b->arena, "%s gives VF %u the MAC %s, but the guest uses %s and is "
            "not heard: put mac=%s into its configuration, or `ip link set dev "
            "%s vf %u mac 00:00:00:00:00:00'", item->place.interface,
            item->place.index, vf_mac_text(b->arena, have->mac),
            item->device->mac, vf_mac_text(b->arena, have->mac),
            item->place.interface, item->place.index));
}

/* A guest begins. What `prepare` has made for it is known already. */
static int keep_found(struct broker *b, uint32_t txn,
                      const struct filter_job *job, struct filter_item *item,
                      const struct store_device *sd)
{
    struct vf_node node = { .found_by = job->request.domain };

    if ((sd && (sd->lease || (sd->vf && sd->vf->made))) ||
        !read_settings(b, item, &node.settings))
        return RC_OK;
    item->done->state = "noted";
    warn_of_mac(b, item, &node.settings);
    return lease_set_vf_node(b, txn, &item->device->bdf, &node);
}

/* How its guest has found it is known. */
static bool is_found(const struct filter_job *job,
                     const struct store_device *sd)
{
    return sd && sd->vf && sd->vf->found_by &&
           !strcmp(sd->vf->found_by, job->request.domain);
}

/* Clearing: what is set now is kept, unless that is nothing. */
static int keep_mac(struct broker *b, uint32_t txn, struct filter_item *item,
                    const struct store_device *sd)
{
    struct vf_node node = { .made = sd && sd->vf && sd->vf->made };
    struct vf_settings have;

    node.before = node.made ? sd->vf->before : vf_defaults();

    if (!read_settings(b, item, &have) ||
        !memcmp(have.mac, no_mac, sizeof(no_mac)))
        return RC_OK;
    node.settings = sd && sd->vf ? sd->vf->settings : have;
    memcpy(node.settings.mac, have.mac, sizeof(have.mac));
    return lease_set_vf_node(b, txn, &item->device->bdf, &node);
}

static int decide_one(struct broker *b, uint32_t txn,
                      const struct filter_job *job, struct filter_item *item,
                      const struct store_device *sd)
{
    int rc = check(b, job, item, sd);
    enum vf_search search;
    const char *why;

    if (rc || item->done->reason != REASON_NONE)
        return rc;
    search = vf_find(b, &item->device->bdf, &item->place, NULL, &why);
    item->vf = search == VF_FOUND;
    if (search == VF_LOST && item->device->action != FILTER_NOTE)
        filter_refuse(item, REASON_VF_SETTINGS, why);
    if (!item->vf)
        return RC_OK;
    if (item->device->action == FILTER_NOTE)
        return keep_found(b, txn, job, item, sd);
    if (item->device->action == FILTER_CLEAR)
        return is_found(job, sd) ? RC_OK : keep_mac(b, txn, item, sd);
    if (item->device->mac && !is_found(job, sd))
        vf_mac_parse(item->device->mac, item->mac);
    else if (sd && sd->vf)
        memcpy(item->mac, sd->vf->settings.mac, sizeof(item->mac));
    return RC_OK;
}

static int decide(struct broker *b, uint32_t txn, void *arg)
{
    struct filter_job *job = arg;
    struct filter_item *item;
    struct store_devices nodes;
    struct store_device *sd;
    size_t i;
    int rc;

    rc = store_devices_open(b, txn, &nodes);
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
        rc = store_device_get(b, txn, &nodes, &item->device->bdf, &sd);
        if (!rc)
            rc = decide_one(b, txn, job, item, sd);
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
    r = vf_set_mac(b, &item->device->bdf, &item->place, item->mac);
    item->done->state = some ? "set" : "cleared";
    if (r)
        filter_refuse(item, REASON_VF_SETTINGS,
                      arena_printf(b->arena,
                                   "MAC of VF %u of %s cannot be %s: %s",
                                   item->place.index, item->place.interface,
                                   item->done->state, strerror(r)));
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
    b->acting_for = job.request.migration;
    rc = store_transaction(b, decide, &job);
    if (rc) goto out;
    for (i = 0; i < job.request.count; i++) {
        if (job.done[i].reason == REASON_NONE)
            do_one(b, &job.items[i]);
        if (job.done[i].reason != REASON_NONE)
            refused = true;
    }
    rc = refused ? RC_REFUSED : RC_OK;
    tell_refused(b, job.done, job.request.count);
    *answer = answer_done(b, job.request.migration, refused, job.done,
                         job.request.count);
out:
    return rc;
}
