/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "host/bind.h"
#include "host/inventory.h"
#include "host/store.h"
#include "host/xen.h"
#include "lease/store_device.h"
#include "plan/bars.h"
#include "plan/candidate.h"
#include "plan/mtu.h"
#include "use/device_use.h"
#include "use/isolation.h"
#include "vf/vf_setup.h"

int facts_home_driver(struct fact_sources *s, struct device *device,
                      const char **driver)
{
    struct store_device *sd;
    int rc;

    inventory_driver(s->b, device);
    *driver = device->driver;
    if (!device->pciback)
        return RC_OK;
    rc = store_device_get(s->b, s->txn, s->nodes, &device->bdf, &sd);
    if (rc)
        return rc;
    *driver = store_device_home_driver(sd);
    if (!*driver)
        *driver = inventory_driver_wanted(s->b, s->inventory, device);
    return RC_OK;
}

/* For the ranking: the module that knows the model, without a look into the
 * store if possible. */
static int family(struct fact_sources *s, struct device *device,
                  const char **driver)
{
    *driver = NULL;
    if (device->pciback)
        *driver = inventory_driver_wanted(s->b, s->inventory, device);
    return *driver ? RC_OK : facts_home_driver(s, device, driver);
}

/* The wanted node, then the others in their order; all alike if none is
 * wanted. Hosts with one node know of none. */
static unsigned node_rank(long node, long wanted)
{
    if (wanted < 0)
        return 0;
    if (node < 0)
        node = 0;
    return node == wanted ? 0 : (unsigned)node + 1;
}

void candidate_begin(struct fact_sources *s, struct device *device,
                     struct candidate *c)
{
    struct facts *facts = &c->facts;

    c->device = device;
    c->merit.bdf = facts->bdf = device->bdf;
    c->merit.node = node_rank(inventory_numa(s->b, s->inventory, device),
                              s->numa);
    facts->answers = facts->msi = facts->vf_settable = true;
    facts->assignable = device->pciback;
    if (!s->inventory->pciback)
        facts->no_bind = "cannot be bound: xen-pciback is not loaded";
}

static int name_holder(struct fact_sources *s, const char *domid,
                       const char **text)
{
    struct broker *b = s->b;
    const char *uuid;
    char *name;
    size_t len;
    int rc;

    *text = arena_printf(b->arena, "is marked as given to domain %s, which "
                         "is not there", domid);
    if (!*domid || strspn(domid, "0123456789") != strlen(domid))
        return RC_OK;
    rc = store_read(b, s->txn, arena_printf(b->arena,
                                            "/local/domain/%s/name", domid),
                    &name, &len);
    if (rc || !name)
        return rc;
    *text = arena_printf(b->arena, "is given to domain %s", name);
    rc = domain_uuid(b, domid, &uuid);
    /* A migration within one host: the guest still needs it for the way
     * back, and libxl's lease for that would fight with this one. */
    if (!rc && uuid && !strcmp(uuid, s->domain))
        *text = "is the guest's own now: a migration within this host needs "
                "another one";
    return rc;
}

/* A guest may have many devices, and comes once then. */
static int given_text(struct fact_sources *s, const char *domid,
                      const char **text)
{
    int rc;

    if (!s->holder || strcmp(s->holder, domid)) {
        rc = name_holder(s, domid, &s->holder_text);
        if (rc)
            return rc;
        s->holder = domid;
    }
    *text = s->holder_text;
    return RC_OK;
}

static int ask_store(struct fact_sources *s, struct facts *facts)
{
    struct arena *arena = s->b->arena;
    struct store_device *sd;
    int rc;

    rc = store_device_peek(s->b, s->txn, s->nodes, &facts->bdf, &sd);
    if (rc || !sd)
        return rc;
    facts->reset_failed = sd->reset_failed;
    if (sd->broken)
        facts->lease_broken = arena_printf(arena,
                                           "has a lease that cannot "
                                           "be read (%s)",
                                           sd->broken);
    if (sd->lease && sd->alive)
        facts->leased = arena_printf(arena,
                                     "is %s for domain %s (migration "
                                     "%s)",
                                     lease_state_word(sd->lease->state),
                                     sd->lease->domain, sd->lease->migration);
    if (sd->lease && sd->alive && s->migration &&
        !strcmp(sd->lease->migration, s->migration) &&
        sd->lease->state != LEASE_HELD_FOR_ROLLBACK)
        return broker_fail(s->b, RC_BAD_REQUEST,
                           "%s is %s for this "
                           "migration: no %s now",
                           bdf_text(arena, &facts->bdf),
                           lease_state_word(sd->lease->state),
                           lease_verb_word(LEASE_VERB_reserve));
    return sd->domid ? given_text(s, sd->domid, &facts->given) : RC_OK;
}

static int ask_dom0(struct fact_sources *s, struct candidate *c)
{
    struct device *pf;
    const char *why;
    int rc = RC_OK;

    if (c->facts.assignable)
        device_kind(s->b, c->device, &why);
    else
        rc = device_use(s->b, s->txn, c->device, &why);
    if (rc)
        return rc;
    if (why)
        c->facts.busy = arena_printf(s->b->arena, "is in use: %s", why);
    if (!c->facts.assignable && !c->facts.no_bind)
        c->facts.no_bind = bind_obstacle(s->b, &c->device->bdf, PCIBACK);
    pf = c->device->vf ? inventory_find(s->inventory, &c->device->pf) : NULL;
    return pf ? device_pf_down(s->b, pf, &c->facts.pf_down) : RC_OK;
}

static int ask_xen(struct fact_sources *s, struct candidate *c)
{
    struct broker *b = s->b;
    int r;

    r = b->xen->ops->test_assign(b->xen, &c->facts.bdf);
    if (r == EOPNOTSUPP || r == ENOSYS) {
        c->facts.xen_reason = REASON_NO_IOMMU;
        c->facts.xen_text = "cannot be assigned: no IOMMU";
    } else if (xen_says_taken(r)) {
        c->facts.xen_reason = REASON_IN_USE;
        c->facts.xen_text = "is assigned to a guest, or Xen does not know it";
    } else if (r) {
        return broker_fail(b, RC_FAILED, "hypervisor: test of %s: %s",
                           c->device->text, strerror(r));
    }
    return RC_OK;
}

static int compare_bdf(const void *a, const void *b)
{
    return bdf_compare(&((const struct candidate *)a)->facts.bdf,
                       &((const struct candidate *)b)->facts.bdf);
}

/* A VF in use weighs on all VFs of its PF. */
static void spread_load(struct fact_sources *s, const struct bdf *pf,
                        unsigned vfs)
{
    struct candidate key, *c;
    long i;

    if (!s->count)
        return;
    for (i = 0; inventory_virtfn(s->b, pf, i, &key.facts.bdf); i++) {
        c = bsearch(&key, s->candidates, s->count, sizeof(*c), compare_bdf);
        if (!c)
            continue;
        c->merit.load = vfs;
        s->merits_changed = true;
    }
}

static int count_load(struct fact_sources *s, const struct bdf *pf,
                      unsigned *vfs)
{
    struct store_device *sd;
    struct bdf vf;
    long i;
    int rc;

    *vfs = 0;
    for (i = 0; inventory_virtfn(s->b, pf, i, &vf); i++) {
        if (xen_says_taken(s->b->xen->ops->test_assign(s->b->xen, &vf))) {
            (*vfs)++;
            continue;
        }
        rc = store_device_peek(s->b, s->txn, s->nodes, &vf, &sd);
        if (rc)
            return rc;
        if (sd && (sd->domid || sd->broken || (sd->lease && sd->alive)))
            (*vfs)++;
    }
    return RC_OK;
}

static int take_load(struct fact_sources *s, const struct bdf *pf)
{
    unsigned vfs;
    size_t i;
    int rc;

    for (i = 0; i < s->load_count; i++)
        if (!bdf_compare(&s->loads[i], pf))
            return RC_OK;
    rc = count_load(s, pf, &vfs);
    if (rc)
        return rc;
    s->loads = arena_extend(s->b->arena, s->loads, s->load_count,
                            sizeof(*s->loads));
    s->loads[s->load_count++] = *pf;
    if (vfs)
        spread_load(s, pf, vfs);
    return RC_OK;
}

static uint32_t model_of(const struct candidate *c)
{
    return (uint32_t)c->facts.vendor << 16 | c->facts.device;
}

/* Now, at sysfs only, and not at everything of it. */
static void look_at_reset(struct fact_sources *s, struct candidate *c)
{
    if (c->reset_known)
        return;
    c->merit.reset = inventory_reset(s->b, c->device);
    c->reset_known = s->merits_changed = true;
}

/* What one device cannot do the others of its model can hardly do either. */
static void spread_reset(struct fact_sources *s, const struct candidate *from)
{
    size_t i;

    s->models = arena_extend(s->b->arena, s->models, s->model_count,
                             sizeof(*s->models));
    s->models[s->model_count++] = model_of(from);
    for (i = 0; i < s->count; i++)
        if (s->candidates[i].identified &&
            model_of(&s->candidates[i]) == model_of(from))
            look_at_reset(s, &s->candidates[i]);
}

int candidate_identify(struct fact_sources *s, struct candidate *c)
{
    struct device *device = c->device;
    size_t i;

    if (c->identified || c->gone)
        return RC_OK;
    c->gone = !inventory_identify(s->b, s->inventory, device);
    if (c->gone)
        return RC_OK;
    c->identified = true;
    c->facts.vendor = device->vendor;
    c->facts.device = device->device;
    c->facts.class = device->class;
    if (s->vf_wanted) {
        inventory_physfn(s->b, device);
        c->facts.vf_settable = device->vf;
    }
    for (i = 0; i < s->model_count; i++)
        if (s->models[i] == model_of(c))
            look_at_reset(s, c);
    return family(s, device, &c->facts.driver);
}

/* Xen first: a hypercall costs less than a look into sysfs, and thousands of
 * devices may be given away. */
int candidate_probe(struct fact_sources *s, struct candidate *c)
{
    int rc;

    if (c->probed)
        return RC_OK;
    c->probed = true;
    rc = ask_xen(s, c);
    if (rc)
        return rc;
    if (c->facts.xen_reason == REASON_IN_USE) {
        c->verified = true;
        return RC_OK;
    }
    return candidate_identify(s, c);
}

/* Who has it, and what xenstore says of it. */
static int ask_holder(struct fact_sources *s, struct candidate *c)
{
    c->holder_known = true;
    return ask_store(s, &c->facts);
}

int candidate_find_holder(struct fact_sources *s, struct candidate *c)
{
    return c->verified && !c->holder_known ? ask_holder(s, c) : RC_OK;
}

/* Of its VF the settings, and of its network what it can carry. */
static int ask_network(struct fact_sources *s, struct candidate *c)
{
    struct vf_place place;

    c->facts.vf_settable = vf_find(s->b, &c->facts.bdf, &place, NULL,
                                   &c->facts.vf_lost) == VF_FOUND;
    if (!s->mtu)
        return RC_OK;
    return device_mtu_limit(s->b, c->device,
                            c->facts.vf_settable ? place.interface : NULL,
                            s->mtu, &c->facts.mtu, &c->facts.mtu_text);
}

int candidate_verify(struct fact_sources *s, struct candidate *c)
{
    int rc;

    rc = candidate_probe(s, c);
    if (rc || c->verified || c->gone)
        return rc;
    c->verified = true;
    rc = ask_holder(s, c);
    if (rc || c->facts.given || c->facts.leased) goto out;
    rc = inventory_detail(s->b, s->inventory, c->device);
    if (rc) goto out;
    c->facts.answers = c->device->answers;
    c->facts.msi = c->device->msi || c->device->msix;
    if (s->memory)
        device_bars_fit(s->b, c->device, s->memory, &c->facts.bar_text);
    rc = ask_network(s, c);
    if (rc) goto out;
    rc = ask_dom0(s, c);
    if (rc) goto out;
    rc = device_shared(&(struct neighbourhood){ s->b, s->txn, s->inventory,
                                                s->nodes, s->domain },
                       c->device, &c->facts.shared);
    if (rc) goto out;
    if (c->merit.reset != c->device->reset)
        s->merits_changed = true;
    c->merit.reset = c->device->reset;
    if (!c->reset_known && c->merit.reset != RESET_ALONE) {
        c->reset_known = true;
        spread_reset(s, c);
    }
    if (c->device->vf)
        rc = take_load(s, &c->device->pf);
out:
    return rc;
}
