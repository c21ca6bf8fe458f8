/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "base/broker.h"
#include "base/words.h"
#include "json/json.h"
#include "json/reader.h"
#include "lease/lease.h"

static const struct reader_word states[] = {
    { "reserved", LEASE_RESERVED }, { "prepared", LEASE_PREPARED },
    { "committed", LEASE_COMMITTED },
    { "held-for-rollback", LEASE_HELD_FOR_ROLLBACK }, { NULL, 0 },
};

static int parse_owner(const struct reader *r, const struct place *top,
                       struct owner *owner)
{
    long long until = 0;
    struct place at;
    int rc;

    rc = reader_object(r, top, "owner", MANDATORY, &at);
    if (rc) goto out;
    rc = reader_text(r, &at, "lock", OPTIONAL, word_is_lock,
                     "the name of a lock", &owner->lock);
    if (rc || owner->lock) goto out;
    rc = reader_text(r, &at, "domain", MANDATORY, word_is_uuid, "a UUID",
                     &owner->domain);
    if (rc) goto out;
    rc = reader_integer(r, &at, "until", OPTIONAL, 0, INT64_MAX, &until);
    owner->until = (uint64_t)until;
out:
    return rc;
}

static int parse_members(const struct reader *r, const struct place *top,
                         struct lease *lease)
{
    int rc, word;

    rc = reader_version(r, top);
    if (rc) goto out;
    rc = reader_word(r, top, "state", states, &word);
    if (rc) goto out;
    lease->state = word;
    rc = reader_text(r, top, "migration", MANDATORY, word_is_uuid, "a UUID",
                     &lease->migration);
    if (rc) goto out;
    rc = reader_text(r, top, "domain", MANDATORY, word_is_uuid, "a UUID",
                     &lease->domain);
    if (rc) goto out;
    rc = reader_text(r, top, "id", MANDATORY, word_is_id, "a name",
                     &lease->id);
    if (rc) goto out;
    rc = parse_owner(r, top, &lease->owner);
    if (rc) goto out;
    rc = reader_text(r, top, "was", NULLABLE, word_is_driver,
                     "a driver's name", &lease->was);
    if (rc) goto out;
    rc = reader_text(r, top, "before", OPTIONAL, word_is_uuid, "a UUID",
                     &lease->before);
out:
    return rc;
}

int lease_parse(struct broker *b, const char *text, size_t len,
                struct lease *lease, const char **why)
{
    /* A broken lease is no failure of this run: keep its text apart. */
    struct broker side = *b;
    struct reader r = { .b = &side };
    struct place top = { .path = "" };
    struct json_error error;
    int rc;

    memset(lease, 0, sizeof(*lease));
    side.error = NULL;
    top.json = json_parse(b->arena, text, len, JSON_PLAIN, &error);
    if (!top.json) {
        *why = error.text;
        return RC_BAD_REQUEST;
    }
    rc = parse_members(&r, &top, lease);
    *why = side.error;
    return rc;
}

static void emit_owner(yajl_gen gen, const struct owner *owner)
{
    json_emit_key(gen, "owner");
    yajl_gen_map_open(gen);
    if (owner->lock)
        json_emit_string(gen, "lock", owner->lock);
    else
        json_emit_string(gen, "domain", owner->domain);
    if (owner->until) {
        json_emit_key(gen, "until");
        yajl_gen_integer(gen, (long long)owner->until);
    }
    yajl_gen_map_close(gen);
}

void lease_emit(yajl_gen gen, const struct lease *lease)
{
    json_emit_string(gen, "state", lease_state_word(lease->state));
    json_emit_string(gen, "migration", lease->migration);
    json_emit_string(gen, "domain", lease->domain);
    json_emit_string(gen, "id", lease->id);
    emit_owner(gen, &lease->owner);
    json_emit_string(gen, "was", lease->was);
    if (lease->before)
        json_emit_string(gen, "before", lease->before);
}

char *lease_text(struct broker *b, const struct lease *lease)
{
    yajl_gen gen = json_begin();

    yajl_gen_map_open(gen);
    json_emit_key(gen, "version");
    yajl_gen_integer(gen, 1);
    lease_emit(gen, lease);
    yajl_gen_map_close(gen);
    return json_end(b->arena, gen);
}
