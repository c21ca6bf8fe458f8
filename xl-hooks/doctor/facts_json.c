/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "doctor/facts_json.h"
#include "doctor/gather.h"
#include "json/json.h"
#include "json/reader.h"

/* ---- writing ---- */

static void emit_facts(yajl_gen gen, const struct fact *facts,
                       const struct fact_name *names, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (facts[i].kind == FACT_NUMBER) {
            json_emit_number(gen, names[i].name, facts[i].number);
        } else if (facts[i].kind == FACT_TEXT) {
            json_emit_string(gen, names[i].name, facts[i].text);
        } else {
            json_emit_key(gen, names[i].name);
            yajl_gen_map_open(gen);
            json_emit_string(gen, "unknown", facts[i].text ? facts[i].text
                                                           : "was not asked");
            yajl_gen_map_close(gen);
        }
    }
}

static void emit_list(yajl_gen gen, const char *key)
{
    json_emit_key(gen, key);
    yajl_gen_array_open(gen);
}

static void emit_pools(yajl_gen gen, const struct host_facts *facts)
{
    const struct pool_fact *p;
    size_t i;

    emit_list(gen, "pools");
    for (i = 0; i < facts->pool_count; i++) {
        p = &facts->pools[i];
        yajl_gen_map_open(gen);
        json_emit_string(gen, "name", p->name);
        json_emit_number(gen, "free", (long long)p->free);
        json_emit_number(gen, "taken", (long long)p->taken);
        json_emit_number(gen, "unfit", (long long)p->unfit);
        json_emit_string(gen, "why", p->why);
        yajl_gen_map_close(gen);
    }
    yajl_gen_array_close(gen);
}

static void emit_interfaces(yajl_gen gen, const struct host_facts *facts)
{
    const struct interface_fact *f;
    size_t i;

    emit_list(gen, "interfaces");
    for (i = 0; i < facts->interface_count; i++) {
        f = &facts->interfaces[i];
        yajl_gen_map_open(gen);
        json_emit_string(gen, "name", f->name);
        json_emit_number(gen, "mtu", f->mtu);
        json_emit_number(gen, "bridge", f->bridge);
        json_emit_number(gen, "up", f->up);
        yajl_gen_map_close(gen);
    }
    yajl_gen_array_close(gen);
}

static void emit_disks(yajl_gen gen, const struct host_facts *facts)
{
    const struct disk_fact *d;
    size_t i;

    emit_list(gen, "disks");
    for (i = 0; i < facts->disk_count; i++) {
        d = &facts->disks[i];
        yajl_gen_map_open(gen);
        json_emit_string(gen, "path", d->path);
        json_emit_string(gen, "kind", d->kind);
        json_emit_number(gen, "size", d->size);
        json_emit_string(gen, "identity", d->identity);
        json_emit_number(gen, "shared", d->shared);
        yajl_gen_map_close(gen);
    }
    yajl_gen_array_close(gen);
}

static void emit_words(yajl_gen gen, const char *key, const char **words,
                       size_t count)
{
    size_t i;

    emit_list(gen, key);
    for (i = 0; i < count; i++)
        json_emit_string(gen, NULL, words[i]);
    yajl_gen_array_close(gen);
}

static void emit_guests(yajl_gen gen, const struct host_facts *facts)
{
    const struct guest_facts *g;
    const struct wish_fact *w;
    size_t i, k;

    emit_list(gen, "guests");
    for (i = 0; i < facts->guest_count; i++) {
        g = &facts->guests[i];
        yajl_gen_map_open(gen);
        emit_facts(gen, g->facts, guest_fact_names, GUEST_FACTS);
        emit_list(gen, "wishes");
        for (k = 0; k < g->wish_count; k++) {
            w = &g->wishes[k];
            yajl_gen_map_open(gen);
            json_emit_string(gen, "id", w->id);
            json_emit_string(gen, "pool", w->pool);
            json_emit_string(gen, "handover", w->handover);
            json_emit_string(gen, "if_missing", w->if_missing);
            json_emit_string(gen, "model", w->model);
            yajl_gen_map_close(gen);
        }
        yajl_gen_array_close(gen);
        emit_words(gen, "bridges", g->bridges, g->bridge_count);
        emit_words(gen, "disks", g->disks, g->disk_count);
        yajl_gen_map_close(gen);
    }
    yajl_gen_array_close(gen);
}

void facts_emit(yajl_gen gen, const struct host_facts *facts)
{
    json_emit_key(gen, "facts");
    yajl_gen_map_open(gen);
    json_emit_string(gen, "host", facts->host);
    emit_facts(gen, facts->facts, host_fact_names, HOST_FACTS);
    emit_pools(gen, facts);
    emit_interfaces(gen, facts);
    emit_guests(gen, facts);
    emit_disks(gen, facts);
    yajl_gen_map_close(gen);
}

/* ---- reading ---- */

static void read_facts(struct broker *b, const struct json *object,
                       struct fact *facts, const struct fact_name *names,
                       size_t count)
{
    const struct json *value;
    size_t i;

    for (i = 0; i < count; i++) {
        value = json_get(object, names[i].name);
        if (value && value->type == JSON_INTEGER &&
            names[i].kind == FACT_NUMBER) {
            facts[i] = fact_number(value->integer);
        } else if (value && value->type == JSON_STRING &&
                   names[i].kind == FACT_TEXT) {
            facts[i] = fact_text(value->string);
        } else {
            if (value && value->type == JSON_OBJECT)
                value = json_get(value, "unknown");
            facts[i] = fact_unknown(
                value && value->type == JSON_STRING
                    ? value->string
                    : arena_printf(b->arena, "it does not tell of \"%s\"",
                                   names[i].name));
        }
    }
}

static long long number_in(const struct json *object, const char *key,
                           long long otherwise)
{
    const struct json *value = json_get(object, key);

    return value && value->type == JSON_INTEGER ? value->integer : otherwise;
}

static const char *text_in(const struct json *object, const char *key)
{
    const struct json *value = json_get(object, key);

    return value && value->type == JSON_STRING ? value->string : NULL;
}

/* An array of objects that have a text `name`; how many, or -1: it is none. */
static long list_of(const struct json *object, const char *key,
                    const char *name, const struct json **list)
{
    size_t i;

    *list = json_get(object, key);
    if (!*list || (*list)->type != JSON_ARRAY)
        return -1;
    for (i = 0; i < (*list)->count; i++)
        if ((*list)->values[i]->type != JSON_OBJECT ||
            !text_in((*list)->values[i], name))
            return -1;
    return (long)(*list)->count;
}

static void read_pools(struct broker *b, const struct json *object,
                       struct host_facts *out)
{
    const struct json *list;
    long i, count = list_of(object, "pools", "name", &list);

    if (count < 0) {
        out->facts[HOST_pools_listed] =
            fact_unknown("its pools are malformed");
        return;
    }
    out->pools = arena_alloc(b->arena, (size_t)(count + 1) *
                             sizeof(*out->pools));
    out->pool_count = (size_t)count;
    for (i = 0; i < count; i++) {
        const struct json *p = list->values[i];
        long long n = number_in(p, "free", 0);

        out->pools[i].name = text_in(p, "name");
        out->pools[i].why = text_in(p, "why");
        out->pools[i].free = n > 0 ? (size_t)n : 0;
        n = number_in(p, "taken", 0);
        out->pools[i].taken = n > 0 ? (size_t)n : 0;
        n = number_in(p, "unfit", 0);
        out->pools[i].unfit = n > 0 ? (size_t)n : 0;
    }
}

static void read_interfaces(struct broker *b, const struct json *object,
                            struct host_facts *out)
{
    const struct json *list;
    long i, count = list_of(object, "interfaces", "name", &list);

    if (count < 0) {
        out->facts[HOST_interfaces_listed] =
            fact_unknown("its interfaces are malformed");
        return;
    }
    out->interfaces = arena_alloc(b->arena, (size_t)(count + 1) *
                                  sizeof(*out->interfaces));
    out->interface_count = (size_t)count;
    for (i = 0; i < count; i++)
        out->interfaces[i] = (struct interface_fact){
            .name = text_in(list->values[i], "name"),
            .mtu = (long)number_in(list->values[i], "mtu", -1),
            .bridge = number_in(list->values[i], "bridge", 0) == 1,
            .up = number_in(list->values[i], "up", 0) == 1,
        };
}

/* A disk that is not there is one that nobody knows of. */
static void read_disks(struct broker *b, const struct json *object,
                       struct host_facts *out)
{
    const struct json *list;
    long i, count = list_of(object, "disks", "path", &list);

    if (count < 0)
        return;
    out->disks = arena_alloc(b->arena, (size_t)(count + 1) *
                             sizeof(*out->disks));
    out->disk_count = (size_t)count;
    for (i = 0; i < count; i++) {
        const char *kind = text_in(list->values[i], "kind");

        out->disks[i] = (struct disk_fact){
            .path = text_in(list->values[i], "path"),
            .kind = kind ? kind : "unknown",
            .size = number_in(list->values[i], "size", -1),
            .identity = text_in(list->values[i], "identity"),
            .shared = number_in(list->values[i], "shared", 0) == 1,
        };
    }
}

/* Of the other host's guests only who they are matters. */
static void read_guests(struct broker *b, const struct json *object,
                        struct host_facts *out)
{
    const struct json *list;
    long i, count = list_of(object, "guests", "uuid", &list);

    if (count < 0) {
        out->facts[HOST_guests_listed] =
            fact_unknown("its guests are malformed");
        return;
    }
    out->guests = arena_alloc(b->arena, (size_t)(count + 1) *
                              sizeof(*out->guests));
    out->guest_count = (size_t)count;
    for (i = 0; i < count; i++)
        read_facts(b, list->values[i], out->guests[i].facts,
                   guest_fact_names, GUEST_FACTS);
}

static int parse(struct broker *b, const char *text, size_t len,
                 struct reader *r, struct place *top)
{
    struct json_error error;

    *r = (struct reader){ .b = b, .text = text };
    *top = (struct place){ .path = "" };
    top->json = json_parse(b->arena, text, len, JSON_PLAIN, &error);
    if (!top->json)
        return broker_fail(b, RC_BAD_REQUEST, "%s", error.text);
    return reader_version(r, top);
}

static bool is_name(const char *text)
{
    return *text && strlen(text) < 256;
}

int facts_read(struct broker *b, const char *text, size_t len,
               struct host_facts *out)
{
    struct place top, facts;
    struct reader r;
    int rc;

    memset(out, 0, sizeof(*out));
    rc = parse(b, text, len, &r, &top);
    if (!rc)
        rc = reader_object(&r, &top, "facts", MANDATORY, &facts);
    if (!rc)
        rc = reader_text(&r, &facts, "host", MANDATORY, is_name,
                         "the name of a host", &out->host);
    if (rc)
        return rc;
    read_facts(b, facts.json, out->facts, host_fact_names, HOST_FACTS);
    read_pools(b, facts.json, out);
    read_interfaces(b, facts.json, out);
    read_guests(b, facts.json, out);
    read_disks(b, facts.json, out);
    return RC_OK;
}

/* ---- the question ---- */

char *question_text(struct broker *b, const struct host_facts *facts)
{
    yajl_gen gen = json_begin();
    size_t i;

    yajl_gen_map_open(gen);
    json_emit_number(gen, "version", 1);
    emit_list(gen, "disks");
    for (i = 0; i < facts->disk_count; i++)
        json_emit_string(gen, NULL, facts->disks[i].path);
    yajl_gen_array_close(gen);
    yajl_gen_map_close(gen);
    return json_end(b->arena, gen);
}

int question_read(struct doctor *d, const char *text, size_t len)
{
    struct place top, list;
    struct reader r;
    size_t i;
    int rc;

    rc = parse(d->b, text, len, &r, &top);
    if (!rc)
        rc = reader_array(&r, &top, "disks", &list);
    if (rc)
        return rc;
    d->asked = arena_alloc(d->b->arena, (list.json->count + 1) *
                           sizeof(*d->asked));
    for (i = 0; i < list.json->count; i++) {
        if (list.json->values[i]->type != JSON_STRING)
            return reader_fail(&r, list.json->values[i],
                               "disks: %s is not a text",
                               json_type_name(list.json->values[i]->type));
        d->asked[d->asked_count++] = list.json->values[i]->string;
    }
    return RC_OK;
}
