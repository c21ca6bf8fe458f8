/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a device was taken and the others were not. */
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "host/inventory.h"
#include "plan/planner.h"

static bool is_taken(enum reason reason)
{
    return reason == REASON_NONE || reason == REASON_IN_USE ||
           reason == REASON_LEASED || reason == REASON_KEPT_LOCAL;
}

/* Of a member that the wish did not get. */
static struct judgement why_not(const struct planner *p, size_t wish,
                                size_t candidate)
{
    struct judgement j = *planner_judgement(p, wish, candidate);

    if (j.tier == TIER_UNFIT)
        return j;
    if (planner_is_chosen(p, candidate)) {
        j.reason = REASON_NO_FREE_DEVICE;
        j.text = "is needed for another wish";
    } else if (p->barred[wish]) {
        j.reason = REASON_KEPT_LOCAL;
        j.text = "is kept for guests of this host";
    }
    return j;
}

/* "pool lan: 0000:01:00.0 is given to domain g1; …" and a reason: taken
 * outweighs unfit, because waiting may help then. */
static void explain_members(const struct planner *p, size_t wish,
                            const char *label, struct planned *planned)
{
    struct arena *arena = p->sources.b->arena;
    struct judgement j;
    size_t i, n = 0;

    planned->text = label;
    planned->reason = REASON_NONE;
    for (i = 0; i < p->count; i++) {
        if (!*planner_member(p, wish, p->order[i]))
            continue;
        j = why_not(p, wish, p->order[i]);
        if (n < EXPLAINED_AT_MOST)
            planned->text = arena_printf(
                arena, "%s%s %s %s", planned->text, n ? ";" : ":",
                p->candidates[p->order[i]].device->text, j.text);
        if (j.reason == REASON_KEPT_LOCAL)
            planned->reason = REASON_KEPT_LOCAL;
        else if (is_taken(j.reason) && planned->reason != REASON_KEPT_LOCAL)
            planned->reason = REASON_NO_FREE_DEVICE;
        else if (planned->reason == REASON_NONE)
            planned->reason = j.reason;
        n++;
    }
    if (n > EXPLAINED_AT_MOST)
        planned->text = arena_printf(arena, "%s; and %zu more",
                                     planned->text, n - EXPLAINED_AT_MOST);
}

void explain_wish(const struct planner *p, size_t wish,
                  struct planned *planned)
{
    const struct wanted *wanted = &p->record->devices[wish];
    const char *pool = wanted->wish.pool;
    struct broker *b = p->sources.b;

    if (pool && !p->pool_of[wish]) {
        planned->reason = REASON_POOL_UNKNOWN;
        planned->text = arena_printf(b->arena, "%s has no pool %s",
                                     b->pools_path, pool);
        return;
    }
    if (pool && !pool_allows(p->pool_of[wish], p->record->domain_name,
                             p->record->domain_uuid)) {
        planned->reason = REASON_NOT_ALLOWED;
        planned->text = arena_printf(b->arena, "pool %s is not for domain %s",
                                     pool, p->record->domain_name);
        return;
    }
    if (!pool && !wanted->host) {
        planned->reason = REASON_POOL_EMPTY;
        planned->text = "the guest has no device for this wish now, and the "
                        "wish names no pool";
        return;
    }
    explain_members(p, wish, pool ? arena_printf(b->arena, "pool %s", pool)
                    : arena_printf(b->arena, "model %04x:%04x",
                                   wanted->host->vendor,
                                   wanted->host->device), planned);
    if (planned->reason == REASON_NONE) {
        planned->reason = REASON_POOL_EMPTY;
        planned->text = arena_printf(b->arena, "%s: no such device here",
                                     planned->text);
    }
}

static void describe_fit(const struct planner *p, size_t wish,
                         const struct candidate *c,
                         struct planned_candidate *out)
{
    static const char *const tiers[] = {
        [TIER_SAME_MODEL] = "same-model", [TIER_SAME_FAMILY] = "same-family",
        [TIER_SAME_CLASS] = "same-class",
        [TIER_SAME_BASE_CLASS] = "same-base-class",
    };
    size_t candidate = (size_t)(c - p->candidates);

    out->rank = tiers[planner_judgement(p, wish, candidate)->tier];
    out->node = c->merit.node;
    out->load = c->merit.load;
    out->reset = c->device->reset;
}

static void describe_candidate(const struct planner *p, size_t wish,
                               size_t candidate, struct planned_candidate *out)
{
    struct judgement j;

    out->bdf = p->candidates[candidate].device->bdf;
    if (p->chosen[wish] == (long)candidate) {
        out->taken = true;
    } else {
        j = why_not(p, wish, candidate);
        out->reason = j.reason;
        out->text = j.text ? j.text : "comes later in the ranking";
    }
    if (planner_judgement(p, wish, candidate)->tier != TIER_UNFIT)
        describe_fit(p, wish, &p->candidates[candidate], out);
}

/* Those that fit, or the others. */
static void list(const struct planner *p, size_t wish, bool fit, size_t most,
                 struct planned *planned)
{
    size_t i;

    for (i = 0; i < p->count; i++) {
        if (!*planner_member(p, wish, p->order[i]) ||
            fit != (planner_judgement(p, wish, p->order[i])->tier !=
                    TIER_UNFIT))
            continue;
        if (planned->candidate_count == most)
            planned->candidates_left_out++;
        else
            describe_candidate(
                p, wish, p->order[i],
                &planned->candidates[planned->candidate_count++]);
    }
}

void explain_candidates(const struct planner *p, size_t wish, size_t most,
                        struct planned *planned)
{
    planned->candidates = arena_alloc(
        p->sources.b->arena, (most + 1) * sizeof(*planned->candidates));
    list(p, wish, true, most, planned);
    list(p, wish, false, most, planned);
}

static void print_candidate(FILE *out, const struct planned_candidate *c)
{
    fprintf(out, "  %04x:%02x:%02x.%x  ", c->bdf.domain, c->bdf.bus,
            c->bdf.dev, c->bdf.func);
    if (c->taken)
        fprintf(out, "taken: ");
    else
        fprintf(out, "%s%s", c->text, c->rank ? ": " : "");
    if (c->rank)
        fprintf(out, "%s, node rank %u, %u VFs of its PF in use, %s", c->rank,
                c->node, c->load,
                c->reset == RESET_ALONE ? "can be reset alone"
                : c->reset == RESET_BUS ? "is reset with its bus"
                : "has no reset");
    if (!c->taken && c->reason != REASON_NONE)
        fprintf(out, " (%s)", reason_word(c->reason));
    fputc('\n', out);
}

void explain_print(FILE *out, const struct plan *plan, size_t wishes)
{
    const struct planned *planned;
    size_t wish, i;

    for (wish = 0; wish < wishes; wish++) {
        planned = &plan->planned[wish];
        fprintf(out, "%s: ", planned->id);
        if (planned->status == PLANNED_DEVICE)
            fprintf(out, "%zu candidates\n", planned->candidate_count);
        else
            fprintf(out, "%s: %s\n", reason_word(planned->reason),
                    planned->text);
        for (i = 0; i < planned->candidate_count; i++)
            print_candidate(out, &planned->candidates[i]);
    }
}
