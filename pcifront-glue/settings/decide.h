/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of a setting on another card, and what somebody has changed. */
#ifndef SETTINGS_DECIDE_H
#define SETTINGS_DECIDE_H

#include <stdbool.h>

#include "list.h"
#include "table.h"

enum verdict {
    VERDICT_SAME,           /* the card is like that */
    VERDICT_CARRY,
    VERDICT_LOWER,          /* as far as the card goes: it is named */
    VERDICT_REFUSE          /* not at all: it is named */
};

struct decision {
    enum verdict verdict;
    bool tell;              /* the card has to be told `want` */
    char *want;             /* to be freed; NULL: REFUSE */
    char *why;              /* for people, to be freed; NULL: CARRY, SAME */
};

/* `card`: what the group of the row has on the new card. */
struct decision decide(const struct row *row, const struct setting *kept,
                       const struct list *card);
void decision_free(struct decision *decision);

/* What was done to the card between `seen` and `now`, which have the settings
 * of one group, is kept from now on. True: something was. */
bool record_changes(struct list *kept, const struct group *group,
                    const struct list *seen, const struct list *now);

#endif
