/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/remedy.h"
#include "lease/done.h"
#include "plan/plan.h"
#include "verbs/tell.h"

void tell_refused(struct broker *b, const struct done *done, size_t count)
{
    while (count--)
        remedy_tell(b, (done++)->reason);
}

/* Not of one that goes on with its standby. */
void tell_refused_plan(struct broker *b, const struct planned *planned,
                       size_t count)
{
    for (; count--; planned++)
        if (planned->status == PLANNED_REFUSED)
            remedy_tell(b, planned->reason);
}
