/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>

#include "base/arena.h"
#include "base/bdf.h"
#include "base/broker.h"
#include "base/change.h"

void change_log(struct broker *b, const struct bdf *bdf, const char *fmt, ...)
{
    const char *what;
    va_list ap;

    if (!b->log)
        return;
    va_start(ap, fmt);
    what = arena_vprintf(b->arena, fmt, ap);
    va_end(ap);
    what = arena_printf(b->arena, "%s: %s%s%s", bdf_text(b->arena, bdf), what,
                        b->acting_for ? ", for migration " : "",
                        b->acting_for ? b->acting_for : "");
    b->log(b, printable(b->arena, what));
}
