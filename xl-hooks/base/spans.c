/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "base/spans.h"

#define HEX "0123456789abcdef"
#define DIGITS_MAX 16

/* Not strtoull alone: that takes blanks, signs and 0x. */
static bool take_address(const char **s, uint64_t *address)
{
    size_t len = strspn(*s, HEX);

    if (len < 1 || len > DIGITS_MAX)
        return false;
    *address = strtoull(*s, NULL, 16);
    *s += len;
    return true;
}

static bool take_span(const char **s, struct span *span)
{
    if (!take_address(s, &span->start) || *(*s)++ != '-' ||
        !take_address(s, &span->end))
        return false;
    return span->start <= span->end;
}

bool word_is_spans(const char *s)
{
    struct span span, last;
    unsigned count = 0;

    do {
        if (count++ == SPANS_MAX || !take_span(&s, &span) ||
            (count > 1 && span.start <= last.end))
            return false;
        last = span;
    } while (*s == ' ' && s++);
    return !*s;
}

bool spans_meet(const char *spans, const struct span *with,
                struct span *found)
{
    while (take_span(&spans, found)) {
        if (found->start <= with->end && with->start <= found->end)
            return true;
        if (*spans++ != ' ')
            break;
    }
    return false;
}
