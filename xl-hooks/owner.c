/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "assign_check.h"
#include "bdf.h"
#include "broker.h"
#include "owner.h"

#define STAT_START_FIELD 22

struct domain_list {
    struct domain *domains;
    size_t count;
};

/* First line of a file in proc, or NULL with errno set. */
static char *proc_line(struct broker *b, const char *name)
{
    char *path = arena_printf(b->arena, "%s/%s", b->proc_root, name);
    char buffer[4096], *line;
    ssize_t n;
    int fd, saved;

    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    n = read(fd, buffer, sizeof(buffer));
    saved = errno;
    close(fd);
    errno = saved;
    if (n < 0)
        return NULL;
    line = arena_strndup(b->arena, buffer, (size_t)n);
    line[strcspn(line, "\n")] = '\0';
    return line;
}

/* Fields are counted from the last parenthesis: the name of a program, in
 * field 2, can hold anything. */
static bool parse_start(const char *stat, uint64_t *start)
{
    const char *at = strrchr(stat, ')');
    char *end;
    int field;

    if (!at)
        return false;
    for (field = 2; field < STAT_START_FIELD; field++) {
        at = strchr(at, ' ');
        if (!at)
            return false;
        at++;
    }
    errno = 0;
    *start = strtoull(at, &end, 10);
    return !errno && end != at && (*end == ' ' || !*end);
}

/* *there says whether such a process exists. */
static int process_start(struct broker *b, pid_t pid, bool *there,
                         uint64_t *start)
{
    char *stat = proc_line(b, arena_printf(b->arena, "%ld/stat", (long)pid));

    *there = false;
    if (!stat && (errno == ENOENT || errno == ESRCH))
        return RC_OK;
    if (!stat || !parse_start(stat, start))
        return broker_fail(b, RC_FAILED, "%s/%ld/stat cannot be read",
                           b->proc_root, (long)pid);
    *there = true;
    return RC_OK;
}

static int boot_id(struct broker *b, const char **boot)
{
    *boot = proc_line(b, "sys/kernel/random/boot_id");
    if (!*boot || !word_is_uuid(*boot))
        return broker_fail(b, RC_FAILED, "%s/sys/kernel/random/boot_id "
                           "cannot be read", b->proc_root);
    return RC_OK;
}

int owner_from_pid(struct broker *b, pid_t pid, struct owner *owner)
{
    bool there;
    int rc;

    memset(owner, 0, sizeof(*owner));
    owner->pid = pid;
    rc = process_start(b, pid, &there, &owner->start);
    if (rc)
        return rc;
    if (!there)
        return broker_fail(b, RC_BAD_REQUEST,
                           "owner.pid: there is no process %ld", (long)pid);
    return boot_id(b, &owner->boot);
}

void owner_forget_domains(struct broker *b)
{
    b->domains = NULL;
}

static int get_domains(struct broker *b, const struct domain_list **out)
{
    struct domain_list *list = b->domains;
    int r;

    if (!list) {
        list = arena_alloc(b->arena, sizeof(*list));
        r = b->xen->ops->domains(b->xen, b->arena, &list->domains,
                                 &list->count);
        if (r)
            return broker_fail(b, RC_FAILED, "hypervisor: list of domains: "
                               "%s", strerror(r));
        b->domains = list;
    }
    *out = list;
    return RC_OK;
}

int owner_domain_is_alive(struct broker *b, const char *uuid, bool *alive)
{
    const struct domain_list *list;
    size_t i;
    int rc;

    *alive = false;
    rc = get_domains(b, &list);
    if (rc)
        return rc;
    for (i = 0; i < list->count; i++)
        if (!strcmp(list->domains[i].uuid, uuid))
            *alive = true;
    return RC_OK;
}

int owner_domain_uuid(struct broker *b, const char *domid,
                      const char **uuid)
{
    const struct domain_list *list;
    char number[16];
    size_t i;
    int rc;

    *uuid = NULL;
    rc = get_domains(b, &list);
    if (rc)
        return rc;
    for (i = 0; i < list->count; i++) {
        snprintf(number, sizeof(number), "%u", list->domains[i].domid);
        if (!strcmp(number, domid))
            *uuid = list->domains[i].uuid;
    }
    return RC_OK;
}

int owner_is_alive(struct broker *b, const struct owner *owner, bool *alive)
{
    const char *boot;
    uint64_t start;
    bool there;
    int rc;

    *alive = false;
    if (owner->domain)
        return owner_domain_is_alive(b, owner->domain, alive);
    rc = boot_id(b, &boot);
    if (rc || strcmp(boot, owner->boot))
        return rc;
    rc = process_start(b, owner->pid, &there, &start);
    if (!rc)
        *alive = there && start == owner->start;
    return rc;
}
