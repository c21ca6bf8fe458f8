/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests of this host: what xenstore and their configurations say. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bdf.h"
#include "base/broker.h"
#include "base/words.h"
#include "doctor/gather.h"
#include "host/sysfs.h"
#include "host/store.h"
#include "host/xen.h"
#include "json/json.h"
#include "lease/lock.h"

struct guest_job {
    struct doctor *d;
    uint32_t txn, domid;
    struct guest_facts *out;
};

/* *value: NULL if there is no such node. */
static int get(struct guest_job *job, char **value, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static int get(struct guest_job *job, char **value, const char *fmt, ...)
{
    va_list ap;
    size_t len;
    char *path;

    va_start(ap, fmt);
    path = arena_vprintf(job->d->b->arena, fmt, ap);
    va_end(ap);
    return store_read(job->d->b, job->txn, path, value, &len);
}

static int get_number(struct guest_job *job, const char *node, long long *out)
{
    char *value, *end;
    int rc;

    rc = get(job, &value, "/local/domain/%u/%s", job->domid, node);
    if (rc)
        return rc;
    *out = value ? strtoll(value, &end, 10) : -1;
    if (value && (*end || !*value))
        *out = -1;
    return RC_OK;
}

/* In KiB. What of it is the video memory's is not the guest's to give. */
static int read_memory(struct guest_job *job)
{
    long long most, target, video;
    struct fact *f = job->out->facts;
    int rc;

    rc = get_number(job, "memory/static-max", &most);
    if (!rc)
        rc = get_number(job, "memory/target", &target);
    if (!rc)
        rc = get_number(job, "memory/videoram", &video);
    if (rc)
        return rc;
    if (video < 0)
        video = 0;
    f[GUEST_memory_mib] = most < 0 ? fact_unknown("its memory is not in "
                                                  "xenstore")
                                   : fact_number(most / 1024);
    f[GUEST_ballooned_mib] = most < 0 || target < 0
        ? fact_unknown("its memory target is not in xenstore")
        : target + video < most
        ? fact_number((most - target - video + 1023) / 1024) : fact_number(0);
    return RC_OK;
}

static int read_names(struct guest_job *job, const char *uuid)
{
    struct fact *f = job->out->facts;
    char *name;
    int rc;

    f[GUEST_domid] = fact_number(job->domid);
    f[GUEST_uuid] = fact_text(arena_strdup(job->d->b->arena, uuid));
    rc = get(job, &name, "/local/domain/%u/name", job->domid);
    if (!rc)
        f[GUEST_name] = name ? fact_text(name)
                             : fact_unknown("it has no name in xenstore");
    return rc;
}

static int read_journal(struct guest_job *job)
{
    char *migration, *owner;
    int rc;

    rc = get(job, &migration, "/libxl/%u/pci-migrate/migration", job->domid);
    if (!rc)
        rc = get(job, &owner, "/libxl/%u/pci-migrate/owner", job->domid);
    if (rc)
        return rc;
    job->out->facts[GUEST_journal] = fact_text(
        !migration ? ""
        : owner && word_is_lock(owner) && lock_is_held(job->d->b, owner)
        ? "alive" : "dead");
    return RC_OK;
}

/* What the guest itself says. */
static int read_agent(struct guest_job *job)
{
    char *features, *marking;
    int rc;

    rc = get(job, &features, "/local/domain/%u/data/pci-migrate/feature",
             job->domid);
    if (!rc)
        rc = get(job, &marking, "/local/domain/%u/data/pci-migrate/marking",
                 job->domid);
    if (rc)
        return rc;
    job->out->facts[GUEST_features] = fact_text(features ? features : "");
    job->out->facts[GUEST_marking] = fact_text(marking ? marking : "");
    return RC_OK;
}

static int read_bridges(struct guest_job *job)
{
    struct guest_facts *out = job->out;
    struct arena *arena = job->d->b->arena;
    char **vifs, *bridge;
    size_t i, count;
    int rc;

    rc = store_list(job->d->b, job->txn,
                    arena_printf(arena, "/libxl/%u/device/vif", job->domid),
                    &vifs, &count);
    if (rc)
        return rc;
    out->bridges = arena_alloc(arena, (count + 1) * sizeof(*out->bridges));
    out->bridge_count = 0;
    out->facts[GUEST_vifs_listed] = fact_number(1);
    for (i = 0; i < count; i++) {
        rc = get(job, &bridge, "/libxl/%u/device/vif/%s/bridge", job->domid,
                 vifs[i]);
        if (rc)
            return rc;
        if (bridge && *bridge)
            out->bridges[out->bridge_count++] = bridge;
    }
    return RC_OK;
}

static const char *model_of(struct guest_job *job, const char *text)
{
    struct broker *b = job->d->b;
    long vendor, device;
    struct bdf bdf;

    if (!bdf_parse(text, &bdf))
        return NULL;
    vendor = sysfs_read_number(b, sysfs_device_path(b, &bdf, "vendor"), -1);
    device = sysfs_read_number(b, sysfs_device_path(b, &bdf, "device"), -1);
    return vendor < 0 || device < 0 ? NULL
        : arena_printf(b->arena, "%04lx:%04lx", (unsigned long)vendor,
                       (unsigned long)device);
}

/* libxl's default for what is no network card. */
static const char *handover_of(struct guest_job *job, const char *text,
                               const char *configured)
{
    struct broker *b = job->d->b;
    struct bdf bdf;
    long class;

    if (strcmp(configured, "default") || !bdf_parse(text, &bdf))
        return configured;
    class = sysfs_read_number(b, sysfs_device_path(b, &bdf, "class"), -1);
    return class >= 0 && class >> 16 != 2 ? "plain" : configured;
}

/* "…,migrate_id=lan0,…"; NULL: it has none. */
static const char *migrate_id(struct guest_job *job, const char *opts)
{
    static const char key[] = "migrate_id=";
    const char *at = opts;

    while (at && strncmp(at, key, strlen(key))) {
        at = strchr(at, ',');
        if (at)
            at++;
    }
    if (!at)
        return NULL;
    at += strlen(key);
    return arena_strndup(job->d->b->arena, at, strcspn(at, ","));
}

static void note_device(struct guest_job *job, const char *bdf,
                        const char *opts)
{
    struct guest_facts *out = job->out;
    const char *id = opts ? migrate_id(job, opts) : NULL;
    size_t i;

    if (!id) {
        out->facts[GUEST_unmarked].text =
            gather_word(job->d, out->facts[GUEST_unmarked].text, bdf);
        return;
    }
    for (i = 0; i < out->wish_count; i++) {
        if (strcmp(out->wishes[i].id, id))
            continue;
        out->wishes[i].model = model_of(job, bdf);
        out->wishes[i].bdf = bdf;
        out->wishes[i].handover = handover_of(job, bdf,
                                              out->wishes[i].handover);
    }
}

static int read_devices(struct guest_job *job)
{
    char *bdf, *opts, *num;
    long long i, count;
    int rc;

    rc = get(job, &num, "/local/domain/0/backend/pci/%u/0/num_devs",
             job->domid);
    if (rc)
        return rc;
    job->out->facts[GUEST_unmarked] = fact_text("");
    count = num ? strtoll(num, NULL, 10) : 0;
    for (i = 0; i < count && i < 256; i++) {
        rc = get(job, &bdf, "/local/domain/0/backend/pci/%u/0/dev-%lld",
                 job->domid, i);
        if (!rc)
            rc = get(job, &opts, "/local/domain/0/backend/pci/%u/0/opts-%lld",
                     job->domid, i);
        if (rc)
            return rc;
        if (bdf)
            note_device(job, bdf, opts);
    }
    return RC_OK;
}

/* ---- configuration ---- */

static const char *text_in(const struct json *object, const char *key,
                           const char *otherwise)
{
    const struct json *value = object && object->type == JSON_OBJECT
        ? json_get(object, key) : NULL;

    return value && value->type == JSON_STRING ? value->string : otherwise;
}

static const struct json *part_of(const struct json *object, const char *key,
                                  enum json_type type)
{
    const struct json *value = object ? json_get(object, key) : NULL;

    return value && value->type == type ? value : NULL;
}

static void take_wishes(struct guest_job *job, const struct json *config)
{
    const struct json *list = part_of(config, "pci_migrate", JSON_ARRAY);
    struct guest_facts *out = job->out;
    size_t i;

    out->facts[GUEST_wishes_listed] = fact_number(1);
    out->wishes = arena_alloc(job->d->b->arena,
                              ((list ? list->count : 0) + 1) *
                              sizeof(*out->wishes));
    for (i = 0; list && i < list->count; i++)
        out->wishes[out->wish_count++] = (struct wish_fact){
            .id = text_in(list->values[i], "id", "?"),
            .pool = text_in(list->values[i], "pool", NULL),
            .handover = text_in(list->values[i], "handover", "default"),
            .if_missing = text_in(list->values[i], "if_missing", "fail"),
        };
}

/* Paths only: what QEMU is given in another form nobody can look at. */
static void take_disks(struct guest_job *job, const struct json *config)
{
    const struct json *list = part_of(config, "disks", JSON_ARRAY);
    struct guest_facts *out = job->out;
    const char *path;
    size_t i;

    out->facts[GUEST_disks_listed] = fact_number(1);
    out->disks = arena_alloc(job->d->b->arena,
                             ((list ? list->count : 0) + 1) *
                             sizeof(*out->disks));
    for (i = 0; list && i < list->count; i++) {
        path = text_in(list->values[i], "pdev_path", "");
        if (*path)
            out->disks[out->disk_count++] = path;
    }
}

static void take_types(struct guest_job *job, const struct json *config)
{
    const struct json *c_info = part_of(config, "c_info", JSON_OBJECT);
    const struct json *b_info = part_of(config, "b_info", JSON_OBJECT);
    struct fact *f = job->out->facts;
    const char *type = text_in(c_info, "type", NULL);

    f[GUEST_type] = type ? fact_text(type)
                         : fact_unknown("its configuration has no type");
    f[GUEST_passthrough] = fact_text(text_in(c_info, "passthrough",
                                             "default"));
    f[GUEST_stubdom] = fact_number(
        !strcmp(text_in(b_info, "device_model_stubdomain", "False"), "True"));
}

static void read_configuration(struct guest_job *job)
{
    struct doctor *d = job->d;
    struct fact *f = job->out->facts;
    const struct json *config = NULL;
    struct json_error error = { .text = NULL };
    const char *why = NULL, *text;

    text = d->ops->configuration(d, job->domid, &why);
    if (text) {
        config = json_parse(d->b->arena, text, strlen(text), JSON_PLAIN,
                            &error);
        why = error.text;
    }
    if (config) {
        take_types(job, config);
        take_wishes(job, config);
        take_disks(job, config);
        return;
    }
    why = arena_printf(d->b->arena, "its configuration cannot be read: %s",
                       why ? why : "no reason given");
    f[GUEST_type] = f[GUEST_passthrough] = f[GUEST_stubdom] =
        f[GUEST_wishes_listed] = f[GUEST_disks_listed] = fact_unknown(why);
}

/* ---- all ---- */

static int read_store(struct broker *b, uint32_t txn, void *arg)
{
    struct guest_job *job = arg;
    const char *uuid = job->out->facts[GUEST_uuid].text;
    int rc;

    job->txn = txn;
    rc = read_names(job, uuid);
    if (!rc)
        rc = read_memory(job);
    if (!rc)
        rc = read_journal(job);
    if (!rc)
        rc = read_agent(job);
    if (!rc)
        rc = read_bridges(job);
    return rc ? rc : read_devices(job);
}

static void read_guest(struct doctor *d, const struct domain *domain,
                       struct guest_facts *out)
{
    struct guest_job job = { .d = d, .domid = domain->domid, .out = out };
    const char *why;
    size_t i;

    memset(out, 0, sizeof(*out));
    out->facts[GUEST_uuid] = fact_text(domain->uuid);
    read_configuration(&job);
    if (!store_transaction(d->b, read_store, &job))
        return;
    why = gather_why(d);
    for (i = 0; i < GUEST_FACTS; i++)
        if (out->facts[i].kind == FACT_UNKNOWN && !out->facts[i].text)
            out->facts[i] = fact_unknown(why);
    out->facts[GUEST_unmarked] = fact_unknown(why);
}

void gather_guests(struct doctor *d, struct host_facts *facts)
{
    struct broker *b = d->b;
    struct domain *domains;
    size_t i, count;
    int r;

    r = b->xen->ops->domains(b->xen, b->arena, &domains, &count);
    if (r) {
        facts->facts[HOST_guests_listed] = fact_unknown(
            arena_printf(b->arena, "hypervisor: %s", strerror(r)));
        return;
    }
    facts->facts[HOST_guests_listed] = fact_number(1);
    facts->guests = arena_alloc(b->arena, (count + 1) *
                                sizeof(*facts->guests));
    for (i = 0; i < count; i++)
        if (domains[i].domid)
            read_guest(d, &domains[i], &facts->guests[facts->guest_count++]);
}
