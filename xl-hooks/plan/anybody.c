/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "base/errors.h"
#include "plan/anybody.h"

int anybody_judge(struct fact_sources *s, struct device *device,
                  bool pool_bind, struct candidate *c, struct judgement *j)
{
    int rc;

    memset(c, 0, sizeof(*c));
    candidate_begin(s, device, c);
    rc = candidate_identify(s, c);
    if (!rc)
        rc = candidate_verify(s, c);
    if (!rc)
        rc = candidate_find_holder(s, c);
    if (!rc)
        *j = match_free(&c->facts, pool_bind);
    return rc;
}
