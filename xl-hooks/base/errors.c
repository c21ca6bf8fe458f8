/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "base/errors.h"

static const char *const words[] = {
    [REASON_NONE] = NULL,
#define REASON(identifier, word) [REASON_##identifier] = word,
#include "base/reasons.def"
#undef REASON
};

const char *reason_word(enum reason reason)
{
    return words[reason];
}

char *printable(struct arena *arena, const char *text)
{
    char *out = arena_alloc(arena, strlen(text) * 4 + 1), *to = out;
    const unsigned char *c = (const unsigned char *)text;

    for (; *c; c++) {
        /* U+0080 to U+009f are control characters, too */
        if (*c < 0x20 || *c == 0x7f ||
            (*c == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f))
            to += sprintf(to, "\\x%02x", *c);
        else
            *to++ = (char)*c;
    }
    return out;
}

int broker_fail(struct broker *b, int rc, const char *fmt, ...)
{
    va_list ap;

    if (!b->error) {
        va_start(ap, fmt);
        b->error = printable(b->arena, arena_vprintf(b->arena, fmt, ap));
        va_end(ap);
    }
    return rc;
}

void broker_warn(struct broker *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fprintf(stderr, "pci-broker: warning: %s\n",
            printable(b->arena, arena_vprintf(b->arena, fmt, ap)));
    va_end(ap);
}
