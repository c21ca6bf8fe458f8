/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>

#include "report_json.h"
#include "report_schema.h"

/* A failed call puts yajl into a state in which all later ones fail too, and
 * yajl_gen_get_buf() tells: so results are not looked at one by one. */
static void gen_text(yajl_gen g, const char *text)
{
    yajl_gen_string(g, (const unsigned char *)text, strlen(text));
}

static void gen_object(yajl_gen g, const void *object, const struct field *f);

static void gen_u64_list(yajl_gen g, const struct vec *v)
{
    size_t i;

    yajl_gen_array_open(g);
    for (i = 0; i < v->n; i++)
        yajl_gen_integer(g, (long long)*vec_at(v, const uint64_t, i));
    yajl_gen_array_close(g);
}

static void gen_list(yajl_gen g, const struct vec *v, const struct field *f)
{
    size_t i;

    yajl_gen_array_open(g);
    for (i = 0; i < v->n; i++)
        gen_object(g, (const char *)v->items + i * f->size, f->sub);
    yajl_gen_array_close(g);
}

static void gen_field(yajl_gen g, const void *at, const struct field *f)
{
    switch (f->kind) {
    case FIELD_U64:
        yajl_gen_integer(g, (long long)*(const uint64_t *)at);
        break;
    case FIELD_I64:
        yajl_gen_integer(g, *(const int64_t *)at);
        break;
    case FIELD_BOOL:
        yajl_gen_bool(g, *(const bool *)at);
        break;
    case FIELD_TEXT:
        gen_text(g, at);
        break;
    case FIELD_OBJECT:
        gen_object(g, at, f->sub);
        break;
    case FIELD_LIST:
        gen_list(g, at, f);
        break;
    case FIELD_U64_LIST:
        gen_u64_list(g, at);
        break;
    }
}

static void gen_object(yajl_gen g, const void *object, const struct field *f)
{
    yajl_gen_map_open(g);
    for (; f->name; f++) {
        gen_text(g, f->name);
        gen_field(g, (const char *)object + f->offset, f);
    }
    yajl_gen_map_close(g);
}

char *report_to_json(const struct report *r)
{
    yajl_gen g = yajl_gen_alloc(NULL);
    const unsigned char *text;
    char *copy = NULL;
    size_t len;

    if (!g)
        return NULL;
    yajl_gen_config(g, yajl_gen_beautify, 1);
    yajl_gen_config(g, yajl_gen_indent_string, "  ");
    gen_object(g, r, report_fields);
    if (yajl_gen_get_buf(g, &text, &len) == yajl_gen_status_ok)
        copy = strndup((const char *)text, len);
    yajl_gen_free(g);
    return copy;
}
