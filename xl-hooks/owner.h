/* SPDX-License-Identifier: GPL-2.0-only */
/* Who holds a lease, and whether it lives. */
#ifndef BROKER_OWNER_H
#define BROKER_OWNER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct broker;

struct owner {
    const char *domain;         /* UUID; or NULL and: */
    pid_t pid;
    uint64_t start;             /* field 22 of /proc/PID/stat */
    const char *boot;           /* boot id of dom0 */
};

/* The process as an owner; RC_BAD_REQUEST if there is none. */
int owner_from_pid(struct broker *b, pid_t pid, struct owner *owner);
int owner_is_alive(struct broker *b, const struct owner *owner, bool *alive);

int owner_domain_is_alive(struct broker *b, const char *uuid, bool *alive);
/* *uuid: of the domain with that number, which libxl has written as text;
 * NULL: there is none. */
int owner_domain_uuid(struct broker *b, const char *domid,
                      const char **uuid);
/* To be called after leases were read and before owners are asked for: a
 * list of domains must not be older than the leases. */
void owner_forget_domains(struct broker *b);

#endif
