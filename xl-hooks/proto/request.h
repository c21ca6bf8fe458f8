/* SPDX-License-Identifier: GPL-2.0-only */
/* What comes in on stdin, checked. */
#ifndef BROKER_REQUEST_H
#define BROKER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bdf.h"

#define REQUEST_MAX_DEVICES 64

struct broker;
struct json;
struct place;
struct reader;
struct vf_settings;

enum handover { HANDOVER_SHADOW, HANDOVER_BOND, HANDOVER_PLAIN };
enum if_missing { IF_MISSING_FAIL, IF_MISSING_STANDBY };
enum domain_type { DOMAIN_PV, DOMAIN_HVM };

struct wish {
    const char *id;
    const char *pool;           /* or NULL */
    enum handover handover;
    long standby;               /* or -1 */
    const char *mac;            /* or NULL */
    enum if_missing if_missing;
};

/* The device the guest has at the source. */
struct source_device {
    uint16_t vendor, device;
    uint32_t class;
    const char *driver;         /* or NULL */
    struct vf_settings *vf;     /* NULL: it is no VF */
};

struct wanted {
    struct wish wish;
    const char *bdf;            /* or NULL */
    unsigned mtu;               /* the guest uses; 0: it does not say */
    struct source_device *host; /* record only; or NULL */
};

struct record {
    const struct json *json;
    const char *migration;
    bool dry_run;
    const char *domain_uuid;
    const char *domain_name;    /* NULL: whichever (a dry run by hand) */
    enum domain_type type;
    const char *memory;         /* base/spans.h; NULL: the guest does not say */
    struct wanted *devices;
    size_t count;
};

struct reserve_request {
    struct record record;
    const char *owner;          /* name of a lock; NULL: none is named */
    long numa;                  /* preferred node, or -1 */
};

struct lease_request {
    const char *migration, *domain;
};

enum filter_action { FILTER_CLEAR, FILTER_SET, FILTER_NOTE };

struct filter_device {
    const char *id;
    struct bdf bdf;
    const char *mac;            /* or NULL: the one in the VF node */
    enum filter_action action;
};

struct filter_request {
    const char *migration, *domain;
    struct filter_device *devices;
    size_t count;
};

/* All return RC_OK or RC_BAD_REQUEST with a text that names the key. */
int request_describe(struct broker *b, const char *text, size_t len,
                     struct record *record);
/* A device of a record, with `host`. */
int request_wanted(const struct reader *r, const struct place *at,
                   struct wanted *wanted);
int request_reserve(struct broker *b, const char *text, size_t len,
                    struct reserve_request *request);
int request_lease(struct broker *b, const char *text, size_t len,
                  struct lease_request *request);
int request_filter(struct broker *b, const char *text, size_t len,
                   struct filter_request *request);

#endif
