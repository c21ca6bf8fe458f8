/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/arena.h"
#include "base/bdf.h"
#include "base/words.h"

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

    if (!word_fits(text, pattern))
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

static char *write_hex(char *to, unsigned value, unsigned digits)
{
    while (digits--)
        *to++ = "0123456789abcdef"[value >> 4 * digits & 0xf];
    return to;
}

/* Of thousands of devices: printf takes ten times as long. */
void bdf_write(const struct bdf *bdf, char *text)
{
    text = write_hex(text, bdf->domain, 4);
    *text++ = ':';
    text = write_hex(text, bdf->bus, 2);
    *text++ = ':';
    text = write_hex(text, bdf->dev, 2);
    *text++ = '.';
    *write_hex(text, bdf->func, 1) = '\0';
}

char *bdf_text(struct arena *arena, const struct bdf *bdf)
{
    char text[BDF_TEXT_SIZE];

    bdf_write(bdf, text);
    return arena_strdup(arena, text);
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
