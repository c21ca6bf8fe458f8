/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/broker.h"
#include "base/words.h"
#include "choice/pools.h"
#include "json/json.h"
#include "json/reader.h"
#include "plan/pools_read.h"
#include "proto/vf_json.h"

#define HEX "0123456789abcdef"
#define ADDRESS_LEN 12          /* DDDD:BB:SS.F */

/* What an address looks like, a set of characters for each place. */
static bool fits_place(unsigned place, char c)
{
    static const char *const places[] = {
        HEX, HEX, HEX, HEX, ":", HEX, HEX, ":", "01", HEX, ".", "01234567",
    };

    return place < ADDRESS_LEN && strchr(places[place], c);
}

/* Is there an address that the rest of the pattern fits from there on? */
static bool can_fit(const char *pattern, unsigned place)
{
    if (!*pattern)
        return place == ADDRESS_LEN;
    if (*pattern != '*')
        return fits_place(place, *pattern) && can_fit(pattern + 1, place + 1);
    while (pattern[1] == '*')
        pattern++;
    for (; place <= ADDRESS_LEN; place++)
        if (can_fit(pattern + 1, place))
            return true;
    return false;
}

static bool is_bdf_pattern(const char *s)
{
    size_t len = strlen(s);

    return len >= 1 && len <= 32 && can_fit(s, 0);
}

static bool is_class_prefix(const char *s)
{
    size_t len = strlen(s);

    return len >= 1 && len <= 6 && strspn(s, "0123456789abcdef") == len;
}

static bool is_network(const char *s)
{
    size_t len = strlen(s);

    return len >= 1 && len <= 15 && !strpbrk(s, "/ \t\n:") &&
           strcmp(s, ".") && strcmp(s, "..");
}

/* A misspelt key would silently widen a pool: none is ignored here. */
static int check_keys(const struct reader *r, const struct place *at,
                      const char *const *known)
{
    const char *const *key;
    size_t i;

    for (i = 0; i < at->json->count; i++) {
        for (key = known; *key; key++)
            if (!strcmp(*key, at->json->keys[i]))
                break;
        if (!*key)
            return reader_fail(r, at->json->values[i], "%s is not known",
                               reader_path(r, at, at->json->keys[i]));
    }
    return RC_OK;
}

static int read_hex(const struct reader *r, const struct place *at,
                    const char *key, word_check *check, const char *what,
                    long *value, int *digits)
{
    const char *text;
    int rc;

    *value = POOL_ANY;
    rc = reader_text(r, at, key, OPTIONAL, check, what, &text);
    if (rc || !text)
        return rc;
    *value = strtol(text, NULL, 16);
    *digits = (int)strlen(text);
    return RC_OK;
}

/* An array of texts; *out is NULL if there is none. */
static int read_texts(const struct reader *r, const struct place *at,
                      const char *key, word_check *check, const char *what,
                      const char ***out, size_t *count)
{
    const struct json *element;
    struct place array;
    size_t i;
    int rc;

    *out = NULL;
    *count = 0;
    if (!json_get(at->json, key))
        return RC_OK;
    rc = reader_array(r, at, key, &array);
    if (rc)
        return rc;
    *count = array.json->count;
    if (!*count)
        return reader_fail(r, array.json, "%s is empty: nothing would fit",
                           array.path);
    *out = arena_alloc(r->b->arena, (*count + 1) * sizeof(**out));
    for (i = 0; i < *count; i++) {
        element = array.json->values[i];
        if (element->type != JSON_STRING || !check(element->string))
            return reader_fail(r, element, "%s[%zu] is not %s", array.path,
                               i, what);
        (*out)[i] = element->string;
    }
    return RC_OK;
}

static int read_number(const struct reader *r, const struct place *at,
                       const char *key, long long min, long long max,
                       long *value)
{
    long long number = POOL_ANY;
    int rc;

    rc = reader_integer(r, at, key, OPTIONAL, min, max, &number);
    *value = (long)number;
    return rc;
}

/* What can be asked only of the running host. */
static int read_match_detail(const struct reader *r, const struct place *at,
                             struct pool_match *match)
{
    int rc;

    rc = reader_text(r, at, "pf", OPTIONAL, word_is_bdf,
                     "a PCI address (DDDD:BB:SS.F)", &match->pf);
    if (rc) goto out;
    rc = reader_text(r, at, "driver", OPTIONAL, word_is_driver,
                     "a driver's name", &match->driver);
    if (rc) goto out;
    rc = read_number(r, at, "numa", 0, 1023, &match->numa);
    if (rc) goto out;
    rc = read_number(r, at, "link_speed", 1, 10000000, &match->link_speed);
    if (rc) goto out;
    rc = read_texts(r, at, "networks", is_network,
                    "an interface's name", &match->networks,
                    &match->network_count);
out:
    return rc;
}

static int read_match(const struct reader *r, const struct place *at,
                      struct pool_match *match)
{
    static const char *const known[] = {
        "bdf", "vendor", "device", "class", "pf", "driver", "numa",
        "link_speed", "networks", NULL
    };
    int rc, digits;

    rc = check_keys(r, at, known);
    if (rc) goto out;
    if (!at->json->count) {
        rc = reader_fail(r, at->json, "%s is empty: it would fit every "
                         "device", at->path);
        goto out;
    }
    rc = reader_text(r, at, "bdf", OPTIONAL, is_bdf_pattern,
                     "a PCI address (DDDD:BB:SS.F, * fits anything): no device "
                     "has one like that",
                     &match->bdf);
    if (rc) goto out;
    rc = read_hex(r, at, "vendor", word_is_hex4, "4 lower-case hex digits",
                  &match->vendor, &digits);
    if (rc) goto out;
    rc = read_hex(r, at, "device", word_is_hex4, "4 lower-case hex digits",
                  &match->device, &digits);
    if (rc) goto out;
    rc = read_hex(r, at, "class", is_class_prefix,
                  "1 to 6 lower-case hex digits", &match->class,
                  &match->class_digits);
    if (rc) goto out;
    rc = read_match_detail(r, at, match);
out:
    return rc;
}

static bool is_name_pattern(const char *s)
{
    return *s && strlen(s) <= 255;
}

/* An empty object would lock everybody out; that is more likely a mistake. */
static int read_allow(const struct reader *r, const struct place *pool,
                      struct pool *out)
{
    static const char *const known[] = { "names", "uuids", NULL };
    struct place at;
    int rc;

    rc = reader_object(r, pool, "allow", OPTIONAL, &at);
    if (rc || !at.json) goto out;
    rc = check_keys(r, &at, known);
    if (rc) goto out;
    if (!at.json->count) {
        rc = reader_fail(r, at.json, "%s is empty: it would allow nobody",
                         at.path);
        goto out;
    }
    out->allow = true;
    rc = read_texts(r, &at, "names", is_name_pattern,
                    "a domain's name (* fits anything)", &out->names,
                    &out->name_count);
    if (rc) goto out;
    rc = read_texts(r, &at, "uuids", word_is_uuid, "a UUID", &out->uuids,
                    &out->uuid_count);
out:
    return rc;
}

/* They come up bound to dom0's driver, on PFs that the pool names. */
static int read_create_vfs(const struct reader *r, const struct place *at,
                           struct pool *pool)
{
    long long number = 0;
    size_t i;
    int rc;

    rc = reader_integer(r, at, "create_vfs", OPTIONAL, 1, 256, &number);
    if (rc || !number)
        return rc;
    pool->create_vfs = (long)number;
    for (i = 0; i < pool->count; i++)
        if (pool->matches[i].pf)
            break;
    if (pool->bind && i < pool->count)
        return RC_OK;
    return reader_fail(r, json_get(at->json, "create_vfs"), "%s needs "
                       "\"bind\":true and a \"pf\" in \"match\"",
                       reader_path(r, at, "create_vfs"));
}

/* Settings of a network here, whatever the guest's VF had at home. */
static int read_vf(const struct reader *r, const struct place *pool,
                   struct vf_settings *vf)
{
    static const char *const known[] = {
        "vlan", "qos", "vlan_proto", "spoofchk", "trust", "link_state",
        "min_tx_rate", "max_tx_rate", NULL
    };
    struct place at;
    int rc;

    rc = reader_object(r, pool, "vf", OPTIONAL, &at);
    if (rc || !at.json) goto out;
    rc = check_keys(r, &at, known);
    if (rc) goto out;
    rc = vf_json_read_some(r, &at, vf);
out:
    return rc;
}

static int read_pool(const struct reader *r, const struct place *pools,
                     const char *name, const struct json *where,
                     struct pool *pool)
{
    static const char *const known[] = {
        "match", "bind", "reserve", "allow", "create_vfs", "vf", NULL
    };
    struct place at, matches, entry;
    long long number = 0;
    size_t i;
    int rc;

    if (!word_is_id(name))
        return reader_fail(r, where, "pool name \"%s\" is not 1-31 of A-Z "
                           "a-z 0-9 _ . -, a letter or digit first", name);
    pool->name = name;
    rc = reader_object(r, pools, name, MANDATORY, &at);
    if (rc) goto out;
    rc = check_keys(r, &at, known);
    if (rc) goto out;
    rc = reader_bool(r, &at, "bind", OPTIONAL, &pool->bind);
    if (rc) goto out;
    rc = reader_integer(r, &at, "reserve", OPTIONAL, 0, 65536, &number);
    if (rc) goto out;
    pool->reserve = (size_t)number;
    rc = read_allow(r, &at, pool);
    if (rc) goto out;
    rc = reader_array(r, &at, "match", &matches);
    if (rc) goto out;
    pool->count = matches.json->count;
    if (!pool->count) {
        rc = reader_fail(r, matches.json, "%s is empty: no device would fit",
                         matches.path);
        goto out;
    }
    pool->matches = arena_alloc(r->b->arena, (pool->count + 1) *
                                sizeof(*pool->matches));
    for (i = 0; i < pool->count; i++) {
        rc = reader_element(r, &matches, i, &entry);
        if (rc) goto out;
        rc = read_match(r, &entry, &pool->matches[i]);
        if (rc) goto out;
    }
    rc = read_create_vfs(r, &at, pool);
    if (rc) goto out;
    rc = read_vf(r, &at, &pool->vf);
out:
    return rc;
}

static int read_pools(const struct reader *r, const struct place *top,
                      struct pools *pools)
{
    static const char *const known[] = { "version", "pools", NULL };
    struct place at;
    size_t i;
    int rc;

    rc = reader_version(r, top);
    if (rc) goto out;
    rc = check_keys(r, top, known);
    if (rc) goto out;
    rc = reader_object(r, top, "pools", MANDATORY, &at);
    if (rc) goto out;
    pools->count = at.json->count;
    pools->pools = arena_alloc(r->b->arena, (pools->count + 1) *
                               sizeof(*pools->pools));
    for (i = 0; i < pools->count; i++) {
        rc = read_pool(r, &at, at.json->keys[i], at.json->values[i],
                       &pools->pools[i]);
        if (rc) goto out;
    }
out:
    return rc;
}

/* *text is NULL if there is no such file. */
static int read_file(struct broker *b, const char *path, char **text,
                     size_t *len)
{
    char *buffer;
    ssize_t n;
    int fd;

    *text = NULL;
    *len = 0;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return RC_OK;
    if (fd < 0)
        return broker_fail(b, RC_BAD_REQUEST, "%s: %s", path,
                           strerror(errno));
    /* one more than allowed, for the parser to complain of */
    buffer = arena_alloc(b->arena, JSON_MAX_SIZE + 1);
    while ((n = read(fd, buffer + *len, JSON_MAX_SIZE + 1 - *len)) > 0)
        *len += (size_t)n;
    if (n < 0)
        broker_fail(b, RC_BAD_REQUEST, "%s: %s", path, strerror(errno));
    close(fd);
    *text = buffer;
    return n < 0 ? RC_BAD_REQUEST : RC_OK;
}

int pools_parse(struct broker *b, const char *path, const char *text,
                size_t len, struct pools *pools)
{
    struct reader r = { .b = b, .source = path, .text = text };
    struct place top = { .path = "" };
    struct json_error error;

    memset(pools, 0, sizeof(*pools));
    top.json = json_parse(b->arena, text, len, JSON_COMMENTS, &error);
    if (!top.json && error.line)
        return broker_fail(b, RC_BAD_REQUEST, "%s:%u:%u: %s", path,
                           error.line, error.column, error.text);
    if (!top.json)
        return broker_fail(b, RC_BAD_REQUEST, "%s: %s", path, error.text);
    return read_pools(&r, &top, pools);
}

int pools_load(struct broker *b, const char *path, bool must_exist,
               struct pools *pools)
{
    char *text;
    size_t len;
    int rc;

    memset(pools, 0, sizeof(*pools));
    rc = read_file(b, path, &text, &len);
    if (rc)
        return rc;
    if (!text)
        return must_exist ? broker_fail(b, RC_BAD_REQUEST, "%s: %s", path,
                                        strerror(ENOENT)) : RC_OK;
    return pools_parse(b, path, text, len, pools);
}
