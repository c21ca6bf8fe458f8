/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading sysfs below a root of choice; writing through an interface. */
#ifndef BROKER_SYSFS_H
#define BROKER_SYSFS_H

#include <stdbool.h>
#include <stddef.h>

struct bdf;
struct broker;
struct sysfs;

struct sysfs_ops {
    /* one write(2) of `text` to the absolute `path`; 0 or an errno */
    int (*write)(struct sysfs *sysfs, const char *path, const char *text);
};

struct sysfs {
    const struct sysfs_ops *ops;
    const char *root;           /* "/sys" */
};

extern const struct sysfs_ops sysfs_real_ops;

char *sysfs_path(struct broker *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* What a device has in its directory, "/sys/bus/pci/devices/BDF/name". */
char *sysfs_device_path(struct broker *b, const struct bdf *bdf,
                        const char *name);

bool sysfs_exists(const char *path);
/* First line, or NULL. */
char *sysfs_read(struct broker *b, const char *path);
/* Whole file, at most 1 MiB; NULL with errno. */
char *sysfs_read_all(struct broker *b, const char *path);
/* First line of a file below a directory that is open, in one read: of at most
 * `size` - 1 bytes. False if that fails. */
bool sysfs_read_line_at(int dir, const char *path, char *line, size_t size);
/* The first `len` bytes; false if there are not so many. */
bool sysfs_read_bytes(const char *path, void *buffer, size_t len);
long sysfs_read_number(struct broker *b, const char *path, long otherwise);
/* Where a link points to, as it is written; and its last part. NULL: none. */
char *sysfs_link(struct broker *b, const char *path);
char *sysfs_link_name(struct broker *b, const char *path);
/* Names in a directory in strcmp order, without . and ..; *there: is it one */
char **sysfs_names(struct broker *b, const char *path, size_t *count,
                   bool *there);
int sysfs_write(struct broker *b, const char *path, const char *text);

#endif
