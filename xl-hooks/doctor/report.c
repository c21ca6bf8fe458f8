/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "checks/check.h"
#include "doctor/facts_json.h"
#include "doctor/report.h"
#include "json/json.h"

static const char *const scope_words[] = {
    [SCOPE_HOST] = "host", [SCOPE_PAIR] = "pair", [SCOPE_GUEST] = "guest",
};

/* ---- pools and hosts ---- */

static const char *cell(struct broker *b, const struct host_facts *facts,
                        const char *pool)
{
    const struct pool_fact *p;

    if (!facts || facts->facts[HOST_pools_listed].kind != FACT_NUMBER)
        return "unknown";
    p = facts_pool(facts, pool);
    return p ? arena_printf(b->arena, "%zu free, %zu taken, %zu unfit",
                            p->free, p->taken, p->unfit) : "missing";
}

static char *add_row(struct broker *b, char *text, const char *pool,
                     const char *here, const char *there)
{
    return arena_printf(b->arena, "%s\n%-20s %-28s %s", text,
                        printable(b->arena, pool), printable(b->arena, here),
                        there ? printable(b->arena, there) : "");
}

/* Pools that either has. */
static char *add_matrix(struct broker *b, char *text,
                        const struct host_facts *here,
                        const struct host_facts *there,
                        const struct contact *contact)
{
    const char *name;
    size_t i;

    if (!here->pool_count && (!there || !there->pool_count))
        return text;
    text = arena_printf(b->arena, "%s\n", text);
    text = add_row(b, text, "POOL", here->host, contact->host);
    for (i = 0; i < here->pool_count; i++) {
        name = here->pools[i].name;
        text = add_row(b, text, name, cell(b, here, name),
                       contact->host ? cell(b, there, name) : NULL);
    }
    for (i = 0; there && i < there->pool_count; i++) {
        name = there->pools[i].name;
        if (!facts_pool(here, name))
            text = add_row(b, text, name, cell(b, here, name),
                           cell(b, there, name));
    }
    return text;
}

/* ---- for people ---- */

char *report_checks(struct broker *b)
{
    char *text = arena_strdup(b->arena, "");
    size_t i;

    for (i = 0; i < check_count; i++)
        text = arena_printf(b->arena, "%s%s%-16s %-6s %s", text,
                            i ? "\n" : "", checks[i].name,
                            scope_words[checks[i].scope], checks[i].about);
    return text;
}

/* A host that was not reached says nothing to most of them. */
static int is_told(const struct finding *f, const struct host_facts *there,
                   const struct contact *contact, bool all)
{
    if (all)
        return 1;
    if (f->state == STATE_NA || f->state == STATE_OK)
        return 0;
    return f->state != STATE_UNKNOWN || there || !contact->host ||
           f->subject != contact->host || f->check->scope == SCOPE_GUEST;
}

char *report_table(struct broker *b, const struct diagnosis *d,
                   const struct host_facts *here,
                   const struct host_facts *there,
                   const struct contact *contact, bool all)
{
    char *text = arena_strdup(b->arena, "");
    const struct finding *f;
    size_t i;

    for (i = 0; i < d->count; i++) {
        f = &d->findings[i];
        if (!is_told(f, there, contact, all))
            continue;
        text = arena_printf(b->arena, "%s%-8s %-12s %-16s %s\n", text,
                            state_word(f->state),
                            printable(b->arena, f->subject), f->check->name,
                            printable(b->arena, f->reason));
        if (f->cure && f->state != STATE_OK)
            text = arena_printf(b->arena, "%s%39s %s\n", text, "->",
                                printable(b->arena, f->cure));
    }
    text = arena_printf(b->arena, "%s%s%zu ok, %zu warn, %zu unknown, %zu "
                        "fail, %zu not applicable", text, *text ? "\n" : "",
                        d->states[STATE_OK], d->states[STATE_WARN],
                        d->states[STATE_UNKNOWN], d->states[STATE_FAIL],
                        d->states[STATE_NA]);
    return add_matrix(b, arena_printf(b->arena, "%s\n", text), here, there,
                      contact);
}

/* ---- for programs ---- */

static yajl_gen begin(void)
{
    yajl_gen gen = json_begin();

    yajl_gen_map_open(gen);
    json_emit_key(gen, "version");
    yajl_gen_integer(gen, 1);
    return gen;
}

static char *end(struct broker *b, yajl_gen gen)
{
    yajl_gen_map_close(gen);
    return json_end(b->arena, gen);
}

char *report_facts(struct broker *b, const struct host_facts *here)
{
    yajl_gen gen = begin();

    facts_emit(gen, here);
    return end(b, gen);
}

static void emit_finding(yajl_gen gen, const struct finding *f)
{
    yajl_gen_map_open(gen);
    json_emit_string(gen, "check", f->check->name);
    json_emit_string(gen, "scope", scope_words[f->check->scope]);
    json_emit_string(gen, "subject", f->subject);
    json_emit_string(gen, "state", state_word(f->state));
    json_emit_string(gen, "reason", f->reason);
    json_emit_string(gen, "cure", f->state == STATE_OK ? NULL : f->cure);
    yajl_gen_map_close(gen);
}

static void emit_cell(yajl_gen gen, const char *host, const char *name,
                      const struct host_facts *facts)
{
    const struct pool_fact *p = facts ? facts_pool(facts, name) : NULL;

    json_emit_key(gen, host);
    if (!facts || facts->facts[HOST_pools_listed].kind != FACT_NUMBER) {
        json_emit_string(gen, NULL, "unknown");
        return;
    }
    if (!p) {
        json_emit_string(gen, NULL, "missing");
        return;
    }
    yajl_gen_map_open(gen);
    json_emit_number(gen, "free", (long long)p->free);
    json_emit_number(gen, "taken", (long long)p->taken);
    json_emit_number(gen, "unfit", (long long)p->unfit);
    json_emit_string(gen, "why", p->why);
    yajl_gen_map_close(gen);
}

static void emit_pool(yajl_gen gen, const char *name,
                      const struct host_facts *here,
                      const struct host_facts *there,
                      const struct contact *contact)
{
    yajl_gen_map_open(gen);
    json_emit_string(gen, "pool", name);
    emit_cell(gen, "here", name, here);
    if (contact->host)
        emit_cell(gen, "there", name, there);
    yajl_gen_map_close(gen);
}

char *report_json(struct broker *b, const struct diagnosis *d,
                  const struct host_facts *here,
                  const struct host_facts *there,
                  const struct contact *contact)
{
    yajl_gen gen = begin();
    size_t i;

    json_emit_string(gen, "host", here->host);
    json_emit_string(gen, "other", contact->host);
    json_emit_key(gen, "checks");
    yajl_gen_array_open(gen);
    for (i = 0; i < d->count; i++)
        emit_finding(gen, &d->findings[i]);
    yajl_gen_array_close(gen);
    json_emit_key(gen, "pools");
    yajl_gen_array_open(gen);
    for (i = 0; i < here->pool_count; i++)
        emit_pool(gen, here->pools[i].name, here, there, contact);
    for (i = 0; there && i < there->pool_count; i++)
        if (!facts_pool(here, there->pools[i].name))
            emit_pool(gen, there->pools[i].name, here, there, contact);
    yajl_gen_array_close(gen);
    facts_emit(gen, here);
    return end(b, gen);
}
