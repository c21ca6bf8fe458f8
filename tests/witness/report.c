/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <stdio.h>

#include "tests/prober/pattern.h"

#include "report.h"

static const char *const state_names[] = {
    [WITNESS_FILLING] = "filling",
    [WITNESS_HOLDING] = "holding",
    [WITNESS_DRAINING] = "draining",
    [WITNESS_DONE] = "done",
    [WITNESS_LOST] = "lost",
};

static int put(FILE *f, const struct witness_report *r)
{
    int n = fprintf(f,
                    "state %s\n"
                    "arrived %" PRIu64 "\n"
                    "held %" PRIu64 "\n"
                    "checked %" PRIu64 "\n"
                    "wrong %" PRIu64 "\n",
                    state_names[r->state], r->arrived, r->held, r->checked,
                    r->wrong);

    if (n > 0 && r->first_wrong != PATTERN_NONE_WRONG)
        n = fprintf(f, "first_wrong %" PRIu64 "\n", r->first_wrong);
    return n > 0 ? 0 : -1;
}

int witness_report_write(const struct witness_report *r)
{
    char part[256];
    FILE *f;
    int rc;

    snprintf(part, sizeof(part), "%s.part", r->path);
    f = fopen(part, "w");
    if (!f)
        return -1;
    rc = put(f, r);
    if (fclose(f) || rc)
        return -1;
    return rename(part, r->path);
}
