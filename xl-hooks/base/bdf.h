/* SPDX-License-Identifier: GPL-2.0-only */
/* PCI addresses. */
#ifndef BROKER_BDF_H
#define BROKER_BDF_H

#include <stdbool.h>
#include <stdint.h>

#define BDF_TEXT_SIZE 16

struct arena;

struct bdf {
    uint16_t domain;
    uint8_t bus, dev, func;
};

bool bdf_parse(const char *text, struct bdf *bdf);      /* strict */
int bdf_compare(const struct bdf *a, const struct bdf *b);
char *bdf_text(struct arena *arena, const struct bdf *bdf);
/* The same into `text`, of BDF_TEXT_SIZE. */
void bdf_write(const struct bdf *bdf, char *text);
/* as libxl names it below /libxl/pci */
char *bdf_store_name(struct arena *arena, const struct bdf *bdf);
bool bdf_parse_store_name(const char *text, struct bdf *bdf);
/* as the hypervisor wants it */
uint32_t bdf_encode(const struct bdf *bdf);
void bdf_decode(uint32_t encoded, struct bdf *bdf);

bool word_is_bdf(const char *s);

#endif
