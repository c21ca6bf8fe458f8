/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decide.h"
#include "ioctls.h"
#include "look.h"
#include "shadow.h"
#include "state.h"

struct job {
    struct ethnl *nl;
    const struct shadow *shadow;
    unsigned card;
    struct state *state;
};

static int group_get(struct job *job, const struct group *group,
                     struct list *out)
{
    if (group->means == MEANS_NETLINK)
        return ethnl_get(job->nl, group, job->card, out);
    return ioctls_get(group, job->card, out);
}

static int group_set(struct job *job, const struct group *group,
                     const struct list *wants)
{
    size_t i;
    int r = 0;

    if (group->means == MEANS_NETLINK)
        return ethnl_set(job->nl, group, job->card, wants);
    for (i = 0; !r && i < wants->count; i++)
        r = ioctls_set(group, job->card, &wants->settings[i]);
    return r;
}

/* Those of the list that are of the group. */
static struct list of_group(const struct list *list,
                            const struct group *group)
{
    const struct group *its;
    struct list part = { 0 };
    size_t i;

    for (i = 0; i < list->count; i++)
        if (table_row(list->settings[i].name, &its) && its == group)
            list_put(&part, list->settings[i].name, list->settings[i].value);
    return part;
}

/* ---- a new card */

static void tell(struct job *job, const char *setting, int error,
                 const char *why)
{
    char card[IF_NAMESIZE] = "the card";

    if_indextoname(job->card, card);
    fprintf(stderr, "%s: %s does not take %s: %s\n", job->shadow->name, card,
            setting, why);
    shadow_tell(job->shadow, job->card, setting, error);
}

/* What the card could do, too: some are told what they shall not. */
static void want_put(struct list *wants, const char *name, const char *value,
                     const struct list *card)
{
    const struct setting *now = list_find(card, name);
    struct setting *want = list_put(wants, name, value);

    if (now && now->may)
        setting_may(want, text("%s", now->may));
}

static struct list replay_decide(struct job *job, const struct group *group,
                                 const struct list *kept,
                                 const struct list *card)
{
    struct list wants = { 0 };
    bool any = false;
    size_t i;

    for (i = 0; i < kept->count; i++) {
        const struct setting *setting = &kept->settings[i];
        struct decision decision = decide(table_row(setting->name, NULL),
                                          setting, card);

        if (decision.why)
            tell(job, setting->name,
                 decision.verdict == VERDICT_LOWER ? ERANGE : EOPNOTSUPP,
                 decision.why);
        if (decision.tell || (decision.want && group->whole))
            want_put(&wants, setting->name, decision.want, card);
        any |= decision.tell;
        decision_free(&decision);
    }
    /* A link may go down for a moment: not for nothing. */
    if (!any)
        list_free(&wants);
    return wants;
}

/* All at once; else one is to blame: that is named, and the others are kept. */
static void replay_set(struct job *job, const struct group *group,
                       const struct list *wants)
{
    int r = group_set(job, group, wants);
    size_t i;

    for (i = 0; r && i < wants->count; i++) {
        struct list one = { .settings = &wants->settings[i], .count = 1 };
        int error = group->whole ? r : group_set(job, group, &one);

        if (error)
            tell(job, one.settings->name, error, strerror(error));
    }
}

/* Said yes to, and not done. */
static void replay_check(struct job *job, const struct group *group,
                         const struct list *wants)
{
    struct list now = { 0 };
    size_t i;

    if (group_get(job, group, &now))
        list_free(&now);
    for (i = 0; i < now.count; i++) {
        const struct setting *setting = &now.settings[i];
        const struct setting *want = list_find(wants, setting->name);

        if (want && setting->active && strcmp(setting->active, want->value))
            tell(job, want->name, EOPNOTSUPP, "the driver does not do it");
    }
    list_free(&now);
}

static void replay_group(struct job *job, const struct group *group)
{
    struct list kept = of_group(&job->state->kept, group);
    struct list card = { 0 }, wants;

    if (kept.count) {
        if (group_get(job, group, &card))
            list_free(&card);
        wants = replay_decide(job, group, &kept, &card);
        if (wants.count) {
            replay_set(job, group, &wants);
            replay_check(job, group, &wants);
        }
        list_free(&wants);
        list_free(&card);
    }
    list_free(&kept);
}

static void see_all(struct job *job)
{
    size_t i;

    list_free(&job->state->seen);
    for (i = 0; i < table_groups; i++) {
        struct list now = { 0 };
        size_t j;

        if (!group_get(job, &table[i], &now))
            for (j = 0; j < now.count; j++)
                list_put(&job->state->seen, now.settings[j].name,
                         now.settings[j].value);
        list_free(&now);
    }
}

static bool look_new(struct job *job)
{
    size_t i;

    for (i = 0; i < table_groups; i++)
        replay_group(job, &table[i]);
    see_all(job);
    job->state->card = job->card;
    return true;
}

/* ---- a known one */

static void seen_replace(struct list *seen, const struct list *before,
                         const struct list *now)
{
    size_t i;

    for (i = 0; i < before->count; i++)
        if (!list_find(now, before->settings[i].name))
            list_drop(seen, before->settings[i].name);
    for (i = 0; i < now->count; i++)
        list_put(seen, now->settings[i].name, now->settings[i].value);
}

static bool look_group(struct job *job, const struct group *group)
{
    struct list seen = of_group(&job->state->seen, group), now = { 0 };
    bool changed = false;

    /* A card that does not answer has changed nothing. */
    if (!group_get(job, group, &now)) {
        changed = record_changes(&job->state->kept, group, &seen, &now);
        seen_replace(&job->state->seen, &seen, &now);
    }
    list_free(&seen);
    list_free(&now);
    return changed;
}

static bool look_known(struct job *job, groups_t groups)
{
    bool changed = false;
    size_t i;

    for (i = 0; i < table_groups; i++)
        if (groups & (groups_t)1 << i)
            changed |= look_group(job, &table[i]);
    return changed;
}

/* ---- */

static int look_at(struct ethnl *nl, const struct shadow *shadow,
                   groups_t groups)
{
    struct job job = { .nl = nl, .shadow = shadow };
    bool changed;
    int r = 0;

    job.card = shadow_card(shadow);
    if (!job.card || !state_id_is_good(shadow->id))
        return 0;
    job.state = state_load(shadow->id);
    changed = job.card == job.state->card ? look_known(&job, groups) :
                                            look_new(&job);
    /* What one that is going says of itself is not what somebody wants. */
    if (changed && shadow_card(shadow) == job.card)
        r = state_store(shadow->id, job.state);
    state_free(job.state);
    return r;
}

int look(struct ethnl *nl, groups_t groups)
{
    int lock = state_lock(), r = 0, error;
    struct shadow *shadows;
    size_t count, i;

    if (lock < 0)
        return -lock;
    count = shadows_find(&shadows);
    for (i = 0; i < count; i++) {
        error = look_at(nl, &shadows[i], groups);
        if (error)
            r = error;
    }
    shadows_free(shadows, count);
    state_unlock(lock);
    return r;
}
