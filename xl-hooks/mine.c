/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "arena.h"
#include "broker.h"
#include "lock.h"
#include "mine.h"

static void add(struct broker *b, struct mine *mine, const struct holding *h)
{
    struct done *done;

    mine->list = arena_extend(b->arena, mine->list, mine->count,
                              sizeof(*mine->list));
    mine->done = arena_extend(b->arena, mine->done, mine->count,
                              sizeof(*mine->done));
    mine->list[mine->count] = *h;
    done = &mine->done[mine->count++];
    memset(done, 0, sizeof(*done));
    done->id = h->lease->id;
    done->bdf = h->bdf;
    done->state = lease_state_word(h->lease->state);
}

int mine_read(struct broker *b, uint32_t txn,
              const struct lease_request *request, struct mine *mine)
{
    struct holdings all;
    const struct holding *h;
    size_t i;
    int rc;

    memset(mine, 0, sizeof(*mine));
    rc = leases_of_migration(b, txn, request->migration, &all);
    if (rc)
        return rc;
    for (i = 0; i < all.count; i++) {
        h = &all.list[i];
        if (h->lease->state == LEASE_HELD_FOR_ROLLBACK)
            continue;
        if (strcmp(h->lease->domain, request->domain))
            return broker_fail(b, RC_BAD_REQUEST, "domain: the leases of "
                               "migration %s are for domain %s",
                               request->migration, h->lease->domain);
        add(b, mine, h);
    }
    return RC_OK;
}

int mine_check_state(struct broker *b, const struct mine *mine,
                     enum lease_verb verb)
{
    enum lease_state next;
    size_t i;

    for (i = 0; i < mine->count; i++)
        if (!lease_may(mine->list[i].lease->state, verb, &next))
            return broker_fail(b, RC_BAD_REQUEST, "%s is %s: no %s now",
                               bdf_text(b->arena, &mine->list[i].bdf),
                               lease_state_word(mine->list[i].lease->state),
                               lease_verb_word(verb));
    return RC_OK;
}

int mine_check_lock(struct broker *b, const struct mine *mine,
                    enum owner_check what)
{
    const char *lock;
    size_t i;

    for (i = 0; i < mine->count; i++) {
        lock = mine->list[i].lease->owner.lock;
        if (!lock || lock_is_ours(b, lock) ||
            (what == OWNER_MAY_BE_DEAD && !lock_is_held(b, lock)))
            continue;
        return broker_fail(b, RC_BAD_REQUEST, "leases of migration %s belong "
                           "to the lock %s, which this process did not "
                           "inherit", mine->list[i].lease->migration, lock);
    }
    return RC_OK;
}

void mine_refuse(struct mine *mine, size_t i, enum reason reason,
                 const char *text)
{
    mine->done[i].reason = reason;
    mine->done[i].text = text;
}

char *mine_answer(struct broker *b, const struct lease_request *request,
                  const struct mine *mine, int rc)
{
    return reply_done(b, request->migration, rc == RC_REFUSED, mine->done,
                      mine->count);
}
