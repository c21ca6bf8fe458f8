/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "json/json.h"
#include "json/reader.h"

int reader_fail(const struct reader *r, const struct json *at,
                const char *fmt, ...)
{
    struct arena *arena = r->b->arena;
    const char *where = "";
    unsigned line, column;
    va_list ap;
    char *text;

    va_start(ap, fmt);
    text = arena_vprintf(arena, fmt, ap);
    va_end(ap);
    if (r->source && r->text && at) {
        json_place(r->text, at->offset, &line, &column);
        where = arena_printf(arena, "%s:%u:%u: ", r->source, line, column);
    }
    return broker_fail(r->b, RC_BAD_REQUEST, "%s%s", where, text);
}

const char *reader_path(const struct reader *r, const struct place *at,
                        const char *key)
{
    if (!*at->path)
        return key;
    return arena_printf(r->b->arena, "%s.%s", at->path, key);
}

/* The value of a key, or NULL where that is allowed. */
static int find(const struct reader *r, const struct place *at,
                const char *key, enum presence presence, enum json_type type,
                const struct json **out)
{
    const struct json *value = json_get(at->json, key);

    *out = NULL;
    if (!value) {
        if (presence == OPTIONAL)
            return RC_OK;
        return reader_fail(r, at->json, "%s is missing",
                           reader_path(r, at, key));
    }
    if (value->type == JSON_NULL && presence == NULLABLE)
        return RC_OK;
    if (value->type != type)
        return reader_fail(r, value, "%s is %s, not %s%s",
                           reader_path(r, at, key),
                           json_type_name(value->type), json_type_name(type),
                           presence == NULLABLE ? " or null" : "");
    *out = value;
    return RC_OK;
}

int reader_text(const struct reader *r, const struct place *at,
                const char *key, enum presence presence, word_check *check,
                const char *what, const char **out)
{
    const struct json *value;
    int rc;

    *out = NULL;
    rc = find(r, at, key, presence, JSON_STRING, &value);
    if (rc || !value)
        return rc;
    if (!check(value->string))
        return reader_fail(r, value, "%s is not %s",
                           reader_path(r, at, key), what);
    *out = value->string;
    return RC_OK;
}

int reader_bool(const struct reader *r, const struct place *at,
                const char *key, enum presence presence, bool *out)
{
    const struct json *value;
    int rc;

    rc = find(r, at, key, presence, JSON_BOOL, &value);
    if (!rc && value)
        *out = value->boolean;
    return rc;
}

int reader_integer(const struct reader *r, const struct place *at,
                   const char *key, enum presence presence, long long min,
                   long long max, long long *out)
{
    const struct json *value;
    int rc;

    rc = find(r, at, key, presence, JSON_INTEGER, &value);
    if (rc || !value)
        return rc;
    if (value->integer < min || value->integer > max)
        return reader_fail(r, value, "%s is not from %lld to %lld",
                           reader_path(r, at, key), min, max);
    *out = value->integer;
    return RC_OK;
}

int reader_word(const struct reader *r, const struct place *at,
                const char *key, const struct reader_word *words, int *out)
{
    const struct json *value;
    const char *list = "";
    int rc;

    rc = find(r, at, key, MANDATORY, JSON_STRING, &value);
    if (rc)
        return rc;
    for (; words->word; words++) {
        if (!strcmp(words->word, value->string)) {
            *out = words->value;
            return RC_OK;
        }
        list = arena_printf(r->b->arena, "%s%s\"%s\"", list,
                            *list ? ", " : "", words->word);
    }
    return reader_fail(r, value, "%s is not one of %s",
                       reader_path(r, at, key), list);
}

int reader_object(const struct reader *r, const struct place *at,
                  const char *key, enum presence presence, struct place *out)
{
    const struct json *value;
    int rc;

    rc = find(r, at, key, presence, JSON_OBJECT, &value);
    out->json = value;
    out->path = reader_path(r, at, key);
    return rc;
}

int reader_array(const struct reader *r, const struct place *at,
                 const char *key, struct place *out)
{
    const struct json *value;
    int rc;

    rc = find(r, at, key, MANDATORY, JSON_ARRAY, &value);
    out->json = value;
    out->path = reader_path(r, at, key);
    return rc;
}

int reader_element(const struct reader *r, const struct place *array,
                   size_t index, struct place *out)
{
    const struct json *value = array->json->values[index];

    out->json = value;
    out->path = arena_printf(r->b->arena, "%s[%zu]", array->path, index);
    if (value->type != JSON_OBJECT)
        return reader_fail(r, value, "%s is %s, not an object", out->path,
                           json_type_name(value->type));
    return RC_OK;
}

int reader_version(const struct reader *r, const struct place *at)
{
    const struct json *value;
    int rc;

    rc = find(r, at, "version", MANDATORY, JSON_INTEGER, &value);
    if (rc)
        return rc;
    if (value->integer != 1)
        return reader_fail(r, value,
                           "%s is %lld: this pci-broker knows version 1",
                           reader_path(r, at, "version"), value->integer);
    return RC_OK;
}
