/* SPDX-License-Identifier: GPL-2.0-only */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if_ether.h>

#include "base/arena.h"
#include "base/broker.h"
#include "base/spans.h"
#include "base/words.h"
#include "json/json.h"
#include "json/reader.h"
#include "proto/request.h"
#include "proto/vf_json.h"
#include "proto/vf_settings.h"

#define WHAT_UUID "a UUID (36 characters, lower case)"
#define WHAT_BDF "a PCI address (DDDD:BB:SS.F)"
#define WHAT_ID "a name (1-31 of A-Z a-z 0-9 _ . -, a letter or digit first)"
#define WHAT_SPANS "ranges of addresses (START-END in lower-case hex, with " \
                   "blanks between them, in order, at most 64)"

static const struct reader_word handovers[] = {
    { "shadow", HANDOVER_SHADOW }, { "bond", HANDOVER_BOND },
    { "plain", HANDOVER_PLAIN }, { NULL, 0 },
};

static const struct reader_word if_missings[] = {
    { "fail", IF_MISSING_FAIL }, { "standby", IF_MISSING_STANDBY },
    { NULL, 0 },
};

static const struct reader_word filters[] = {
    { "clear", FILTER_CLEAR }, { "set", FILTER_SET },
    { "note", FILTER_NOTE }, { NULL, 0 },
};

static const struct reader_word domain_types[] = {
    { "pv", DOMAIN_PV }, { "hvm", DOMAIN_HVM }, { NULL, 0 },
};

static int parse_document(const struct reader *r, const char *text,
                          size_t len, struct place *top)
{
    struct json_error error;
    const struct json *json;

    json = json_parse(r->b->arena, text, len, JSON_PLAIN, &error);
    if (!json && error.line)
        return broker_fail(r->b, RC_BAD_REQUEST,
                           "request, line %u column %u: %s", error.line,
                           error.column, error.text);
    if (!json)
        return broker_fail(r->b, RC_BAD_REQUEST, "request: %s", error.text);
    top->json = json;
    top->path = "";
    return reader_version(r, top);
}

static int read_wish(const struct reader *r, const struct place *device,
                     struct wish *wish)
{
    long long standby = -1;
    struct place at;
    int rc, word;

    rc = reader_object(r, device, "wish", MANDATORY, &at);
    if (rc) goto out;
    rc = reader_text(r, &at, "id", MANDATORY, word_is_id, WHAT_ID,
                     &wish->id);
    if (rc) goto out;
    rc = reader_text(r, &at, "pool", NULLABLE, word_is_id, WHAT_ID,
                     &wish->pool);
    if (rc) goto out;
    rc = reader_word(r, &at, "handover", handovers, &word);
    if (rc) goto out;
    wish->handover = word;
    rc = reader_integer(r, &at, "standby", NULLABLE, 0, INT_MAX, &standby);
    if (rc) goto out;
    wish->standby = (long)standby;
    rc = reader_text(r, &at, "mac", NULLABLE, word_is_mac, "a MAC address",
                     &wish->mac);
    if (rc) goto out;
    rc = reader_word(r, &at, "if_missing", if_missings, &word);
    if (rc) goto out;
    wish->if_missing = word;
out:
    return rc;
}

static int read_vf(const struct reader *r, const struct place *host,
                   struct vf_settings **out)
{
    struct vf_settings *vf;
    const char *text;
    long long number;
    struct place at;
    int rc;

    *out = NULL;
    rc = reader_object(r, host, "vf", NULLABLE, &at);
    if (rc || !at.json) goto out;
    rc = reader_text(r, &at, "pf", MANDATORY, word_is_bdf, WHAT_BDF, &text);
    if (rc) goto out;
    rc = reader_integer(r, &at, "index", MANDATORY, 0, 65535, &number);
    if (rc) goto out;
    vf = arena_alloc(r->b->arena, sizeof(*vf));
    rc = vf_json_read(r, &at, vf);
    if (rc) goto out;
    *out = vf;
out:
    return rc;
}

static int read_hex(const struct reader *r, const struct place *at,
                    const char *key, word_check *check, const char *what,
                    unsigned long *out)
{
    const char *text;
    int rc;

    rc = reader_text(r, at, key, MANDATORY, check, what, &text);
    if (!rc)
        *out = strtoul(text, NULL, 16);
    return rc;
}

static int read_host(const struct reader *r, const struct place *device,
                     struct source_device **out)
{
    struct source_device *host;
    unsigned long vendor, id, class;
    struct place at;
    int rc;

    *out = NULL;
    rc = reader_object(r, device, "host", NULLABLE, &at);
    if (rc || !at.json) goto out;
    host = arena_alloc(r->b->arena, sizeof(*host));
    rc = read_hex(r, &at, "vendor", word_is_hex4, "4 hex digits", &vendor);
    if (rc) goto out;
    rc = read_hex(r, &at, "device", word_is_hex4, "4 hex digits", &id);
    if (rc) goto out;
    rc = read_hex(r, &at, "class", word_is_hex6, "6 hex digits", &class);
    if (rc) goto out;
    rc = reader_text(r, &at, "driver", NULLABLE, word_is_driver,
                     "a driver's name", &host->driver);
    if (rc) goto out;
    rc = read_vf(r, &at, &host->vf);
    if (rc) goto out;
    host->vendor = (uint16_t)vendor;
    host->device = (uint16_t)id;
    host->class = (uint32_t)class;
    *out = host;
out:
    return rc;
}

static int read_device(const struct reader *r, const struct place *at,
                       bool with_host, struct wanted *wanted)
{
    long long mtu = 0;
    const char *slot;
    int rc;

    rc = read_wish(r, at, &wanted->wish);
    if (rc) goto out;
    rc = reader_text(r, at, "bdf", NULLABLE, word_is_bdf, WHAT_BDF,
                     &wanted->bdf);
    if (rc) goto out;
    rc = reader_text(r, at, "slot", NULLABLE, word_is_bdf, WHAT_BDF, &slot);
    if (rc) goto out;
    rc = reader_integer(r, at, "mtu", OPTIONAL, ETH_MIN_MTU, ETH_MAX_MTU,
                        &mtu);
    if (rc) goto out;
    wanted->mtu = (unsigned)mtu;
    if (with_host)
        rc = read_host(r, at, &wanted->host);
out:
    return rc;
}

int request_wanted(const struct reader *r, const struct place *at,
                   struct wanted *wanted)
{
    return read_device(r, at, true, wanted);
}

static int check_count(const struct reader *r, const struct place *devices)
{
    size_t count = devices->json->count;

    if (count >= 1 && count <= REQUEST_MAX_DEVICES)
        return RC_OK;
    return reader_fail(r, devices->json, "%s has %zu entries, not 1 to %d",
                       devices->path, count, REQUEST_MAX_DEVICES);
}

/* Two wishes of one name would make answers ambiguous. */
static int check_ids(const struct reader *r, const struct record *record)
{
    size_t i, j;

    for (i = 0; i < record->count; i++)
        for (j = 0; j < i; j++)
            if (!strcmp(record->devices[i].wish.id,
                        record->devices[j].wish.id))
                return reader_fail(r, NULL, "devices[%zu].wish.id is \"%s\" "
                                   "as in devices[%zu]", i,
                                   record->devices[i].wish.id, j);
    return RC_OK;
}

static int read_domain(const struct reader *r, const struct place *top,
                       struct record *record)
{
    struct place at;
    int rc, word;

    rc = reader_object(r, top, "domain", MANDATORY, &at);
    if (rc) goto out;
    rc = reader_text(r, &at, "uuid", MANDATORY, word_is_uuid, WHAT_UUID,
                     &record->domain_uuid);
    if (rc) goto out;
    rc = reader_text(r, &at, "name", MANDATORY, word_is_domain_name,
                     "a domain's name", &record->domain_name);
    if (rc) goto out;
    rc = reader_word(r, &at, "type", domain_types, &word);
    if (rc) goto out;
    record->type = word;
    rc = reader_text(r, &at, "memory", OPTIONAL, word_is_spans, WHAT_SPANS,
                     &record->memory);
out:
    return rc;
}

static int read_record(const struct reader *r, const struct place *top,
                       bool with_host, struct record *record)
{
    struct place devices, at;
    size_t i;
    int rc;

    record->json = top->json;
    rc = reader_text(r, top, "migration", MANDATORY, word_is_uuid, WHAT_UUID,
                     &record->migration);
    if (rc) goto out;
    rc = reader_bool(r, top, "dry_run", MANDATORY, &record->dry_run);
    if (rc) goto out;
    rc = read_domain(r, top, record);
    if (rc) goto out;
    rc = reader_array(r, top, "devices", &devices);
    if (rc) goto out;
    rc = check_count(r, &devices);
    if (rc) goto out;
    record->count = devices.json->count;
    record->devices = arena_alloc(r->b->arena, record->count *
                                  sizeof(*record->devices));
    for (i = 0; i < record->count; i++) {
        rc = reader_element(r, &devices, i, &at);
        if (rc) goto out;
        rc = read_device(r, &at, with_host, &record->devices[i]);
        if (rc) goto out;
    }
    rc = check_ids(r, record);
out:
    return rc;
}

static int read_owner(const struct reader *r, const struct place *top,
                      const char **lock)
{
    struct place at;
    int rc;

    *lock = NULL;
    rc = reader_object(r, top, "owner", OPTIONAL, &at);
    if (rc || !at.json)
        return rc;
    return reader_text(r, &at, "lock", MANDATORY, word_is_lock,
                       "a lock (UUID.source or UUID.destination)", lock);
}

int request_describe(struct broker *b, const char *text, size_t len,
                     struct record *record)
{
    struct reader r = { .b = b };
    struct place top;
    int rc;

    rc = parse_document(&r, text, len, &top);
    if (!rc)
        rc = read_record(&r, &top, false, record);
    return rc;
}

int request_reserve(struct broker *b, const char *text, size_t len,
                    struct reserve_request *request)
{
    struct reader r = { .b = b };
    struct place top, record;
    long long numa = -1;
    int rc;

    rc = parse_document(&r, text, len, &top);
    if (rc) goto out;
    rc = reader_object(&r, &top, "record", MANDATORY, &record);
    if (rc) goto out;
    rc = reader_version(&r, &record);
    if (rc) goto out;
    rc = read_record(&r, &record, true, &request->record);
    if (rc) goto out;
    rc = read_owner(&r, &top, &request->owner);
    if (rc) goto out;
    rc = reader_integer(&r, &top, "numa", OPTIONAL, 0, 1023, &numa);
    request->numa = (long)numa;
out:
    return rc;
}

/* Whose leases a request is about. */
static int read_whose(const struct reader *r, const struct place *top,
                      const char **migration, const char **domain)
{
    int rc = reader_text(r, top, "migration", MANDATORY, word_is_uuid,
                         WHAT_UUID, migration);

    if (rc)
        return rc;
    return reader_text(r, top, "domain", MANDATORY, word_is_uuid, WHAT_UUID,
                       domain);
}

int request_lease(struct broker *b, const char *text, size_t len,
                  struct lease_request *request)
{
    struct reader r = { .b = b };
    struct place top;
    int rc;

    rc = parse_document(&r, text, len, &top);
    if (!rc)
        rc = read_whose(&r, &top, &request->migration, &request->domain);
    return rc;
}

static int read_filter(const struct reader *r, const struct place *at,
                       struct filter_device *device)
{
    const char *bdf;
    int rc, word;

    rc = reader_text(r, at, "id", MANDATORY, word_is_id, WHAT_ID,
                     &device->id);
    if (rc) goto out;
    rc = reader_text(r, at, "bdf", MANDATORY, word_is_bdf, WHAT_BDF, &bdf);
    if (rc) goto out;
    bdf_parse(bdf, &device->bdf);
    rc = reader_text(r, at, "mac", NULLABLE, word_is_mac, "a MAC address",
                     &device->mac);
    if (rc) goto out;
    rc = reader_word(r, at, "filter", filters, &word);
    if (rc) goto out;
    device->action = word;
out:
    return rc;
}

int request_filter(struct broker *b, const char *text, size_t len,
                   struct filter_request *request)
{
    struct reader r = { .b = b };
    struct place top, devices, at;
    size_t i;
    int rc;

    rc = parse_document(&r, text, len, &top);
    if (rc) goto out;
    rc = read_whose(&r, &top, &request->migration, &request->domain);
    if (rc) goto out;
    rc = reader_array(&r, &top, "devices", &devices);
    if (rc) goto out;
    rc = check_count(&r, &devices);
    if (rc) goto out;
    request->count = devices.json->count;
    request->devices = arena_alloc(b->arena, request->count *
                                   sizeof(*request->devices));
    for (i = 0; i < request->count; i++) {
        rc = reader_element(&r, &devices, i, &at);
        if (rc) goto out;
        rc = read_filter(&r, &at, &request->devices[i]);
        if (rc) goto out;
    }
out:
    return rc;
}
