/* SPDX-License-Identifier: GPL-2.0-only */
/* Nothing here knows a card or a file: values in, values out. */
#include <stdlib.h>
#include <string.h>

#include <linux/ethtool.h>

#include "decide.h"

static struct decision refuse(char *why)
{
    return (struct decision){ .verdict = VERDICT_REFUSE, .why = why };
}

static struct decision take(const struct setting *now, char *want)
{
    bool same = now && !strcmp(now->value, want);

    return (struct decision){
        .verdict = same ? VERDICT_SAME : VERDICT_CARRY,
        .tell = !same,
        .want = want,
    };
}

static struct decision lower(const struct setting *now, char *want, char *why)
{
    struct decision decision = take(now, want);

    decision.verdict = VERDICT_LOWER;
    decision.why = why;
    return decision;
}

static unsigned long long number(const char *s)
{
    return strtoull(s, NULL, 10);
}

static struct decision decide_number(const char *kept,
                                     const struct setting *now)
{
    if (!now->may || number(kept) <= number(now->may))
        return take(now, text("%s", kept));
    if (!number(now->may))
        return refuse(text("the card has none"));
    return lower(now, text("%s", now->may), text("at most %s", now->may));
}

static struct decision decide_choice(const char *kept,
                                     const struct setting *now)
{
    /* Bytes of another length are not a longer or shorter form of it. */
    if (now->may && strlen(kept) != number(now->may))
        return refuse(text("the card's has another length"));
    return take(now, text("%s", kept));
}

static struct decision decide_set(const char *kept, const struct setting *now)
{
    char *common;

    if (!now->may)
        return take(now, text("%s", kept));
    common = words_common(kept, now->may);
    if (words_count(common) == words_count(kept))
        return take(now, common);
    if (*common)
        return lower(now, common, text("only %s", common));
    free(common);
    return refuse(text("none of them"));
}

/* ---- RSS: a table of n entries says the same as one of m */

static size_t entries(const char *value, unsigned **out)
{
    size_t n = words_count(value), i;
    char *end;

    *out = need(calloc(n + 1, sizeof(**out)));
    for (i = 0; i < n; i++) {
        (*out)[i] = strtoul(value, &end, 10);
        value = *end ? end + 1 : end;
    }
    return n;
}

static bool repeats(const unsigned *table, size_t count, size_t period)
{
    size_t i;

    for (i = period; i < count; i++)
        if (table[i] != table[i - period])
            return false;
    return true;
}

static char *spread_as(const unsigned *from, size_t count, size_t n)
{
    char *value = text("%s", ""), *entry;
    size_t i;

    for (i = 0; i < n; i++) {
        entry = text("%u", from[i % count]);
        value = words_add(value, entry);
        free(entry);
    }
    return value;
}

static bool has_queues(const unsigned *from, size_t count,
                       const struct setting *now)
{
    size_t i;

    for (i = 0; now->may && i < count; i++)
        if (from[i] >= number(now->may))
            return false;
    return true;
}

static struct decision decide_spread(const char *kept,
                                     const struct setting *now)
{
    size_t n = words_count(now->value), count;
    struct decision decision;
    unsigned *from;

    count = entries(kept, &from);
    if (!n || !count)
        decision = refuse(text("the card has no table"));
    else if (n % count && (count % n || !repeats(from, count, n)))
        decision = refuse(text("it cannot be said with %zu entries", n));
    else if (!has_queues(from, count, now))
        decision = refuse(text("the card has only %s queues", now->may));
    else
        decision = take(now, spread_as(from, count, n));
    free(from);
    return decision;
}

/* As the kernel spreads by itself. */
static bool spread_is_default(const struct setting *now)
{
    unsigned long long queues = now->may ? number(now->may) : 0;
    unsigned *table;
    size_t n, i;
    bool is = queues;

    n = entries(now->value, &table);
    for (i = 0; is && i < n; i++)
        is = table[i] == i % queues;
    free(table);
    return is;
}

/* ---- rules for single flows */

static struct decision decide_rule(const char *kept,
                                   const struct setting *now)
{
    unsigned long long cookie = number(kept);

    if (cookie == RX_CLS_FLOW_DISC || cookie == RX_CLS_FLOW_WAKE ||
        !now->may)
        return take(now, text("%s", kept));
    if (ethtool_get_flow_spec_ring(cookie) >= number(now->may))
        return refuse(text("the card has only %s queues", now->may));
    return take(now, text("%s", kept));
}

/* A card that has rules, but not this one, says so by the row's own name. */
static const struct setting *of_card(const struct row *row, const char *name,
                                     const struct list *card)
{
    const struct setting *now = list_find(card, name);

    if (!now && row->kind == KIND_RULE)
        now = list_find(card, row->name);
    return now;
}

struct decision decide(const struct row *row, const struct setting *kept,
                       const struct list *card)
{
    const struct setting *now = of_card(row, kept->name, card);

    if (!now && row->idle && !strcmp(row->idle, kept->value))
        return (struct decision){
            .verdict = VERDICT_SAME, .want = text("%s", kept->value),
        };
    if (!now)
        return refuse(text("the card has no such setting"));
    switch (row->kind) {
    case KIND_NUMBER: return decide_number(kept->value, now);
    case KIND_CHOICE: return decide_choice(kept->value, now);
    case KIND_SET:    return decide_set(kept->value, now);
    case KIND_SPREAD: return decide_spread(kept->value, now);
    case KIND_RULE:   return decide_rule(kept->value, now);
    }
    abort();
}

void decision_free(struct decision *decision)
{
    free(decision->want);
    free(decision->why);
}

/* ---- what was changed */

/* Bytes of "rule-*" itself are none: it says that there could be some. */
static bool is_capability(const struct row *row, const char *name)
{
    return !strcmp(row->name, name) && row_is_many(row);
}

static bool is_changed(const struct row *row, const struct setting *now,
                       const struct list *seen, const struct list *kept)
{
    const struct setting *before = list_find(seen, now->name);
    const struct setting *forced;

    /* The speed of a link changes by itself, unless somebody forced one. */
    if (row->state_if) {
        forced = list_find(kept, row->state_if);
        if (!forced || strcmp(forced->value, "off"))
            return false;
    }
    if (before)
        return strcmp(before->value, now->value);
    /* It was not there, since nobody had made it one. */
    return row->kind == KIND_RULE || row->state_if;
}

static void keep(struct list *kept, const struct row *row,
                 const struct setting *now)
{
    if (row->kind == KIND_SPREAD && spread_is_default(now))
        list_drop(kept, now->name);
    else
        list_put(kept, now->name, now->value);
}

/* A rule that was taken away; a speed that nobody forces any more. */
static bool is_gone(const struct row *row, const struct list *now)
{
    const struct setting *forced = row->state_if ?
                                   list_find(now, row->state_if) : NULL;

    return row->kind == KIND_RULE || (forced && !strcmp(forced->value, "on"));
}

static bool record_gone(struct list *kept, const struct list *seen,
                        const struct list *now)
{
    bool any = false;
    const struct row *row;
    size_t i;

    for (i = 0; i < seen->count; i++) {
        row = table_row(seen->settings[i].name, NULL);
        if (!row || list_find(now, seen->settings[i].name) ||
            !is_gone(row, now))
            continue;
        list_drop(kept, seen->settings[i].name);
        any = true;
    }
    return any;
}

bool record_changes(struct list *kept, const struct group *group,
                    const struct list *seen, const struct list *now)
{
    bool any = record_gone(kept, seen, now), changed = false;
    const struct row *row;
    size_t i;

    for (i = 0; i < now->count; i++) {
        row = table_row(now->settings[i].name, NULL);
        if (!row || is_capability(row, now->settings[i].name) ||
            !is_changed(row, &now->settings[i], seen, kept))
            continue;
        keep(kept, row, &now->settings[i]);
        changed = true;
    }
    for (i = 0; changed && group->whole && i < now->count; i++) {
        row = table_row(now->settings[i].name, NULL);
        if (row)
            keep(kept, row, &now->settings[i]);
    }
    return any || changed;
}
