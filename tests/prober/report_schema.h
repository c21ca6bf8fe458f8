/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The members of the report as tables: writer, reader and release all walk
 * them, so that they can't disagree.
 */
#ifndef SP_REPORT_SCHEMA_H
#define SP_REPORT_SCHEMA_H

#include <stddef.h>

enum field_kind {
    FIELD_U64,
    FIELD_I64,
    FIELD_BOOL,
    FIELD_TEXT,     /* char[size] */
    FIELD_OBJECT,   /* sub */
    FIELD_LIST,     /* struct vec of objects of size bytes, sub */
    FIELD_U64_LIST, /* struct vec of uint64_t */
};

struct field {
    const char *name; /* NULL ends a table */
    enum field_kind kind;
    size_t offset, size;
    const struct field *sub;
};

extern const struct field report_fields[];

/* More elements than this in a list of a report are refused. */
#define REPORT_LIST_MAX (1u << 20)

#endif
