/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "values.h"
#include "wire.h"

struct unit {
    const char *name;
    uint64_t factor;
};

/* Decimal digits, then exactly the name of one of the units. */
static bool with_unit(const char *text, const struct unit *units,
                      uint64_t *value)
{
    unsigned long long v;
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    v = strtoull(text, &end, 10);
    for (; units->name; units++)
        if (!strcmp(units->name, end))
            break;
    if (errno || !units->name || v > UINT64_MAX / units->factor)
        return false;
    *value = v * units->factor;
    return true;
}

bool value_duration(const char *text, uint64_t *ns)
{
    static const struct unit units[] = {
        { "us", NS_PER_US }, { "ms", NS_PER_MS }, { "s", NS_PER_S },
        { "m", 60 * NS_PER_S }, { "h", 3600 * NS_PER_S }, { NULL, 0 },
    };

    return with_unit(text, units, ns);
}

bool value_rate(const char *text, uint64_t *bytes_per_s)
{
    static const struct unit units[] = {
        { "", 1 }, { "k", 1000 }, { "M", 1000 * 1000 }, { NULL, 0 },
    };

    if (!strcmp(text, "max")) {
        *bytes_per_s = WIRE_MAX_RATE;
        return true;
    }
    return with_unit(text, units, bytes_per_s) &&
           *bytes_per_s <= WIRE_MAX_RATE;
}

bool value_number(const char *text, uint64_t min, uint64_t max,
                  uint64_t *value)
{
    static const struct unit units[] = { { "", 1 }, { NULL, 0 } };

    return with_unit(text, units, value) && *value >= min && *value <= max;
}
