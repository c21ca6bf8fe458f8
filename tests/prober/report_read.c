/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_tree.h>

#include "report_json.h"
#include "report_schema.h"

#define PATH_MAX_TEXT 128

struct reader {
    char path[PATH_MAX_TEXT]; /* where we are, for messages */
    char *error;
    size_t error_size;
};

static int fail(struct reader *rd, const char *what)
{
    snprintf(rd->error, rd->error_size, "%s: %s",
             rd->path[0] ? rd->path : "report", what);
    return -1;
}

static int read_object(struct reader *rd, yajl_val json, void *object,
                       const struct field *f);

static int read_u64(struct reader *rd, yajl_val json, uint64_t *out)
{
    if (!YAJL_IS_INTEGER(json) || YAJL_GET_INTEGER(json) < 0)
        return fail(rd, "must be an integer, 0 or more");
    *out = (uint64_t)YAJL_GET_INTEGER(json);
    return 0;
}

static int read_i64(struct reader *rd, yajl_val json, int64_t *out)
{
    if (!YAJL_IS_INTEGER(json))
        return fail(rd, "must be an integer");
    *out = YAJL_GET_INTEGER(json);
    return 0;
}

static int read_bool(struct reader *rd, yajl_val json, bool *out)
{
    if (!YAJL_IS_TRUE(json) && !YAJL_IS_FALSE(json))
        return fail(rd, "must be true or false");
    *out = YAJL_IS_TRUE(json);
    return 0;
}

static int read_text(struct reader *rd, yajl_val json, char *out, size_t size)
{
    const char *text = YAJL_GET_STRING(json);

    if (!text)
        return fail(rd, "must be a string");
    if (strlen(text) >= size)
        return fail(rd, "is too long");
    if (!report_text_ok(text))
        return fail(rd, "must be printable ASCII");
    strcpy(out, text);
    return 0;
}

static int read_element(struct reader *rd, yajl_val json, void *item,
                        const struct field *f)
{
    if (f->kind == FIELD_U64_LIST)
        return read_u64(rd, json, item);
    return read_object(rd, json, item, f->sub);
}

static int read_list(struct reader *rd, yajl_val json, struct vec *v,
                     const struct field *f)
{
    size_t i, n, end = strlen(rd->path);
    void *item;

    if (!YAJL_IS_ARRAY(json))
        return fail(rd, "must be an array");
    n = YAJL_GET_ARRAY(json)->len;
    if (n > REPORT_LIST_MAX)
        return fail(rd, "has too many elements");
    for (i = 0; i < n; i++) {
        snprintf(rd->path + end, sizeof(rd->path) - end, "[%zu]", i);
        item = vec_add(v, f->size);
        if (!item)
            return fail(rd, "no memory");
        if (read_element(rd, YAJL_GET_ARRAY(json)->values[i], item, f))
            return -1;
        rd->path[end] = '\0';
    }
    return 0;
}

static int read_field(struct reader *rd, yajl_val json, void *at,
                      const struct field *f)
{
    switch (f->kind) {
    case FIELD_U64:
        return read_u64(rd, json, at);
    case FIELD_I64:
        return read_i64(rd, json, at);
    case FIELD_BOOL:
        return read_bool(rd, json, at);
    case FIELD_TEXT:
        return read_text(rd, json, at, f->size);
    case FIELD_OBJECT:
        return read_object(rd, json, at, f->sub);
    case FIELD_LIST:
    case FIELD_U64_LIST:
        return read_list(rd, json, at, f);
    }
    return fail(rd, "has an unknown kind");
}

static int read_object(struct reader *rd, yajl_val json, void *object,
                       const struct field *f)
{
    size_t end = strlen(rd->path);
    yajl_val member;

    if (!YAJL_IS_OBJECT(json))
        return fail(rd, "must be an object");
    for (; f->name; f++) {
        const char *path[] = { f->name, NULL };

        snprintf(rd->path + end, sizeof(rd->path) - end, "%s%s",
                 end ? "." : "", f->name);
        member = yajl_tree_get(json, path, yajl_t_any);
        if (!member)
            return fail(rd, "is missing");
        if (read_field(rd, member, (char *)object + f->offset, f))
            return -1;
        rd->path[end] = '\0';
    }
    return 0;
}

/* Before all else: of another schema nothing can be said. */
static int check_schema(struct reader *rd, yajl_val json)
{
    const char *schema_path[] = { "schema", NULL };
    const char *version_path[] = { "version", NULL };
    const char *schema;
    yajl_val version;

    if (!YAJL_IS_OBJECT(json))
        return fail(rd, "must be an object");
    schema = YAJL_GET_STRING(yajl_tree_get(json, schema_path,
                                           yajl_t_string));
    if (!schema || strcmp(schema, REPORT_SCHEMA))
        return fail(rd, "is not a \"" REPORT_SCHEMA "\"");
    version = yajl_tree_get(json, version_path, yajl_t_number);
    if (!YAJL_IS_INTEGER(version) ||
        YAJL_GET_INTEGER(version) != REPORT_VERSION)
        return fail(rd, "has a version that this program does not know");
    return 0;
}

/* What the tables can't say: values that later steps divide by or index. */
static int check_values(struct reader *rd, const struct report *r)
{
    if (!r->settings.step_ns || !r->settings.interval_ns)
        return fail(rd, "settings: intervals must not be 0");
    if (strcmp(r->verdict, "ok") && strcmp(r->verdict, "failed"))
        return fail(rd, "verdict must be \"ok\" or \"failed\"");
    if (!strcmp(r->verdict, "ok") != !r->failures.n)
        return fail(rd, "verdict and failures contradict each other");
    return 0;
}

int report_from_json(const char *json, struct report *r, char *error,
                     size_t error_size)
{
    struct reader rd = { .error = error, .error_size = error_size };
    char yajl_error[REPORT_LINE_MAX] = "";
    yajl_val tree = yajl_tree_parse(json, yajl_error, sizeof(yajl_error));
    int rc;

    memset(r, 0, sizeof(*r));
    if (!tree) {
        yajl_error[strcspn(yajl_error, "\n")] = '\0';
        /* It quotes the input, which may hold anything. */
        snprintf(error, error_size, "not JSON: %s",
                 report_text_ok(yajl_error) ? yajl_error : "bad bytes");
        return -1;
    }
    rc = check_schema(&rd, tree);
    if (!rc)
        rc = read_object(&rd, tree, r, report_fields);
    if (!rc)
        rc = check_values(&rd, r);
    if (rc)
        report_free(r);
    yajl_tree_free(tree);
    return rc;
}
