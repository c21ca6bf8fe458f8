/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>
#include <sys/utsname.h>

#include "answer/answer.h"
#include "base/arena.h"
#include "base/bdf.h"
#include "base/broker.h"
#include "choice/pools.h"
#include "doctor/gather.h"
#include "fleet/fleet_facts.h"
#include "host/inventory.h"
#include "host/store.h"
#include "json/json.h"
#include "lease/store_device.h"
#include "plan/pools_read.h"
#include "plan/source_device.h"
#include "plan/stock.h"

struct teller {
    struct doctor *d;
    struct broker *b;
    yajl_gen gen;
    struct pools pools;
    struct inventory inventory;
    struct store_devices nodes;
    struct stock stock;
    struct host_facts facts;
    struct described **described;       /* of each wish of each guest */
};

static void emit_known(yajl_gen gen, const char *key, const struct fact *fact)
{
    json_emit_key(gen, key);
    if (fact->kind == FACT_NUMBER)
        yajl_gen_integer(gen, fact->number);
    else
        yajl_gen_null(gen);
}

/* ---- pools ---- */

static void emit_texts(yajl_gen gen, const char *key, const char **texts,
                       size_t count)
{
    size_t i;

    json_emit_key(gen, key);
    yajl_gen_array_open(gen);
    for (i = 0; i < count; i++)
        yajl_gen_string(gen, (const unsigned char *)texts[i],
                        strlen(texts[i]));
    yajl_gen_array_close(gen);
}

static void emit_pool(struct teller *t, const struct pool *pool)
{
    const long kind = pool_kind(pool);

    yajl_gen_map_open(t->gen);
    json_emit_string(t->gen, "name", pool->name);
    json_emit_bool(t->gen, "bind", pool->bind);
    json_emit_number(t->gen, "reserve", (long long)pool->reserve);
    json_emit_number(t->gen, "kind", kind);
    json_emit_bool(t->gen, "allow", pool->allow);
    emit_texts(t->gen, "names", pool->names, pool->name_count);
    emit_texts(t->gen, "uuids", pool->uuids, pool->uuid_count);
    yajl_gen_map_close(t->gen);
}

/* ---- devices ---- */

/* Of a device that a guest has nobody looked any further. */
static void emit_fault(struct teller *t, const struct facts *facts)
{
    struct facts alone = *facts;
    struct judgement j;

    alone.given = NULL;
    j = match_free(&alone, true);
    json_emit_string(t->gen, "reason", j.tier == TIER_UNFIT
                                           ? reason_word(j.reason) : NULL);
    json_emit_string(t->gen, "text", j.tier == TIER_UNFIT ? j.text : NULL);
}

static void emit_device(struct teller *t, const struct stock_device *sd)
{
    const struct candidate *c = &sd->candidate;
    struct device *device = c->device;
    size_t i;

    inventory_physfn(t->b, device);
    yajl_gen_map_open(t->gen);
    json_emit_string(t->gen, "bdf", device->text);
    json_emit_number(t->gen, "vendor", c->facts.vendor);
    json_emit_number(t->gen, "device", c->facts.device);
    json_emit_number(t->gen, "class", c->facts.class);
    json_emit_string(t->gen, "driver", c->facts.driver);
    json_emit_string(t->gen, "pf", device->vf
                                       ? bdf_text(t->b->arena, &device->pf)
                                       : NULL);
    json_emit_bool(t->gen, "assignable", c->facts.assignable);
    json_emit_bool(t->gen, "msi", c->facts.msi);
    json_emit_bool(t->gen, "settable", c->facts.vf_settable);
    json_emit_number(t->gen, "reset", c->merit.reset);
    json_emit_string(t->gen, "given", c->facts.given);
    emit_fault(t, &c->facts);
    json_emit_key(t->gen, "pools");
    yajl_gen_array_open(t->gen);
    for (i = 0; i < t->pools.count; i++)
        if (sd->member[i])
            yajl_gen_integer(t->gen, (long long)i);
    yajl_gen_array_close(t->gen);
    yajl_gen_map_close(t->gen);
}

/* ---- guests ---- */

/* Why it cannot be moved with devices; NULL: nothing is known of it. */
static const char *obstacle(const struct guest_facts *guest,
                            enum reason *reason)
{
    const struct fact *f = guest->facts;

    *reason = REASON_BROKER_FAILED;
    if (f[GUEST_wishes_listed].kind == FACT_UNKNOWN)
        return f[GUEST_wishes_listed].text ? f[GUEST_wishes_listed].text
                                           : "its wishes are not known";
    if (f[GUEST_journal].kind == FACT_TEXT && *f[GUEST_journal].text)
        return "another migration of it is not done: see xl pci-recover";
    *reason = REASON_NOT_MIGRATABLE;
    if (f[GUEST_unmarked].kind == FACT_TEXT && *f[GUEST_unmarked].text)
        return f[GUEST_unmarked].text;
    *reason = REASON_TYPE_UNSUPPORTED;
    if (!guest->wish_count)
        return NULL;
    if (f[GUEST_type].kind != FACT_TEXT ||
        (strcmp(f[GUEST_type].text, "hvm") &&
         strcmp(f[GUEST_type].text, "pv")))
        return "its type of guest cannot carry devices";
    if (f[GUEST_stubdom].kind == FACT_NUMBER && f[GUEST_stubdom].number)
        return "it has a stub domain";
    if (!strcmp(f[GUEST_type].text, "hvm") &&
        f[GUEST_ballooned_mib].kind == FACT_NUMBER &&
        f[GUEST_ballooned_mib].number)
        return "it is ballooned down";
    return NULL;
}

static const char *handover_word(const char *configured)
{
    return strcmp(configured, "default") ? configured : "shadow";
}

static void emit_wish(struct teller *t, const struct wish_fact *wish,
                      const struct described *described)
{
    yajl_gen_map_open(t->gen);
    json_emit_key(t->gen, "wish");
    yajl_gen_map_open(t->gen);
    json_emit_string(t->gen, "id", wish->id);
    json_emit_string(t->gen, "pool", wish->pool);
    json_emit_string(t->gen, "handover", handover_word(wish->handover));
    json_emit_string(t->gen, "standby", NULL);
    json_emit_string(t->gen, "mac", NULL);
    json_emit_string(t->gen, "if_missing", wish->if_missing);
    yajl_gen_map_close(t->gen);
    json_emit_string(t->gen, "bdf", wish->bdf);
    json_emit_string(t->gen, "slot", NULL);
    answer_emit_host(t->b, t->gen, described);
    yajl_gen_map_close(t->gen);
}

static void emit_guest(struct teller *t, size_t number)
{
    const struct guest_facts *guest = &t->facts.guests[number];
    const struct fact *f = guest->facts;
    enum reason reason;
    const char *text = obstacle(guest, &reason);
    size_t i;

    yajl_gen_map_open(t->gen);
    json_emit_string(t->gen, "name", f[GUEST_name].text);
    json_emit_string(t->gen, "uuid", f[GUEST_uuid].text);
    json_emit_string(t->gen, "type", f[GUEST_type].kind == FACT_TEXT &&
                                     !strcmp(f[GUEST_type].text, "pv")
                                         ? "pv" : "hvm");
    emit_known(t->gen, "memory_mib", &f[GUEST_memory_mib]);
    json_emit_string(t->gen, "reason", text ? reason_word(reason) : NULL);
    json_emit_string(t->gen, "text", text);
    json_emit_key(t->gen, "devices");
    yajl_gen_array_open(t->gen);
    for (i = 0; i < guest->wish_count; i++)
        emit_wish(t, &guest->wishes[i], &t->described[number][i]);
    yajl_gen_array_close(t->gen);
    yajl_gen_map_close(t->gen);
}

/* ---- all ---- */

/* A setting that cannot be read is left to the migration to refuse. */
static int describe_guest(struct teller *t, uint32_t txn, size_t number)
{
    const struct guest_facts *guest = &t->facts.guests[number];
    struct store_device *unused;
    struct device *device;
    struct bdf bdf;
    size_t i;
    int rc;

    t->described[number] = arena_alloc(t->b->arena, (guest->wish_count + 1) *
                                       sizeof(**t->described));
    for (i = 0; i < guest->wish_count; i++) {
        if (!guest->wishes[i].bdf || !bdf_parse(guest->wishes[i].bdf, &bdf))
            continue;
        device = inventory_find(&t->inventory, &bdf);
        if (!device)
            continue;
        rc = store_device_get(t->b, txn, &t->nodes, &bdf, &unused);
        if (!rc)
            rc = source_device_read(t->b, &t->inventory, &t->nodes, device,
                                    &t->described[number][i]);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static int ask(struct broker *b, uint32_t txn, void *arg)
{
    struct teller *t = arg;
    struct fact_sources s = {
        .b = b, .txn = txn, .inventory = &t->inventory, .nodes = &t->nodes,
        .domain = "", .numa = -1,
    };
    size_t i;
    int rc;

    rc = store_devices_open(b, txn, &t->nodes);
    if (!rc)
        rc = stock_read(&s, &t->pools, &t->stock);
    for (i = 0; !rc && i < t->facts.guest_count; i++)
        rc = describe_guest(t, txn, i);
    return rc;
}

static void emit_all(struct teller *t)
{
    size_t i;

    yajl_gen_map_open(t->gen);
    json_emit_number(t->gen, "version", 1);
    json_emit_string(t->gen, "status", "fleet-facts");
    json_emit_string(t->gen, "host", t->facts.host);
    emit_known(t->gen, "free_mib", &t->facts.facts[HOST_free_mib]);
    json_emit_key(t->gen, "pools");
    yajl_gen_array_open(t->gen);
    for (i = 0; i < t->pools.count; i++)
        emit_pool(t, &t->pools.pools[i]);
    yajl_gen_array_close(t->gen);
    json_emit_key(t->gen, "devices");
    yajl_gen_array_open(t->gen);
    for (i = 0; i < t->stock.count; i++)
        emit_device(t, &t->stock.devices[i]);
    yajl_gen_array_close(t->gen);
    json_emit_key(t->gen, "guests");
    yajl_gen_array_open(t->gen);
    for (i = 0; i < t->facts.guest_count; i++)
        emit_guest(t, i);
    yajl_gen_array_close(t->gen);
    yajl_gen_map_close(t->gen);
}

static int tell(struct teller *t)
{
    struct utsname name;
    int rc;

    t->facts.host = uname(&name) ? "this host"
                                 : arena_strdup(t->b->arena, name.nodename);
    rc = pools_load(t->b, t->b->pools_path, t->b->pools_named, &t->pools);
    if (!rc)
        rc = inventory_open(t->b, &t->inventory);
    if (rc)
        return rc;
    inventory_identify_all(t->b, &t->inventory);
    t->d->ops->ask_xen(t->d, &t->facts);
    gather_guests(t->d, &t->facts);
    if (t->facts.facts[HOST_guests_listed].kind == FACT_UNKNOWN)
        return broker_fail(t->b, RC_FAILED, "guests: %s",
                           t->facts.facts[HOST_guests_listed].text);
    t->described = arena_alloc(t->b->arena, (t->facts.guest_count + 1) *
                               sizeof(*t->described));
    return store_transaction(t->b, ask, t);
}

char *fleet_facts_here(struct doctor *d)
{
    struct teller t = { .d = d, .b = d->b };
    char *text = NULL;

    if (!tell(&t)) {
        t.gen = json_begin();
        emit_all(&t);
        text = json_end(t.b->arena, t.gen);
    }
    inventory_close(&t.inventory);
    return text;
}
