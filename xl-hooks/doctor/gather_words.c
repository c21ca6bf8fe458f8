/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/arena.h"
#include "base/broker.h"
#include "doctor/gather.h"

const char *gather_why(struct doctor *d)
{
    const char *why = d->b->error ? d->b->error : "the machine failed it";

    d->b->error = NULL;
    d->b->error_reason = REASON_NONE;
    return why;
}

const char *gather_word(struct doctor *d, const char *list, const char *word)
{
    return arena_printf(d->b->arena, "%s%s%s", list, *list ? " " : "", word);
}
