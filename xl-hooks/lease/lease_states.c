/* SPDX-License-Identifier: GPL-2.0-only */
#include "lease/lease_states.h"

#define NEVER (-1)

static const struct {
    const char *word;
    int next[LEASE_VERB_COUNT];
} states[] = {
    [LEASE_RESERVED] = { "reserved", {
        [LEASE_VERB_reserve] = NEVER, [LEASE_VERB_prepare] = LEASE_PREPARED,
        [LEASE_VERB_commit] = NEVER, [LEASE_VERB_release] = LEASE_ENDED } },
    [LEASE_PREPARED] = { "prepared", {
        [LEASE_VERB_reserve] = NEVER, [LEASE_VERB_prepare] = LEASE_PREPARED,
        [LEASE_VERB_commit] = LEASE_COMMITTED,
        [LEASE_VERB_release] = LEASE_ENDED } },
    [LEASE_COMMITTED] = { "committed", {
        [LEASE_VERB_reserve] = NEVER, [LEASE_VERB_prepare] = NEVER,
        [LEASE_VERB_commit] = LEASE_COMMITTED,
        [LEASE_VERB_release] = LEASE_ENDED } },
    /* libxl's; no verb of a migration is about it */
    [LEASE_HELD_FOR_ROLLBACK] = { "held-for-rollback", {
        NEVER, NEVER, NEVER, NEVER } },
};

static const char *const verbs[] = {
#define VERB(identifier, word) [LEASE_VERB_##identifier] = word,
    LEASE_VERBS
#undef VERB
};

const char *lease_state_word(enum lease_state state)
{
    return states[state].word;
}

const char *lease_verb_word(enum lease_verb verb)
{
    return verbs[verb];
}

bool lease_may(enum lease_state state, enum lease_verb verb,
               enum lease_state *next)
{
    int to = states[state].next[verb];

    if (to == NEVER)
        return false;
    *next = (enum lease_state)to;
    return true;
}
