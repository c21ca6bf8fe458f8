/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "json/json.h"

yajl_gen json_begin(void)
{
    yajl_gen gen = yajl_gen_alloc(NULL);

    if (!gen)
        arena_exhausted();
    return gen;
}

char *json_end(struct arena *arena, yajl_gen gen)
{
    const unsigned char *buffer;
    char *text;
    size_t len;

    yajl_gen_get_buf(gen, &buffer, &len);
    text = arena_strndup(arena, (const char *)buffer, len);
    yajl_gen_free(gen);
    return text;
}

static bool is_ascii(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s >= 0x80)
            return false;
    return true;
}

/* yajl's own check lets overlong forms pass, and drops the whole string. */
static void emit_repaired(yajl_gen gen, const char *text)
{
    char *copy = strdup(text), *at = copy;

    if (!copy)
        arena_exhausted();
    while (*(at += json_utf8_length(at, strlen(at))))
        *at++ = '?';
    yajl_gen_string(gen, (const unsigned char *)copy, strlen(copy));
    free(copy);
}

void json_emit_key(yajl_gen gen, const char *key)
{
    if (is_ascii(key))
        yajl_gen_string(gen, (const unsigned char *)key, strlen(key));
    else
        emit_repaired(gen, key);
}

/* NULL as key: an array element; NULL as value: null. */
void json_emit_string(yajl_gen gen, const char *key, const char *value)
{
    if (key)
        json_emit_key(gen, key);
    if (value)
        json_emit_key(gen, value);
    else
        yajl_gen_null(gen);
}

void json_emit_number(yajl_gen gen, const char *key, long long number)
{
    json_emit_key(gen, key);
    yajl_gen_integer(gen, number);
}

void json_emit_bool(yajl_gen gen, const char *key, bool value)
{
    json_emit_key(gen, key);
    yajl_gen_bool(gen, value);
}

void json_emit(yajl_gen gen, const struct json *value)
{
    size_t i;

    switch (value->type) {
    case JSON_NULL:
        yajl_gen_null(gen);
        break;
    case JSON_BOOL:
        yajl_gen_bool(gen, value->boolean);
        break;
    case JSON_INTEGER:
    case JSON_REAL:
        yajl_gen_number(gen, value->string, strlen(value->string));
        break;
    case JSON_STRING:
        json_emit_key(gen, value->string);
        break;
    case JSON_ARRAY:
        yajl_gen_array_open(gen);
        for (i = 0; i < value->count; i++)
            json_emit(gen, value->values[i]);
        yajl_gen_array_close(gen);
        break;
    case JSON_OBJECT:
        yajl_gen_map_open(gen);
        for (i = 0; i < value->count; i++) {
            json_emit_key(gen, value->keys[i]);
            json_emit(gen, value->values[i]);
        }
        yajl_gen_map_close(gen);
        break;
    }
}
