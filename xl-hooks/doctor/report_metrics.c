/* SPDX-License-Identifier: GPL-2.0-only */
/* What was found, for Prometheus: a file for the textfile collector of its
 * node exporter. What is unknown is absent, and not 0. */
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "checks/check.h"
#include "doctor/report.h"

struct metrics {
    struct broker *b;
    char *text;
};

static void put(struct metrics *m, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void put(struct metrics *m, const char *fmt, ...)
{
    va_list ap;
    char *more;

    va_start(ap, fmt);
    more = arena_vprintf(m->b->arena, fmt, ap);
    va_end(ap);
    m->text = arena_printf(m->b->arena, "%s%s", m->text, more);
}

static void head(struct metrics *m, const char *name, const char *help)
{
    put(m, "# HELP shadowport_%s %s\n# TYPE shadowport_%s gauge\n", name, help,
        name);
}

/* In quotes; words of others do not end them. */
static const char *label(struct metrics *m, const char *text)
{
    const char *safe = printable(m->b->arena, text);
    char *out = arena_alloc(m->b->arena, 2 * strlen(safe) + 1), *to = out;

    for (; *safe; safe++) {
        if (*safe == '"' || *safe == '\\')
            *to++ = '\\';
        *to++ = *safe;
    }
    return out;
}

static void put_pools(struct metrics *m, const struct host_facts *here)
{
    const struct pool_fact *p;
    const char *name;
    size_t i;

    if (here->facts[HOST_pools_listed].kind != FACT_NUMBER)
        return;
    head(m, "pool_devices", "Devices of this host that are in a pool.");
    for (i = 0; i < here->pool_count; i++) {
        p = &here->pools[i];
        name = label(m, p->name);
        put(m, "shadowport_pool_devices{pool=\"%s\",state=\"free\"} %zu\n"
            "shadowport_pool_devices{pool=\"%s\",state=\"taken\"} %zu\n"
            "shadowport_pool_devices{pool=\"%s\",state=\"unfit\"} %zu\n",
            name, p->free, name, p->taken, name, p->unfit);
    }
}

static void put_leftovers(struct metrics *m, const struct host_facts *here)
{
    static const enum fact_id lists[] = {
        HOST_leases_dead, HOST_leases_broken, HOST_resets_failed,
        HOST_orphans, HOST_nobodys, HOST_vfs_set, HOST_locks_dead,
        HOST_journals_dead,
    };
    const struct fact *fact;
    const char *at;
    size_t i, words;

    head(m, "leftovers", "What migrations that ended have left behind.");
    for (i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
        fact = &here->facts[lists[i]];
        if (fact->kind != FACT_TEXT)
            continue;
        words = 0;
        for (at = fact->text; *at; at += strspn(at, " ")) {
            words++;
            at += strcspn(at, " ");
        }
        put(m, "shadowport_leftovers{kind=\"%s\"} %zu\n",
            host_fact_names[lists[i]].name, words);
    }
}

static void put_checks(struct metrics *m, const struct diagnosis *d)
{
    const struct finding *f;
    size_t i;

    head(m, "checks", "Checks of shadowport-doctor in this state.");
    for (i = 0; i < STATES; i++)
        put(m, "shadowport_checks{state=\"%s\"} %zu\n",
            state_word((enum state)i), d->states[i]);
    head(m, "check_not_ok", "One of them, by name.");
    for (i = 0; i < d->count; i++) {
        f = &d->findings[i];
        if (f->state > STATE_OK)
            put(m, "shadowport_check_not_ok{check=\"%s\",subject=\"%s\","
                "state=\"%s\"} 1\n", f->check->name, label(m, f->subject),
                state_word(f->state));
    }
}

static void put_guests(struct metrics *m, const struct host_facts *here)
{
    const struct fact *journal;
    size_t i, alive = 0, dead = 0;

    if (here->facts[HOST_guests_listed].kind != FACT_NUMBER)
        return;
    for (i = 0; i < here->guest_count; i++) {
        journal = &here->guests[i].facts[GUEST_journal];
        if (journal->kind != FACT_TEXT)
            continue;
        alive += !strcmp(journal->text, "alive");
        dead += !strcmp(journal->text, "dead");
    }
    head(m, "migrations", "Guests of this host whose migration is not done.");
    put(m, "shadowport_migrations{state=\"under_way\"} %zu\n"
        "shadowport_migrations{state=\"broken_off\"} %zu\n", alive, dead);
}

char *report_metrics(struct broker *b, const struct diagnosis *d,
                     const struct host_facts *here)
{
    struct metrics m = { .b = b, .text = arena_strdup(b->arena, "") };

    put_checks(&m, d);
    put_pools(&m, here);
    put_leftovers(&m, here);
    put_guests(&m, here);
    put(&m, "# EOF");
    return m.text;
}
