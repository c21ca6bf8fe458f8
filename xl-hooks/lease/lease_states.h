/* SPDX-License-Identifier: GPL-2.0-only */
/* What verbs may do to a lease: HOOK-PROTOCOL.md has the table, and a test
 * holds it against this one and against what happens. */
#ifndef BROKER_LEASE_STATES_H
#define BROKER_LEASE_STATES_H

#include <stdbool.h>

enum lease_state {
    LEASE_RESERVED, LEASE_PREPARED, LEASE_COMMITTED, LEASE_HELD_FOR_ROLLBACK,
    LEASE_ENDED                 /* there is none any more */
};

#define LEASE_VERBS \
    VERB(reserve, "reserve") \
    VERB(prepare, "prepare") \
    VERB(commit, "commit") \
    VERB(release, "release")

enum lease_verb {
#define VERB(identifier, word) LEASE_VERB_##identifier,
    LEASE_VERBS
#undef VERB
    LEASE_VERB_COUNT
};

/* Not LEASE_ENDED. */
const char *lease_state_word(enum lease_state state);
const char *lease_verb_word(enum lease_verb verb);

/* False: a bad request. Otherwise *next is the state after the verb. */
bool lease_may(enum lease_state state, enum lease_verb verb,
               enum lease_state *next);

#endif
