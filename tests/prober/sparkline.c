/* SPDX-License-Identifier: GPL-2.0-only */
#include "sparkline.h"

static const char shades[] = " .:-=+*#%@";
#define N_SHADES (sizeof(shades) - 1)

static double mean(const uint64_t *values, size_t from, size_t to)
{
    double sum = 0;
    size_t i;

    for (i = from; i < to; i++)
        sum += (double)values[i];
    return sum / (double)(to - from);
}

static double peak_of(const uint64_t *values, size_t n)
{
    uint64_t peak = 0;
    size_t i;

    for (i = 0; i < n; i++)
        if (values[i] > peak)
            peak = values[i];
    return (double)peak;
}

static char shade(double v, double peak)
{
    size_t i;

    if (v <= 0)
        return shades[0];
    i = 1 + (size_t)(v / peak * (N_SHADES - 1));
    return shades[i < N_SHADES ? i : N_SHADES - 1];
}

double sparkline(const uint64_t *values, size_t n, char *out, size_t width)
{
    size_t columns = n < width ? n : width, i;
    double peak = peak_of(values, n);

    for (i = 0; i < columns; i++)
        out[i] = shade(mean(values, i * n / columns, (i + 1) * n / columns),
                       peak);
    out[columns] = '\0';
    return peak;
}
