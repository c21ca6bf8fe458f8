/* SPDX-License-Identifier: GPL-2.0-only */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bdf.h"
#include "base/broker.h"
#include "host/sysfs.h"

#define FILE_LIMIT (1024 * 1024)

static int real_write(struct sysfs *sysfs, const char *path,
                      const char *text)
{
    ssize_t n;
    int fd, r;

    (void)sysfs;
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    n = write(fd, text, strlen(text));
    r = n < 0 ? errno : (size_t)n == strlen(text) ? 0 : EIO;
    close(fd);
    return r;
}

const struct sysfs_ops sysfs_real_ops = {
    .write = real_write,
};

char *sysfs_path(struct broker *b, const char *fmt, ...)
{
    va_list ap;
    char *rest;

    va_start(ap, fmt);
    rest = arena_vprintf(b->arena, fmt, ap);
    va_end(ap);
    return arena_printf(b->arena, "%s/%s", b->sysfs->root, rest);
}

char *sysfs_device_path(struct broker *b, const struct bdf *bdf,
                        const char *name)
{
    return sysfs_path(b, "bus/pci/devices/%s/%s", bdf_text(b->arena, bdf),
                      name);
}

bool sysfs_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

char *sysfs_read_all(struct broker *b, const char *path)
{
    char chunk[4096], *text = NULL, *bigger;
    size_t len = 0;
    ssize_t n;
    int fd, saved;

    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    while ((n = read(fd, chunk, sizeof(chunk))) > 0 && len < FILE_LIMIT) {
        bigger = arena_alloc(b->arena, len + (size_t)n + 1);
        if (len)
            memcpy(bigger, text, len);
        memcpy(bigger + len, chunk, (size_t)n);
        text = bigger;
        len += (size_t)n;
    }
    saved = errno;
    close(fd);
    errno = saved;
    if (n < 0)
        return NULL;
    return text ? text : arena_strdup(b->arena, "");
}

char *sysfs_read(struct broker *b, const char *path)
{
    char *text = sysfs_read_all(b, path);

    if (text)
        text[strcspn(text, "\n")] = '\0';
    return text;
}

bool sysfs_read_line_at(int dir, const char *path, char *line, size_t size)
{
    ssize_t n;
    int fd;

    fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, line, size - 1);
    close(fd);
    if (n < 0)
        return false;
    line[n] = '\0';
    line[strcspn(line, "\n")] = '\0';
    return true;
}

bool sysfs_read_bytes(const char *path, void *buffer, size_t len)
{
    ssize_t n;
    int fd;

    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, buffer, len);
    close(fd);
    return n >= 0 && (size_t)n == len;
}

long sysfs_read_number(struct broker *b, const char *path, long otherwise)
{
    char *text = sysfs_read(b, path), *end;
    long value;

    if (!text || !*text)
        return otherwise;
    errno = 0;
    value = strtol(text, &end, 0);
    return errno || *end ? otherwise : value;
}

char *sysfs_link(struct broker *b, const char *path)
{
    char target[PATH_MAX];
    ssize_t n;

    n = readlink(path, target, sizeof(target));
    if (n <= 0 || n == sizeof(target))
        return NULL;
    return arena_strndup(b->arena, target, (size_t)n);
}

char *sysfs_link_name(struct broker *b, const char *path)
{
    char *target = sysfs_link(b, path), *slash;

    if (!target)
        return NULL;
    slash = strrchr(target, '/');
    return slash ? slash + 1 : target;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **sysfs_names(struct broker *b, const char *path, size_t *count,
                   bool *there)
{
    struct dirent *entry;
    char **names = NULL;
    DIR *dir;

    *count = 0;
    dir = opendir(path);
    *there = dir != NULL;
    if (!dir)
        return NULL;
    while ((entry = readdir(dir))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        names = arena_extend(b->arena, names, *count, sizeof(*names));
        names[(*count)++] = arena_strdup(b->arena, entry->d_name);
    }
    closedir(dir);
    if (*count)
        qsort(names, *count, sizeof(*names), compare_names);
    return names;
}

int sysfs_write(struct broker *b, const char *path, const char *text)
{
    return b->sysfs->ops->write(b->sysfs, path, text);
}
