/* SPDX-License-Identifier: GPL-2.0-only */
/* A report of `xl migrate --report`, as bars on one clock. */
#ifndef BROKER_STORY_H
#define BROKER_STORY_H

#include <stdbool.h>
#include <stddef.h>

struct broker;

enum lane { LANE_SOURCE, LANE_WIRE, LANE_DESTINATION, LANE_GUEST };
#define LANES (LANE_GUEST + 1)

/*
 * Two stretches of one clock: the source's times are counted from the end of
 * what it sent, and negative; those of destination and guest from the
 * permission to run (GO). How long the destination took in between, to
 * complete the domain, is in no report.
 */
struct bar {
    enum lane lane;
    const char *what;
    long long from, to;         /* ms */
    bool after_go;
    bool part;                  /* of another one, which it lies upon */
};

/* Something at a time after GO. */
struct mark {
    const char *what;
    long long at;
};

struct story {
    const char *outcome, *reason;       /* reason: or NULL */
    const char *devices;        /* a line about each that the guest has */
    struct bar *bars;           /* in the order of the report */
    size_t bar_count;
    struct mark *marks;
    size_t mark_count;
    bool sent;                  /* all of the guest was */
    /* Since when, before what was sent: the guest does not run, it does not
     * have its device; 1: that is not known. */
    long long still_from, away_from;
    /* Until when, after GO: it runs, it has its device; -1: not known. */
    long long runs_at, back_at;
};

/* RC_OK or RC_BAD_REQUEST. */
int story_read(struct broker *b, const char *source, const char *text,
               size_t len, struct story *story);

#endif
