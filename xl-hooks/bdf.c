/* SPDX-License-Identifier: GPL-2.0-only */
#include <stddef.h>
#include <string.h>

#include "arena.h"
#include "bdf.h"

/* Patterns: x is a lower-case hex digit, anything else is itself. */
static bool fits(const char *s, const char *pattern)
{
    for (; *pattern; s++, pattern++) {
        if (*pattern == 'x') {
            if (!*s || !strchr("0123456789abcdef", *s))
                return false;
        } else if (*s != *pattern) {
            return false;
        }
    }
    return !*s;
}

static unsigned hex(const char *s, unsigned digits)
{
    unsigned value = 0;

    while (digits--) {
        value = value * 16 + (unsigned)(*s <= '9' ? *s - '0'
                                                  : *s - 'a' + 10);
        s++;
    }
    return value;
}

static bool parse(const char *text, const char *pattern, struct bdf *bdf)
{
    unsigned dev, func;

    if (!fits(text, pattern))
        return false;
    dev = hex(text + 8, 2);
    func = hex(text + 11, 1);
    if (dev > 31 || func > 7)
        return false;
    bdf->domain = (uint16_t)hex(text, 4);
    bdf->bus = (uint8_t)hex(text + 5, 2);
    bdf->dev = (uint8_t)dev;
    bdf->func = (uint8_t)func;
    return true;
}

bool bdf_parse(const char *text, struct bdf *bdf)
{
    return parse(text, "xxxx:xx:xx.x", bdf);
}

bool bdf_parse_store_name(const char *text, struct bdf *bdf)
{
    return parse(text, "xxxx-xx-xx-x", bdf);
}

uint32_t bdf_encode(const struct bdf *bdf)
{
    return (uint32_t)bdf->domain << 16 | (uint32_t)bdf->bus << 8 |
           (uint32_t)bdf->dev << 3 | bdf->func;
}

void bdf_decode(uint32_t encoded, struct bdf *bdf)
{
    bdf->domain = (uint16_t)(encoded >> 16);
    bdf->bus = (uint8_t)(encoded >> 8);
    bdf->dev = encoded >> 3 & 0x1f;
    bdf->func = encoded & 7;
}

int bdf_compare(const struct bdf *a, const struct bdf *b)
{
    uint32_t x = bdf_encode(a), y = bdf_encode(b);

    return x < y ? -1 : x > y;
}

char *bdf_text(struct arena *arena, const struct bdf *bdf)
{
    return arena_printf(arena, "%04x:%02x:%02x.%x", bdf->domain, bdf->bus,
                        bdf->dev, bdf->func);
}

char *bdf_store_name(struct arena *arena, const struct bdf *bdf)
{
    return arena_printf(arena, "%04x-%02x-%02x-%x", bdf->domain, bdf->bus,
                        bdf->dev, bdf->func);
}

bool word_is_bdf(const char *s)
{
    struct bdf bdf;

    return bdf_parse(s, &bdf);
}

bool word_is_uuid(const char *s)
{
    return fits(s, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
}

bool word_is_mac(const char *s)
{
    return fits(s, "xx:xx:xx:xx:xx:xx");
}

bool word_is_hex4(const char *s)
{
    return fits(s, "xxxx");
}

bool word_is_hex6(const char *s)
{
    return fits(s, "xxxxxx");
}

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

bool word_is_id(const char *s)
{
    size_t len = strlen(s);

    return len >= 1 && len <= 31 && strspn(s, ALNUM "_.-") == len &&
           strspn(s, ALNUM) >= 1;
}

bool word_is_driver(const char *s)
{
    size_t len = strlen(s);

    /* It becomes part of a sysfs path; "-" is none, see bind.h. */
    return len >= 1 && len <= 63 && strspn(s, ALNUM "_.-") == len &&
           s[0] != '.';
}

bool word_is_domain_name(const char *s)
{
    size_t i, len = strlen(s);

    if (len < 1 || len > 255)
        return false;
    for (i = 0; i < len; i++)
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f || s[i] == '/')
            return false;
    return true;
}
