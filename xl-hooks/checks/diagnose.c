/* SPDX-License-Identifier: GPL-2.0-only */
/* All checks of hosts, pairs and guests, one after the other. */
#include <string.h>

#include "base/arena.h"
#include "checks/check.h"

/* RULE_YES, RULE_EMPTY, RULE_AT_LEAST. */
static void follow_rule(const struct check *c, const struct view *v,
                        struct finding *out)
{
    const struct fact *fact = &v->host->facts[c->fact];
    const char *list, *text = c->right;
    long long number;
    int good;

    if (c->rule == RULE_EMPTY) {
        if (!check_text(fact, out, &list))
            return;
        good = !*list;
        if (!good)
            text = arena_printf(v->arena, "%s: %s", c->wrong, list);
    } else {
        if (!check_number(fact, out, &number))
            return;
        good = c->rule == RULE_YES ? number == 1 : number >= c->least;
        if (!good)
            text = c->wrong;
        if (c->rule == RULE_AT_LEAST)
            text = arena_printf(v->arena, "%s: %lld MiB", text, number);
    }
    check_say(out, good ? STATE_OK : c->bad, text, good ? NULL : c->cure);
}

void check_run(const struct check *check, const struct view *v,
               struct finding *out)
{
    out->check = check;
    /* What no branch has judged is not good. */
    check_say(out, STATE_UNKNOWN, "was not judged", NULL);
    if (check->judge)
        check->judge(v, out);
    else
        follow_rule(check, v, out);
}

static void add(struct diagnosis *d, const struct check *check,
                const struct view *v, const char *subject)
{
    struct finding *f;

    d->findings = arena_extend(v->arena, d->findings, d->count,
                               sizeof(*d->findings));
    f = &d->findings[d->count++];
    memset(f, 0, sizeof(*f));
    f->subject = subject;
    check_run(check, v, f);
    d->states[f->state]++;
}

/* A guest without passthrough devices needs nothing of this. */
static int concerned(const struct guest_facts *guest)
{
    const struct fact *unmarked = &guest->facts[GUEST_unmarked];
    const struct fact *wishes = &guest->facts[GUEST_wishes_listed];

    return guest->wish_count || wishes->kind != FACT_NUMBER ||
           unmarked->kind != FACT_TEXT || *unmarked->text;
}

static void add_guests(struct diagnosis *d, const struct check *check,
                       struct view *v)
{
    const struct fact *name;
    size_t i;

    for (i = 0; i < v->host->guest_count; i++) {
        v->guest = &v->host->guests[i];
        if (!concerned(v->guest))
            continue;
        name = &v->guest->facts[GUEST_name];
        add(d, check, v, name->kind == FACT_TEXT ? name->text : "?");
    }
}

void check_all(struct arena *arena, const struct host_facts *here,
               const struct host_facts *there, const struct contact *contact,
               struct diagnosis *d)
{
    static const struct host_facts nothing;
    const struct check *check;
    struct view v;
    size_t i;

    memset(d, 0, sizeof(*d));
    for (i = 0; i < check_count; i++) {
        check = &checks[i];
        v = (struct view){ .arena = arena, .host = here, .other = there,
                           .contact = contact };
        switch (check->scope) {
        case SCOPE_HOST:
            v.other = NULL;
            add(d, check, &v, here->host);
            if (!contact->host)
                break;
            v.host = there ? there : &nothing;
            add(d, check, &v, contact->host);
            break;
        case SCOPE_PAIR:
            add(d, check, &v, contact->host ? contact->host : here->host);
            break;
        case SCOPE_GUEST:
            add_guests(d, check, &v);
            break;
        }
    }
}
