/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bdf.h"
#include "base/broker.h"
#include "base/words.h"
#include "fleet/fleet_facts.h"
#include "json/json.h"
#include "json/reader.h"

/* Texts of another host, which are only shown. */
static bool is_text(const char *s)
{
    return strlen(s) <= 1024;
}

struct host_reader {
    struct reader r;
    struct arena *arena;
    struct fleet *fleet;
    size_t number;              /* of the host */
    struct moves_host *host;
    struct moves_device *devices;
    struct pool *pools;
    size_t pool_count;
};

static enum reason reason_of(const char *word)
{
    int reason;

    for (reason = REASON_NONE + 1; reason <= REASON_TYPE_UNSUPPORTED;
         reason++)
        if (!strcmp(reason_word(reason), word))
            return reason;
    return REASON_BROKER_FAILED;
}

/* ---- pools ---- */

static int read_texts(struct host_reader *h, const struct place *at,
                      const char *key, const char ***out, size_t *count)
{
    struct place array;
    size_t i;
    int rc = reader_array(&h->r, at, key, &array);

    if (rc)
        return rc;
    *count = array.json->count;
    *out = arena_alloc(h->arena, (*count + 1) * sizeof(**out));
    for (i = 0; i < *count; i++) {
        if (array.json->values[i]->type != JSON_STRING)
            return reader_fail(&h->r, array.json->values[i],
                               "%s[%zu] is no text", array.path, i);
        (*out)[i] = array.json->values[i]->string;
    }
    return RC_OK;
}

/* All that the planner asks of a match is which kind it is. */
static void set_kind(struct host_reader *h, struct pool *pool, long long kind)
{
    if (kind < 0)
        return;
    pool->matches = arena_alloc(h->arena, sizeof(*pool->matches));
    pool->matches->class = (long)kind;
    pool->matches->class_digits = 4;
    pool->count = 1;
}

static int read_pool(struct host_reader *h, const struct place *at,
                     struct pool *pool)
{
    long long reserve = 0, kind = -1;
    int rc;

    rc = reader_text(&h->r, at, "name", MANDATORY, word_is_id, "a pool's name",
                     &pool->name);
    if (!rc)
        rc = reader_bool(&h->r, at, "bind", MANDATORY, &pool->bind);
    if (!rc)
        rc = reader_integer(&h->r, at, "reserve", MANDATORY, 0, 65536,
                            &reserve);
    if (!rc)
        rc = reader_integer(&h->r, at, "kind", MANDATORY, -1, 0xffff, &kind);
    if (!rc)
        rc = reader_bool(&h->r, at, "allow", MANDATORY, &pool->allow);
    if (!rc)
        rc = read_texts(h, at, "names", &pool->names, &pool->name_count);
    if (!rc)
        rc = read_texts(h, at, "uuids", &pool->uuids, &pool->uuid_count);
    pool->reserve = (size_t)reserve;
    set_kind(h, pool, kind);
    return rc;
}

static int read_pools(struct host_reader *h, const struct place *top)
{
    struct pools *pools = arena_alloc(h->arena, sizeof(*pools));
    struct place array, at;
    size_t i;
    int rc = reader_array(&h->r, top, "pools", &array);

    if (rc)
        return rc;
    h->pool_count = array.json->count;
    h->pools = arena_alloc(h->arena, (h->pool_count + 1) * sizeof(*h->pools));
    for (i = 0; !rc && i < h->pool_count; i++) {
        rc = reader_element(&h->r, &array, i, &at);
        if (!rc)
            rc = read_pool(h, &at, &h->pools[i]);
    }
    *pools = (struct pools){ h->pools, h->pool_count };
    h->host->pools = pools;
    return rc;
}

/* ---- devices ---- */

static int read_membership(struct host_reader *h, const struct place *at,
                           struct moves_device *d)
{
    bool *member = arena_alloc(h->arena, h->pool_count + 1);
    const struct json *value;
    struct place array;
    size_t i;
    int rc = reader_array(&h->r, at, "pools", &array);

    for (i = 0; !rc && i < array.json->count; i++) {
        value = array.json->values[i];
        if (value->type != JSON_INTEGER || value->integer < 0 ||
            value->integer >= (long long)h->pool_count)
            rc = reader_fail(&h->r, value, "%s[%zu] is no pool", array.path,
                             i);
        else
            member[value->integer] = true;
    }
    d->member = member;
    return rc;
}

static int read_number(struct host_reader *h, const struct place *at,
                       const char *key, long long most, long long *out)
{
    return reader_integer(&h->r, at, key, MANDATORY, 0, most, out);
}

static int read_model(struct host_reader *h, const struct place *at,
                      struct moves_device *d)
{
    long long vendor = 0, device = 0, class = 0, reset = 0;
    const char *bdf;
    int rc;

    rc = reader_text(&h->r, at, "bdf", MANDATORY, word_is_bdf,
                     "a PCI address (DDDD:BB:SS.F)", &bdf);
    if (!rc)
        rc = read_number(h, at, "vendor", 0xffff, &vendor);
    if (!rc)
        rc = read_number(h, at, "device", 0xffff, &device);
    if (!rc)
        rc = read_number(h, at, "class", 0xffffff, &class);
    if (!rc)
        rc = read_number(h, at, "reset", 2, &reset);
    if (!rc)
        rc = reader_text(&h->r, at, "driver", NULLABLE, word_is_driver,
                         "a driver's name", &d->facts.driver);
    if (rc)
        return rc;
    bdf_parse(bdf, &d->facts.bdf);
    d->merit.bdf = d->facts.bdf;
    d->merit.reset = (unsigned)reset;
    d->facts.vendor = (uint16_t)vendor;
    d->facts.device = (uint16_t)device;
    d->facts.class = (uint32_t)class;
    return RC_OK;
}

static int read_state(struct host_reader *h, const struct place *at,
                      struct moves_device *d)
{
    const char *reason;
    int rc;

    d->facts.answers = true;
    rc = reader_bool(&h->r, at, "assignable", MANDATORY,
                     &d->facts.assignable);
    if (!rc)
        rc = reader_bool(&h->r, at, "msi", MANDATORY, &d->facts.msi);
    if (!rc)
        rc = reader_bool(&h->r, at, "settable", MANDATORY,
                         &d->facts.vf_settable);
    if (!rc)
        rc = reader_text(&h->r, at, "given", NULLABLE, is_text, "a text",
                         &d->facts.given);
    if (!rc)
        rc = reader_text(&h->r, at, "reason", NULLABLE, is_text, "a reason",
                         &reason);
    if (!rc)
        rc = reader_text(&h->r, at, "text", NULLABLE, is_text, "a text",
                         &d->facts.xen_text);
    if (!rc && reason)
        d->facts.xen_reason = reason_of(reason);
    return rc;
}

/* A number for each PF: that of its first VF. */
static int read_pf(struct host_reader *h, const struct place *array,
                   const struct place *at, size_t number)
{
    const char *pf, *other;
    const struct json *value;
    size_t i;
    int rc = reader_text(&h->r, at, "pf", NULLABLE, word_is_bdf,
                         "a PCI address", &pf);

    h->devices[number].pf = MOVES_NONE;
    if (rc || !pf)
        return rc;
    for (i = 0; i < number; i++) {
        value = json_get(array->json->values[i], "pf");
        other = value->type == JSON_STRING ? value->string : "";
        if (!strcmp(other, pf))
            break;
    }
    h->devices[number].pf = (long)i;
    return RC_OK;
}

static int read_devices(struct host_reader *h, const struct place *top)
{
    struct place array, at;
    size_t i;
    int rc = reader_array(&h->r, top, "devices", &array);

    if (rc)
        return rc;
    h->host->count = array.json->count;
    h->devices = arena_alloc(h->arena, (h->host->count + 1) *
                             sizeof(*h->devices));
    h->host->devices = h->devices;
    for (i = 0; !rc && i < h->host->count; i++) {
        h->devices[i].holder = MOVES_NONE;
        rc = reader_element(&h->r, &array, i, &at);
        if (!rc)
            rc = read_model(h, &at, &h->devices[i]);
        if (!rc)
            rc = read_state(h, &at, &h->devices[i]);
        if (!rc)
            rc = read_membership(h, &at, &h->devices[i]);
        if (!rc)
            rc = read_pf(h, &array, &at, i);
    }
    return rc;
}

/* ---- guests ---- */

/* The plan says who has it, from now on. */
static void note_holder(struct host_reader *h, const struct record *record,
                        size_t guest)
{
    struct bdf bdf;
    size_t i, wish;

    for (wish = 0; wish < record->count; wish++) {
        if (!record->devices[wish].bdf ||
            !bdf_parse(record->devices[wish].bdf, &bdf))
            continue;
        for (i = 0; i < h->host->count; i++)
            if (!bdf_compare(&h->devices[i].facts.bdf, &bdf)) {
                h->devices[i].holder = (long)guest;
                h->devices[i].facts.given = NULL;
            }
    }
}

static int read_wishes(struct host_reader *h, const struct place *at,
                       struct record *record)
{
    struct place array, element;
    size_t i;
    int rc = reader_array(&h->r, at, "devices", &array);

    if (rc)
        return rc;
    record->count = array.json->count;
    if (record->count > REQUEST_MAX_DEVICES)
        return reader_fail(&h->r, array.json, "%s has more than %d entries",
                           array.path, REQUEST_MAX_DEVICES);
    record->devices = arena_alloc(h->arena, (record->count + 1) *
                                  sizeof(*record->devices));
    for (i = 0; !rc && i < record->count; i++) {
        rc = reader_element(&h->r, &array, i, &element);
        if (!rc)
            rc = request_wanted(&h->r, &element, &record->devices[i]);
    }
    return rc;
}

static const struct reader_word types[] = {
    { "pv", DOMAIN_PV }, { "hvm", DOMAIN_HVM }, { NULL, 0 },
};

static int read_names(struct host_reader *h, const struct place *at,
                      struct moves_guest *guest, struct record *record)
{
    const char *reason;
    int rc, type = DOMAIN_HVM;

    guest->memory_mib = -1;
    rc = reader_text(&h->r, at, "name", MANDATORY, word_is_domain_name,
                     "a domain's name", &record->domain_name);
    if (!rc)
        rc = reader_text(&h->r, at, "uuid", MANDATORY, word_is_uuid, "a UUID",
                         &record->domain_uuid);
    if (!rc)
        rc = reader_word(&h->r, at, "type", types, &type);
    if (!rc)
        rc = reader_integer(&h->r, at, "memory_mib", NULLABLE, 0, 1LL << 40,
                            &guest->memory_mib);
    if (!rc)
        rc = reader_text(&h->r, at, "reason", NULLABLE, is_text, "a reason",
                         &reason);
    if (!rc)
        rc = reader_text(&h->r, at, "text", NULLABLE, is_text, "a text",
                         &guest->barred_text);
    record->type = type;
    if (!rc && reason)
        guest->barred = reason_of(reason);
    return rc;
}

static int read_guest(struct host_reader *h, const struct place *at)
{
    struct record *record = arena_alloc(h->arena, sizeof(*record));
    struct fleet *fleet = h->fleet;
    struct moves_guest *guest;
    int rc;

    fleet->guests = arena_extend(h->arena, fleet->guests, fleet->guest_count,
                                 sizeof(*fleet->guests));
    guest = &fleet->guests[fleet->guest_count];
    *guest = (struct moves_guest){
        .record = record, .host = h->number, .to = MOVES_NONE,
        .group = MOVES_NONE,
    };
    rc = read_names(h, at, guest, record);
    if (!rc)
        rc = read_wishes(h, at, record);
    if (!rc)
        note_holder(h, record, fleet->guest_count++);
    return rc;
}

static int read_guests(struct host_reader *h, const struct place *top)
{
    struct place array, at;
    size_t i;
    int rc = reader_array(&h->r, top, "guests", &array);

    for (i = 0; !rc && i < array.json->count; i++) {
        rc = reader_element(&h->r, &array, i, &at);
        if (!rc)
            rc = read_guest(h, &at);
    }
    return rc;
}

/* ---- a host ---- */

/* VFs that are in use by others than the guests of the plan. */
static void count_loads(struct host_reader *h)
{
    unsigned *loads = arena_alloc(h->arena, (h->host->count + 1) *
                                  sizeof(*loads));
    size_t i;

    for (i = 0; i < h->host->count; i++)
        if (h->devices[i].pf != MOVES_NONE && h->devices[i].facts.given)
            loads[h->devices[i].pf]++;
    for (i = 0; i < h->host->count; i++)
        if (h->devices[i].pf != MOVES_NONE)
            h->devices[i].merit.load = loads[h->devices[i].pf];
}

static int read_host(struct host_reader *h, const struct place *top)
{
    const char *name;
    size_t i;
    int rc;

    h->host->free_mib = -1;
    rc = reader_version(&h->r, top);
    if (!rc)
        rc = reader_text(&h->r, top, "host", MANDATORY, word_is_domain_name,
                         "a host's name", &name);
    for (i = 0; !rc && i < h->number; i++)
        if (!strcmp(h->fleet->hosts[i].name, name))
            rc = reader_fail(&h->r, json_get(top->json, "host"), "host %s "
                             "has been told of before", name);
    if (rc)
        return rc;
    h->host->name = name;
    rc = reader_integer(&h->r, top, "free_mib", NULLABLE, 0, 1LL << 40,
                        &h->host->free_mib);
    if (!rc)
        rc = read_pools(h, top);
    if (!rc)
        rc = read_devices(h, top);
    if (!rc)
        rc = read_guests(h, top);
    if (!rc)
        count_loads(h);
    return rc;
}

int fleet_facts_read(struct broker *b, const char *source, const char *text,
                     size_t len, struct fleet *fleet)
{
    struct host_reader h = {
        .r = { .b = b, .source = source, .text = text },
        .arena = b->arena, .fleet = fleet, .number = fleet->host_count,
    };
    struct place top = { .path = "" };
    struct json_error error;

    top.json = json_parse(b->arena, text, len, JSON_PLAIN, &error);
    if (!top.json)
        return broker_fail(b, RC_BAD_REQUEST, "%s:%u:%u: %s", source,
                           error.line, error.column, error.text);
    fleet->hosts = arena_extend(b->arena, fleet->hosts, fleet->host_count,
                                sizeof(*fleet->hosts));
    h.host = &fleet->hosts[fleet->host_count];
    memset(h.host, 0, sizeof(*h.host));
    fleet->host_count++;
    return read_host(&h, &top);
}
