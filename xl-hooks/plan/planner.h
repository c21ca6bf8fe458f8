/* SPDX-License-Identifier: GPL-2.0-only */
/* What plan.c, judging.c and choose.c work on and explain.c puts into words. */
#ifndef BROKER_PLANNER_H
#define BROKER_PLANNER_H

#include "plan/candidate.h"
#include "plan/plan.h"
#include "choice/pools.h"
#include "proto/request.h"

struct planner {
    struct fact_sources sources;
    const struct pools *pools;
    const struct record *record;

    const struct pool **pool_of;        /* per wish; NULL: none */
    size_t *like;               /* per wish: the first that is judged as it is */
    struct candidate *candidates;       /* in order of BDF */
    size_t count;
    size_t *order;                      /* indices, best merit first */
    bool *member;               /* [wish * count + candidate], `like` only */
    struct judgement *judgements;       /* as member; members only */
    long *chosen;                       /* per wish; -1: none */
    bool *barred;                       /* per wish: its pool keeps the rest */
};

static inline bool *planner_member(const struct planner *p, size_t wish,
                                   size_t candidate)
{
    return &p->member[p->like[wish] * p->count + candidate];
}

static inline struct judgement *planner_judgement(const struct planner *p,
                                                  size_t wish,
                                                  size_t candidate)
{
    return &p->judgements[p->like[wish] * p->count + candidate];
}

/* Does some wish get the candidate? */
static inline bool planner_is_chosen(const struct planner *p,
                                     size_t candidate)
{
    size_t wish;

    for (wish = 0; wish < p->record->count; wish++)
        if (p->chosen[wish] == (long)candidate)
            return true;
    return false;
}

/* judging.c: all that return int return an rc. */
void planner_judge(struct planner *p, size_t candidate);
/* For those who want to hear of each member. */
int planner_identify_all(struct planner *p);
/* A look that costs little. */
int planner_probe(struct planner *p, size_t candidate);

/* How far a look got, and whether the candidate is not what it could have
 * been. */
enum look { LOOK_GOOD, LOOK_PROBE_WORSE, LOOK_WORSE };

int planner_verify(struct planner *p, size_t candidate, enum look *look);
/* Until everything is known that matters. */
int planner_verify_fully(struct planner *p, size_t candidate);

/* choose.c */
int planner_choose(struct planner *p);
/* The best ones first, by what is known. */
void planner_sort(struct planner *p);

/* explain.c */
/* A text about a wish without a device names so many of those it could not
 * have. */
#define EXPLAINED_AT_MOST 8

/* Reason and text of a wish without a device. */
void explain_wish(const struct planner *p, size_t wish,
                  struct planned *planned);
/* What was decided on each device that the wish may have, best first; at most
 * `most` of them. */
void explain_candidates(const struct planner *p, size_t wish, size_t most,
                        struct planned *planned);

/* The same of all wishes in words, a line for each device. */
void explain_print(FILE *out, const struct plan *plan, size_t wishes);

#endif
