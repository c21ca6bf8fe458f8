/* SPDX-License-Identifier: GPL-2.0-only */
/* The doctor of the other host. */
#ifndef BROKER_PEER_H
#define BROKER_PEER_H

#include <stdbool.h>

struct broker;
struct contact;
struct host_facts;

#define PEER_SSH "ssh -o BatchMode=yes -o ConnectTimeout=10"

struct peer {
    const char *host;
    const char *ssh;            /* as for xl migrate -s; "": `host` is all */
    bool probe;                 /* it may make a domain, too */
    int limit_ms;
};

/* Its facts, with a question of what those here make interesting. False: not,
 * contact->error says why. */
bool peer_ask(struct broker *b, const struct peer *peer,
              const struct host_facts *here, struct host_facts *there,
              struct contact *contact);

#endif
