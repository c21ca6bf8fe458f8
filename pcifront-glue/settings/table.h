/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which settings of a card there are, what they are called, how the kernel is
 * asked for them, and what may become of each on another card. Data: to know of
 * one more setting is to write one more line in table.c.
 */
#ifndef SETTINGS_TABLE_H
#define SETTINGS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is done if a card cannot have the value. */
enum kind {
    KIND_NUMBER,            /* lowered to the card's limit */
    KIND_CHOICE,            /* that one or none: a mode, bytes, on or off */
    KIND_SET,               /* names: lowered to those that the card knows */
    KIND_SPREAD,            /* queues: said with the card's number of entries */
    KIND_RULE               /* "COOKIE BYTES": the queue has to be there */
};

/* How it is in a message; for all that are not asked by netlink WIRE_OTHER. */
enum wire { WIRE_OTHER, WIRE_U8, WIRE_U32, WIRE_ONOFF, WIRE_BITS, WIRE_BYTES };

struct row {
    const char *name;       /* "flag-*": one setting for each bit */
    enum kind kind;
    enum wire wire;
    uint16_t attr;
    uint16_t max_attr;      /* its limit; of bits: those that can be changed */
    uint16_t active_attr;   /* bits: those that are really on */
    uint32_t number;        /* WIRE_OTHER: which one */
    const char *idle;       /* a card without it is like one with this value */
    const char *state_if;   /* while that is on it is no setting, but a result */
    const char *unknown;    /* a value that says nothing */
    const char *not;        /* bits that are somebody else's business */
};

/* WIRE_OTHER: numbers of the rows. */
enum rss { RSS_FUNCTION, RSS_KEY, RSS_INDIRECTION };
enum stamp { STAMP_TX, STAMP_RX };

enum means { MEANS_NETLINK, MEANS_RSS, MEANS_HASH, MEANS_RULES, MEANS_STAMP };

struct group {
    const char *name;       /* for people */
    enum means means;
    uint8_t get, set, told; /* messages of ethtool's netlink */
    bool whole;             /* the settings only make sense together */
    bool quiet;             /* nobody tells when it is changed: look */
    const struct row *rows;
    size_t count;
};

/* In the order in which a card is told: what may change the rest comes first. */
extern const struct group table[];
extern const size_t table_groups;

/* Some of the groups: a bit for each. */
typedef uint32_t groups_t;
#define GROUPS_ALL (~(groups_t)0)

groups_t groups_quiet(void);

#define NAME_MAX_LENGTH 40  /* of what the module says on */

/* The row of a setting that has this name; NULL: nobody knows it. */
const struct row *table_row(const char *name, const struct group **group);
/* "flag-*": what follows "flag-" in the name of a setting. */
bool row_is_many(const struct row *row);
const char *row_bit(const struct row *row, const char *name);

#endif
