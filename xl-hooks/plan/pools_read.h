/* SPDX-License-Identifier: GPL-2.0-only */
/* /etc/xen/pci-pools.json. */
#ifndef BROKER_POOLS_READ_H
#define BROKER_POOLS_READ_H

#include <stdbool.h>
#include <stddef.h>

#define POOLS_PATH XEN_CONFIG_DIR "/pci-pools.json"

struct broker;
struct pools;

/* No file: no pools. Errors name file, line and column. */
int pools_load(struct broker *b, const char *path, bool must_exist,
               struct pools *pools);
/* As pools_load, of a text of `len` bytes; path is for errors only. */
int pools_parse(struct broker *b, const char *path, const char *text,
                size_t len, struct pools *pools);

#endif
