/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "assign_check.h"
#include "broker.h"
#include "device_use.h"
#include "inventory.h"
#include "lease.h"
#include "match.h"
#include "plan.h"
#include "pools.h"
#include "request.h"
#include "store.h"
#include "vf_settings.h"
#include "vf_setup.h"

#define EXPLAIN_AT_MOST 8

/* A device that some wish may have. */
struct candidate {
    struct device *device;
    struct facts facts;
    bool verified;              /* the costly questions were asked */
    unsigned pf_load;
};

struct planner {
    struct broker *b;
    uint32_t txn;
    struct inventory *inventory;
    const struct pools *pools;
    const struct holdings *holdings;
    const struct record *record;

    const struct pool **pool_of;        /* per wish; NULL: none */
    struct candidate *candidates;
    size_t count;
    bool *member;                       /* [wish * count + candidate] */
    struct judgement *judgements;       /* as member; members only */
    long *chosen;                       /* per wish */
    bool vf_wanted;                     /* for the settings of a VF */
};

static bool *member(struct planner *p, size_t wish, size_t candidate)
{
    return &p->member[wish * p->count + candidate];
}

static struct judgement *judgement(struct planner *p, size_t wish,
                                   size_t candidate)
{
    return &p->judgements[wish * p->count + candidate];
}

/* dom0's driver, also while pciback has the device. */
static const char *home_driver(struct planner *p, struct device *device)
{
    inventory_driver(p->b, device);
    if (!device->pciback)
        return device->driver;
    return holding_home_driver(holdings_find(p->holdings, &device->bdf));
}

static bool match_fits(struct planner *p, const struct pool_match *match,
                       struct device *device)
{
    const struct pool_subject subject = {
        .bdf = device->text, .vendor = device->vendor,
        .device = device->device, .class = device->class,
    };
    const char *pf;

    if (!pool_match_fits(match, &subject))
        return false;
    if (!match->pf && !match->driver)
        return true;
    inventory_physfn(p->b, device);
    pf = device->vf ? bdf_text(p->b->arena, &device->pf) : NULL;
    return pool_match_fits_detail(match, pf, home_driver(p, device));
}

/* Without a pool: the model the guest has now. */
static bool same_model(const struct wanted *wanted,
                       const struct device *device)
{
    return !wanted->wish.pool && wanted->host &&
           wanted->host->vendor == device->vendor &&
           wanted->host->device == device->device;
}

static bool is_member(struct planner *p, size_t wish, struct device *device)
{
    const struct pool *pool = p->pool_of[wish];
    size_t i;

    for (i = 0; pool && i < pool->count; i++)
        if (match_fits(p, &pool->matches[i], device))
            return true;
    return same_model(&p->record->devices[wish], device);
}

/* The wish before this one that names the same pool, or none (-1). */
static long same_pool(struct planner *p, size_t wish)
{
    size_t before;

    for (before = 0; before < wish; before++)
        if (p->pool_of[wish] && p->pool_of[before] == p->pool_of[wish])
            return (long)before;
    return -1;
}

static int domain_name(struct planner *p, const char *domid,
                       const char **text)
{
    struct broker *b = p->b;
    char *name;
    size_t len;
    int rc;

    *text = arena_printf(b->arena, "is marked as given to domain %s, which "
                         "is not there", domid);
    if (!*domid || strspn(domid, "0123456789") != strlen(domid))
        return RC_OK;
    rc = store_read(b, p->txn, arena_printf(b->arena,
                                            "/local/domain/%s/name", domid),
                    &name, &len);
    if (!rc && name)
        *text = arena_printf(b->arena, "is given to domain %s", name);
    return rc;
}

static int take_holding(struct planner *p, struct facts *facts)
{
    const struct holding *h = holdings_find(p->holdings, &facts->bdf);
    struct arena *arena = p->b->arena;

    if (!h)
        return RC_OK;
    if (h->broken)
        facts->lease_broken = arena_printf(arena, "has a lease that cannot "
                                           "be read (%s)", h->broken);
    if (h->lease && h->alive)
        facts->leased = arena_printf(arena, "is %s for domain %s (migration "
                                     "%s)", lease_state_word(h->lease->state),
                                     h->lease->domain, h->lease->migration);
    return h->domid ? domain_name(p, h->domid, &facts->given) : RC_OK;
}

static int take_facts(struct planner *p, struct candidate *c)
{
    struct device *device = c->device;
    struct facts *facts = &c->facts;

    facts->bdf = device->bdf;
    facts->vendor = device->vendor;
    facts->device = device->device;
    facts->class = device->class;
    facts->driver = home_driver(p, device);
    facts->answers = facts->msi = true; /* see verify */
    facts->assignable = device->pciback;
    if (p->vf_wanted)
        inventory_physfn(p->b, device);
    facts->vf_settable = device->vf;    /* see verify */
    if (!p->inventory->pciback)
        facts->no_bind = "cannot be bound: xen-pciback is not loaded";
    return take_holding(p, facts);
}

static int ask_dom0(struct planner *p, struct candidate *c)
{
    struct device *pf;
    const char *why;
    int rc;

    if (!c->facts.assignable) {
        rc = device_use(p->b, c->device, &why);
        if (rc)
            return rc;
        if (why)
            c->facts.busy = arena_printf(p->b->arena, "is in use: %s", why);
    }
    pf = c->device->vf ? inventory_find(p->inventory, &c->device->pf) : NULL;
    return pf ? device_pf_down(p->b, pf, &c->facts.pf_down) : RC_OK;
}

static int ask_xen(struct planner *p, struct candidate *c)
{
    struct broker *b = p->b;
    int r;

    r = b->xen->ops->test_assign(b->xen, &c->facts.bdf);
    if (r == EOPNOTSUPP || r == ENOSYS) {
        c->facts.xen_reason = REASON_NO_IOMMU;
        c->facts.xen_text = "cannot be assigned: no IOMMU";
    } else if (r == EINVAL || r == EBUSY || r == ENODEV) {
        c->facts.xen_reason = REASON_IN_USE;
        c->facts.xen_text = "is assigned to a guest, or Xen does not know it";
    } else if (r) {
        return broker_fail(b, RC_FAILED, "hypervisor: test of %s: %s",
                           c->device->text, strerror(r));
    }
    return RC_OK;
}

/* What is asked only of devices about to be chosen. */
static int verify(struct planner *p, struct candidate *c)
{
    struct vf_place place;
    int rc;

    c->verified = true;
    rc = inventory_detail(p->b, p->inventory, c->device);
    if (rc)
        return rc;
    c->facts.answers = c->device->answers;
    c->facts.msi = c->device->msi || c->device->msix;
    if (p->vf_wanted)
        c->facts.vf_settable = vf_find(p->b, &c->facts.bdf, &place);
    rc = ask_dom0(p, c);
    if (!rc)
        rc = ask_xen(p, c);
    return rc;
}

static int compare_bdf(const void *a, const void *b)
{
    return bdf_compare(&((const struct candidate *)a)->facts.bdf,
                       &((const struct candidate *)b)->facts.bdf);
}

static int compare(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->pf_load != y->pf_load)
        return x->pf_load < y->pf_load ? -1 : 1;
    return compare_bdf(a, b);
}

/* A VF in use weighs on all VFs of its PF. */
static void add_load(struct planner *p, struct device *device)
{
    struct candidate key = { .device = NULL }, *c;
    long i;

    inventory_physfn(p->b, device);
    if (!device->vf)
        return;
    for (i = 0; inventory_virtfn(p->b, &device->pf, i, &key.facts.bdf); i++) {
        c = bsearch(&key, p->candidates, p->count, sizeof(*c), compare_bdf);
        if (c)
            c->pf_load++;
    }
}

/* Into the order of preference; they come in order of BDF. */
static void order(struct planner *p)
{
    const struct holding *h;
    struct device *device;
    size_t i;

    if (!p->count)
        return;
    for (i = 0; i < p->holdings->count; i++) {
        h = &p->holdings->list[i];
        if (!h->domid && !h->broken && !(h->lease && h->alive))
            continue;
        device = inventory_find(p->inventory, &h->bdf);
        if (device)
            add_load(p, device);
    }
    qsort(p->candidates, p->count, sizeof(*p->candidates), compare);
}

static int add_candidate(struct planner *p, struct device *device)
{
    struct candidate *c;

    p->candidates = arena_extend(p->b->arena, p->candidates, p->count,
                                 sizeof(*p->candidates));
    c = &p->candidates[p->count++];
    memset(c, 0, sizeof(*c));
    c->device = device;
    return take_facts(p, c);
}

static void note_members(struct planner *p)
{
    size_t wish, i;
    long before;

    p->member = arena_alloc(p->b->arena, p->record->count * p->count + 1);
    for (wish = 0; wish < p->record->count; wish++) {
        before = same_pool(p, wish);
        for (i = 0; i < p->count; i++)
            *member(p, wish, i) =
                before >= 0 ? *member(p, (size_t)before, i)
                            : is_member(p, wish, p->candidates[i].device);
    }
}

/* Which devices are of interest, with their facts. */
static int collect(struct planner *p)
{
    struct inventory *inv = p->inventory;
    size_t wish, i;
    int rc;

    for (i = 0; i < inv->count; i++) {
        for (wish = 0; wish < p->record->count; wish++) {
            if (same_pool(p, wish) >= 0 ||
                !is_member(p, wish, &inv->devices[i]))
                continue;
            rc = add_candidate(p, &inv->devices[i]);
            if (rc)
                return rc;
            break;
        }
    }
    order(p);
    note_members(p);
    return RC_OK;
}

static void judge(struct planner *p, size_t candidate)
{
    const struct record *record = p->record;
    const struct pool *pool;
    size_t wish;

    for (wish = 0; wish < record->count; wish++) {
        pool = p->pool_of[wish];
        if (*member(p, wish, candidate))
            *judgement(p, wish, candidate) =
                match_judge(&record->devices[wish], record->type,
                            &p->candidates[candidate].facts,
                            pool && pool->bind);
        else
            judgement(p, wish, candidate)->tier = TIER_UNFIT;
    }
}

static void assign(struct planner *p)
{
    const size_t wishes = p->record->count;
    enum tier *tiers = arena_alloc(p->b->arena, (wishes * p->count + 1) *
                                   sizeof(*tiers));
    bool *mandatory = arena_alloc(p->b->arena, wishes * sizeof(*mandatory));
    struct match_problem problem = {
        .wishes = wishes, .candidates = p->count, .tiers = tiers,
        .mandatory = mandatory,
    };
    size_t i;

    for (i = 0; i < wishes; i++)
        mandatory[i] = p->record->devices[i].wish.if_missing ==
                       IF_MISSING_FAIL;
    for (i = 0; i < wishes * p->count; i++)
        tiers[i] = p->judgements[i].tier;
    match_assign(p->b->arena, &problem, p->chosen);
}

/* Until everything chosen has stood the costly questions. Each round takes
 * at least one candidate further, so it ends. */
static int choose(struct planner *p)
{
    struct candidate *c;
    size_t wish, i;
    bool again;
    int rc;

    for (i = 0; i < p->count; i++)
        judge(p, i);
    do {
        again = false;
        assign(p);
        for (wish = 0; wish < p->record->count; wish++) {
            if (p->chosen[wish] < 0)
                continue;
            c = &p->candidates[p->chosen[wish]];
            if (c->verified)
                continue;
            rc = verify(p, c);
            if (rc)
                return rc;
            judge(p, (size_t)p->chosen[wish]);
            if (judgement(p, wish, (size_t)p->chosen[wish])->tier ==
                TIER_UNFIT)
                again = true;
        }
    } while (again);
    return RC_OK;
}

static bool is_taken(enum reason reason)
{
    return reason == REASON_NONE || reason == REASON_IN_USE ||
           reason == REASON_LEASED;
}

/* "pool lan: 0000:01:00.0 is given to domain g1; …" and a reason: taken
 * outweighs unfit, because waiting may help then. */
static void explain_members(struct planner *p, size_t wish,
                            const char *label, struct planned *planned)
{
    struct arena *arena = p->b->arena;
    const struct judgement *j;
    const char *text;
    size_t i, n = 0;

    planned->text = label;
    planned->reason = REASON_NONE;
    for (i = 0; i < p->count; i++) {
        if (!*member(p, wish, i))
            continue;
        j = judgement(p, wish, i);
        /* fit, yet not chosen: another wish has it */
        text = j->tier == TIER_UNFIT ? j->text : "is needed for another wish";
        if (n < EXPLAIN_AT_MOST)
            planned->text = arena_printf(arena, "%s%s %s %s", planned->text,
                                         n ? ";" : ":",
                                         p->candidates[i].device->text, text);
        if (is_taken(j->tier == TIER_UNFIT ? j->reason : REASON_NONE))
            planned->reason = REASON_NO_FREE_DEVICE;
        else if (planned->reason == REASON_NONE)
            planned->reason = j->reason;
        n++;
    }
    if (n > EXPLAIN_AT_MOST)
        planned->text = arena_printf(arena, "%s; and %zu more",
                                     planned->text, n - EXPLAIN_AT_MOST);
}

static void explain(struct planner *p, size_t wish, struct planned *planned)
{
    const struct wanted *wanted = &p->record->devices[wish];
    const char *pool = wanted->wish.pool;
    struct arena *arena = p->b->arena;

    if (pool && !p->pool_of[wish]) {
        planned->reason = REASON_POOL_UNKNOWN;
        planned->text = arena_printf(arena, "%s has no pool %s",
                                     p->b->pools_path, pool);
        return;
    }
    if (!pool && !wanted->host) {
        planned->reason = REASON_POOL_EMPTY;
        planned->text = "the guest has no device for this wish now, and the "
                        "wish names no pool";
        return;
    }
    explain_members(p, wish, pool ? arena_printf(arena, "pool %s", pool)
                    : arena_printf(arena, "model %04x:%04x",
                                   wanted->host->vendor,
                                   wanted->host->device), planned);
    if (planned->reason == REASON_NONE) {
        planned->reason = REASON_POOL_EMPTY;
        planned->text = arena_printf(arena, "%s: no such device here",
                                     planned->text);
    }
}

static int write_plan(struct planner *p, struct plan *plan)
{
    struct planned *planned;
    struct device *device;
    size_t wish;
    int rc;

    plan->refused = false;
    plan->planned = arena_alloc(p->b->arena, p->record->count *
                                sizeof(*plan->planned));
    for (wish = 0; wish < p->record->count; wish++) {
        planned = &plan->planned[wish];
        planned->id = p->record->devices[wish].wish.id;
        if (p->chosen[wish] < 0) {
            explain(p, wish, planned);
            planned->status = PLANNED_STANDBY;
            if (p->record->devices[wish].wish.if_missing ==
                IF_MISSING_FAIL) {
                planned->status = PLANNED_REFUSED;
                plan->refused = true;
            }
            continue;
        }
        device = p->candidates[p->chosen[wish]].device;
        planned->status = PLANNED_DEVICE;
        planned->bdf = device->bdf;
        planned->modalias = device->modalias;
        planned->vendor = device->vendor;
        planned->device = device->device;
        planned->class = device->class;
        rc = inventory_model(p->b, p->inventory, device, &planned->model);
        if (rc)
            return rc;
    }
    return RC_OK;
}

int plan_make(struct broker *b, uint32_t txn, struct inventory *inventory,
              const struct pools *pools, const struct holdings *holdings,
              const struct record *record, struct plan *plan)
{
    struct planner p = {
        .b = b, .txn = txn, .inventory = inventory, .pools = pools,
        .holdings = holdings, .record = record,
    };
    size_t wish;
    int rc;

    p.pool_of = arena_alloc(b->arena, record->count * sizeof(*p.pool_of));
    for (wish = 0; wish < record->count; wish++)
        if (record->devices[wish].host && record->devices[wish].host->vf &&
            vf_needs_pf(record->devices[wish].host->vf))
            p.vf_wanted = true;
    for (wish = 0; wish < record->count; wish++)
        if (record->devices[wish].wish.pool)
            p.pool_of[wish] = pools_find(pools,
                                         record->devices[wish].wish.pool);
    rc = collect(&p);
    if (rc)
        return rc;
    p.judgements = arena_alloc(b->arena, (record->count * p.count + 1) *
                               sizeof(*p.judgements));
    p.chosen = arena_alloc(b->arena, record->count * sizeof(*p.chosen));
    rc = choose(&p);
    if (rc)
        return rc;
    return write_plan(&p, plan);
}
