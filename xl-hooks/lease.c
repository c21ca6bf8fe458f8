/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "bind.h"
#include "broker.h"
#include "json.h"
#include "lease.h"
#include "lock.h"
#include "reader.h"
#include "reset_mark.h"
#include "store.h"
#include "vf_note.h"

#define STORE_PCI "/libxl/pci"

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

static char *node(struct broker *b, const struct bdf *bdf, const char *name)
{
    return arena_printf(b->arena, STORE_PCI "/%s/%s",
                        bdf_store_name(b->arena, bdf), name);
}

static int read_domid(struct broker *b, uint32_t txn, struct holding *h)
{
    char *value;
    size_t len;
    int rc;

    if (h->domid_known)
        return RC_OK;
    rc = store_read(b, txn, node(b, &h->bdf, "domid"), &value, &len);
    h->domid = value;
    h->domid_known = !rc;
    return rc;
}

/* A domain that is not in the list may be younger than the list, since leases
 * are read one by one: the last word has a list that is younger than it. */
static int check_owner(struct broker *b, struct holding *h)
{
    int rc = owner_is_alive(b, &h->lease->owner, &h->alive);

    if (rc || h->alive || !h->lease->owner.domain)
        return rc;
    owner_forget_domains(b);
    return owner_is_alive(b, &h->lease->owner, &h->alive);
}

static int read_lease(struct broker *b, uint32_t txn, struct holding *h)
{
    const char *why;
    char *value;
    size_t len;
    int rc;

    if (h->lease_known)
        return RC_OK;
    rc = store_read(b, txn, node(b, &h->bdf, "lease"), &value, &len);
    if (rc) goto out;
    h->lease_known = true;
    if (!value) goto out;
    h->lease = arena_alloc(b->arena, sizeof(*h->lease));
    if (lease_parse(b, value, len, h->lease, &why)) {
        h->lease = NULL;
        h->broken = why;
    } else {
        rc = check_owner(b, h);
    }
out:
    return rc;
}

static int read_rest(struct broker *b, uint32_t txn, struct holding *h)
{
    char *value;
    size_t len;
    int rc;

    if (h->rest_known)
        return RC_OK;
    rc = store_read(b, txn, node(b, &h->bdf, "driver_path"), &value, &len);
    if (rc) goto out;
    h->driver_path = value;
    rc = store_read(b, txn, node(b, &h->bdf, "orphan-of"), &value, &len);
    if (rc) goto out;
    h->orphan_of = value && word_is_driver(value) ? value : NULL;
    rc = store_read(b, txn, node(b, &h->bdf, "vf"), &value, &len);
    if (rc) goto out;
    if (value) {
        h->vf = arena_alloc(b->arena, sizeof(*h->vf));
        vf_note_parse(b, value, len, h->vf);
    }
    h->rest_known = true;
out:
    return rc;
}

static int read_reset_mark(struct broker *b, uint32_t txn, struct holding *h)
{
    int rc = h->mark_known ? RC_OK
             : reset_mark_read(b, txn, &h->bdf, &h->reset_failed);

    h->mark_known = !rc;
    return rc;
}

static int compare(const void *a, const void *b)
{
    return bdf_compare(&((const struct holding *)a)->bdf,
                       &((const struct holding *)b)->bdf);
}

static int get(struct broker *b, uint32_t txn, struct holding *h)
{
    int rc;

    rc = read_domid(b, txn, h);
    if (!rc)
        rc = read_lease(b, txn, h);
    if (!rc)
        rc = read_reset_mark(b, txn, h);
    if (!rc)
        rc = read_rest(b, txn, h);
    return rc;
}

int holdings_open(struct broker *b, uint32_t txn, struct holdings *holdings)
{
    size_t i, count;
    char **names;
    int rc;

    memset(holdings, 0, sizeof(*holdings));
    owner_forget_domains(b);
    rc = store_list(b, txn, STORE_PCI, &names, &count);
    if (rc)
        return rc;
    if (count)
        holdings->list = arena_alloc(b->arena,
                                     count * sizeof(*holdings->list));
    for (i = 0; i < count; i++)
        if (bdf_parse_store_name(names[i],
                                 &holdings->list[holdings->count].bdf))
            holdings->count++;
    if (holdings->count)
        qsort(holdings->list, holdings->count, sizeof(*holdings->list),
              compare);
    return RC_OK;
}

struct holding *holdings_find(const struct holdings *holdings,
                              const struct bdf *bdf)
{
    struct holding key = { .bdf = *bdf };

    if (!holdings->count)
        return NULL;
    return bsearch(&key, holdings->list, holdings->count,
                   sizeof(*holdings->list), compare);
}

int holding_peek(struct broker *b, uint32_t txn, struct holdings *holdings,
                 const struct bdf *bdf, struct holding **out)
{
    int rc;

    *out = holdings_find(holdings, bdf);
    if (!*out)
        return RC_OK;
    rc = read_domid(b, txn, *out);
    if (!rc && !(*out)->domid)
        rc = read_lease(b, txn, *out);
    if (!rc)
        rc = read_reset_mark(b, txn, *out);
    return rc;
}

int holding_get(struct broker *b, uint32_t txn, struct holdings *holdings,
                const struct bdf *bdf, struct holding **out)
{
    *out = holdings_find(holdings, bdf);
    return *out ? get(b, txn, *out) : RC_OK;
}

static int check_domid(struct broker *b, struct holding *h)
{
    const char *uuid;
    int rc;

    if (!h->domid)
        return RC_OK;
    rc = owner_domain_uuid(b, h->domid, &uuid);
    if (!rc && !uuid) {         /* it may be younger than the list */
        owner_forget_domains(b);
        rc = owner_domain_uuid(b, h->domid, &uuid);
    }
    h->no_such_domain = !rc && !uuid;
    return rc;
}

int leases_read(struct broker *b, uint32_t txn, struct holdings *holdings)
{
    size_t i;
    int rc;

    rc = holdings_open(b, txn, holdings);
    for (i = 0; !rc && i < holdings->count; i++) {
        rc = get(b, txn, &holdings->list[i]);
        if (!rc)
            rc = check_domid(b, &holdings->list[i]);
    }
    return rc;
}

/* Parsing every lease of the host would cost more than to look for the word
 * that must be in the wanted ones. */
int leases_of_migration(struct broker *b, uint32_t txn,
                        const char *migration, struct holdings *holdings)
{
    size_t i, n = 0, len;
    struct holding *h;
    char *text;
    int rc;

    rc = holdings_open(b, txn, holdings);
    for (i = 0; !rc && i < holdings->count; i++) {
        h = &holdings->list[i];
        rc = store_read(b, txn, node(b, &h->bdf, "lease"), &text, &len);
        if (rc || !text || !strstr(text, migration))
            continue;
        rc = get(b, txn, h);
        if (!rc && h->lease && !strcmp(h->lease->migration, migration))
            holdings->list[n++] = *h;
    }
    holdings->count = n;
    return rc;
}

int lease_read_name(struct broker *b, uint32_t txn, const struct bdf *bdf,
                    const char **name)
{
    char *value;
    size_t len;
    int rc;

    rc = store_read(b, txn, node(b, bdf, "name"), &value, &len);
    *name = rc ? NULL : value;
    return rc;
}

int lease_stands(struct broker *b, uint32_t txn, const struct bdf *bdf,
                 const char *migration, const char *lock, bool *stands)
{
    struct holding h = { .bdf = *bdf };
    int rc;

    *stands = false;
    rc = read_domid(b, txn, &h);
    if (!rc)
        rc = read_lease(b, txn, &h);
    if (!rc && !h.domid && h.lease && h.lease->owner.lock)
        *stands = !strcmp(h.lease->owner.lock, lock) &&
                  !strcmp(h.lease->migration, migration);
    return rc;
}

struct look {
    const struct bdf *bdf;
    const char *migration, *lock;
    bool stands;
};

static int look(struct broker *b, uint32_t txn, void *arg)
{
    struct look *l = arg;

    return lease_stands(b, txn, l->bdf, l->migration, l->lock, &l->stands);
}

bool lease_still_stands(struct broker *b, const struct bdf *bdf,
                        const char *migration, const char *lock)
{
    struct look l = { .bdf = bdf, .migration = migration, .lock = lock };

    return !store_transaction(b, look, &l) && l.stands;
}

int lease_write(struct broker *b, uint32_t txn, const struct bdf *bdf,
                const struct lease *lease)
{
    return store_write(b, txn, node(b, bdf, "lease"), lease_text(b, lease));
}

int lease_remove(struct broker *b, uint32_t txn, const struct bdf *bdf)
{
    return store_remove(b, txn, node(b, bdf, "lease"));
}

/* NULL removes it. `xl pci-assignable-remove -r` reads the node. */
int lease_set_driver_path(struct broker *b, uint32_t txn,
                          const struct bdf *bdf, const char *driver)
{
    if (!driver)
        return store_remove(b, txn, node(b, bdf, "driver_path"));
    return store_write(b, txn, node(b, bdf, "driver_path"),
                       arena_printf(b->arena, "/sys/bus/pci/drivers/%s",
                                    driver));
}

int lease_set_orphan(struct broker *b, uint32_t txn, const struct bdf *bdf,
                     const char *driver)
{
    if (!driver)
        return store_remove(b, txn, node(b, bdf, "orphan-of"));
    return store_write(b, txn, node(b, bdf, "orphan-of"), driver);
}

int lease_forget_domid(struct broker *b, uint32_t txn, const struct bdf *bdf)
{
    return store_remove(b, txn, node(b, bdf, "domid"));
}

const char *holding_debt(const struct holding *h)
{
    return h->lease && h->lease->was ? h->lease->was : h->orphan_of;
}

int lease_set_vf_note(struct broker *b, uint32_t txn, const struct bdf *bdf,
                      const struct vf_note *note)
{
    if (!note)
        return store_remove(b, txn, node(b, bdf, "vf"));
    return store_write(b, txn, node(b, bdf, "vf"), vf_note_text(b, note));
}

const char *driver_of_path(const char *driver_path)
{
    const char *name = driver_path ? strrchr(driver_path, '/') : NULL;

    return name && word_is_driver(name + 1) ? name + 1 : NULL;
}

const char *holding_home_driver(const struct holding *holding)
{
    const char *driver;

    if (!holding)
        return NULL;
    driver = driver_of_path(holding->driver_path);
    if (!driver && holding->lease)
        driver = holding->lease->was;
    if (!driver)
        driver = holding->orphan_of;
    return driver && strcmp(driver, BIND_NO_DRIVER) ? driver : NULL;
}

struct holding_remark holding_remark(const struct holding *h)
{
    if (h->broken)
        return (struct holding_remark){ REASON_LEASE_BROKEN, h->broken };
    if (h->reset_failed)
        return (struct holding_remark){ REASON_RESET_FAILED,
                                        h->reset_failed };
    if (h->no_such_domain)
        return (struct holding_remark){
            REASON_IN_USE, "is marked as given to a domain that is not "
            "there: `pci-broker gc --force` ends that" };
    if (h->orphan_of)
        return (struct holding_remark){
            REASON_BROKER_FAILED, "could not be given back to its driver: "
            "`pci-broker gc` tries again" };
    return (struct holding_remark){
        REASON_VF_SETTINGS, "no lease, but settings of a guest that had it" };
}
