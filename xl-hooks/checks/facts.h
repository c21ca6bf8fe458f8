/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known of a host and its guests, and of what is not known why. */
#ifndef BROKER_FACTS_H
#define BROKER_FACTS_H

#include <stddef.h>

enum fact_kind { FACT_UNKNOWN, FACT_NUMBER, FACT_TEXT };

/* One that nobody has set is unknown. */
struct fact {
    enum fact_kind kind;
    long long number;
    const char *text;           /* unknown: why, or NULL */
};

enum fact_id {
#define NUMBER(identifier) HOST_##identifier,
#define TEXT(identifier) HOST_##identifier,
#include "checks/facts.def"
#undef NUMBER
#undef TEXT
    HOST_FACTS
};

enum guest_fact_id {
#define NUMBER(identifier) GUEST_##identifier,
#define TEXT(identifier) GUEST_##identifier,
#include "checks/guest_facts.def"
#undef NUMBER
#undef TEXT
    GUEST_FACTS
};

/* How it is called, and what it has to be. */
struct fact_name {
    const char *name;
    enum fact_kind kind;
};

extern const struct fact_name host_fact_names[HOST_FACTS];
extern const struct fact_name guest_fact_names[GUEST_FACTS];

struct pool_fact {
    const char *name;
    size_t free, taken, unfit;
    const char *why;            /* the first that is unfit, and why; or NULL */
};

struct interface_fact {
    const char *name;
    long mtu;                   /* -1: unknown */
    int bridge, up;
};

/* A device that a guest shall have. */
struct wish_fact {
    const char *id, *pool;      /* pool: or NULL */
    const char *handover;       /* "default": by class */
    const char *if_missing;
    const char *model;          /* VENDOR:DEVICE of the one it has, or NULL */
    const char *bdf;            /* of that, on its host only; or NULL */
};

struct guest_facts {
    struct fact facts[GUEST_FACTS];
    struct wish_fact *wishes;
    size_t wish_count;
    const char **bridges;       /* one for each vif */
    size_t bridge_count;
    const char **disks;         /* paths */
    size_t disk_count;
};

/* What one host sees at a path that another one asks for. */
struct disk_fact {
    const char *path;
    const char *kind;           /* "file", "block", "other", "missing", or
                                 * "unknown" */
    long long size;             /* -1: unknown */
    const char *identity;       /* of a block device that has one, or NULL */
    int shared;                 /* a file on a file system of the network */
};

struct host_facts {
    const char *host;           /* how it calls itself */
    struct fact facts[HOST_FACTS];
    struct pool_fact *pools;
    size_t pool_count;
    struct interface_fact *interfaces;
    size_t interface_count;
    struct guest_facts *guests;
    size_t guest_count;
    struct disk_fact *disks;
    size_t disk_count;
};

struct fact fact_number(long long number);
struct fact fact_text(const char *text);
struct fact fact_unknown(const char *why);

const struct pool_fact *facts_pool(const struct host_facts *facts,
                                   const char *name);
const struct interface_fact *facts_interface(const struct host_facts *facts,
                                             const char *name);
const struct disk_fact *facts_disk(const struct host_facts *facts,
                                   const char *path);

/* How often a word is in a list. */
size_t facts_words(const char *list, const char *word);

#endif
