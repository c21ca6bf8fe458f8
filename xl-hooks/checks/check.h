/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What has to be so for guests to be migrated with their devices. Pure: facts
 * in; a state, a reason and what cures it out. check_table.c has them all.
 */
#ifndef BROKER_CHECK_H
#define BROKER_CHECK_H

#include <stddef.h>

#include "checks/facts.h"

struct arena;

/* In the order of how bad it is that there is one. */
enum state { STATE_NA, STATE_OK, STATE_WARN, STATE_UNKNOWN, STATE_FAIL };
#define STATES (STATE_FAIL + 1)

enum scope {
    SCOPE_HOST,                 /* asked of each host */
    SCOPE_PAIR,                 /* of this host and the other one */
    SCOPE_GUEST,                /* of each guest here that has wishes */
};

/* How the other host was asked; times in ms. */
struct contact {
    const char *host;           /* as the user calls it; NULL: there is none */
    const char *error;          /* NULL: it answered */
    long long took_ms;
    long long ahead_ms;         /* its clock, give or take half of took_ms */
};

/* What a check is made of. */
struct view {
    struct arena *arena;
    const struct host_facts *host;   /* SCOPE_HOST: the one; else: this host */
    const struct host_facts *other;  /* NULL: not known, or SCOPE_HOST */
    const struct contact *contact;      /* not SCOPE_HOST */
    const struct guest_facts *guest;    /* SCOPE_GUEST */
};

struct finding {
    const struct check *check;
    const char *subject;        /* host or guest; of a pair: the other host */
    enum state state;
    const char *reason;
    const char *cure;           /* a command or what to do, NULL: nothing */
};

typedef void check_function(const struct view *v, struct finding *out);

/* A fact that says it all. */
enum rule { RULE_NONE, RULE_YES, RULE_EMPTY, RULE_AT_LEAST };

struct check {
    const char *name;
    enum scope scope;
    const char *about;
    unsigned states;            /* it can have: bits */
    check_function *judge;      /* NULL: */
    enum rule rule;
    enum fact_id fact;
    long long least;            /* RULE_AT_LEAST */
    enum state bad;
    /* RULE_EMPTY: the list follows `wrong`; RULE_AT_LEAST: the number follows
     * both */
    const char *right, *wrong, *cure;
};

extern const struct check checks[];
extern const size_t check_count;

const char *state_word(enum state state);

/* One check; `out` has the subject already. */
void check_run(const struct check *check, const struct view *v,
               struct finding *out);

struct diagnosis {
    struct finding *findings;
    size_t count;
    size_t states[STATES];      /* how many have it */
};

/* All. contact->host NULL: of this host only; `there` NULL: no answer came. */
void check_all(struct arena *arena, const struct host_facts *here,
               const struct host_facts *there, const struct contact *contact,
               struct diagnosis *diagnosis);

/* ---- for those who judge ---- */

/* False, with the finding made: it is unknown. */
int check_number(const struct fact *fact, struct finding *out,
                 long long *number);
int check_text(const struct fact *fact, struct finding *out,
               const char **text);
/* The same of the other host: not there is not applicable. */
int check_other(const struct view *v, struct finding *out);
void check_say(struct finding *out, enum state state, const char *reason,
               const char *cure);

check_function check_log_dirty, check_page_tables, check_system_library,
    check_libvirt_guests, check_pools_file, check_pools, check_paging,
    check_contact, check_versions, check_xen_versions, check_features_hvm,
    check_features_pv, check_clocks, check_pools_there, check_guest_type,
    check_guest_memory, check_guest_balloon, check_guest_devices,
    check_guest_journal, check_guest_agent, check_guest_marking,
    check_guest_paging, check_guest_late, check_guest_name,
    check_guest_device_there, check_guest_bridges, check_guest_mtu,
    check_guest_disks;

#endif
