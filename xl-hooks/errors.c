/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "arena.h"
#include "broker.h"
#include "errors.h"

static const char *const words[] = {
    [REASON_NONE] = NULL,
#define REASON(identifier, word) [REASON_##identifier] = word,
#include "reasons.def"
#undef REASON
};

const char *reason_word(enum reason reason)
{
    return words[reason];
}

int broker_fail(struct broker *b, int rc, const char *fmt, ...)
{
    va_list ap;

    if (!b->error) {
        va_start(ap, fmt);
        b->error = arena_vprintf(b->arena, fmt, ap);
        va_end(ap);
    }
    return rc;
}

void broker_warn(struct broker *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fprintf(stderr, "pci-broker: warning: %s\n",
            arena_vprintf(b->arena, fmt, ap));
    va_end(ap);
}
