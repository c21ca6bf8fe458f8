/* SPDX-License-Identifier: GPL-2.0-only */
/* The verbs of HOOK-PROTOCOL.md: request text in, answer text out. */
#ifndef BROKER_VERBS_H
#define BROKER_VERBS_H

#include <stdbool.h>
#include <stddef.h>

struct broker;

struct verb_input {
    const char *text;           /* stdin */
    size_t len;
    const char *argument;       /* of the command line, or NULL */
    bool force;                 /* gc --force */
    const char *like, *pool;    /* plan --like --pool, or NULL */
    bool attributes;            /* pools --attributes */
};

/* Each returns an rc; *answer is set for RC_OK and RC_REFUSED. */
typedef int verb_function(struct broker *b, const struct verb_input *input,
                          char **answer);

verb_function verb_assignable, verb_describe, verb_plan, verb_reserve,
              verb_prepare, verb_commit, verb_filter, verb_release,
              verb_list, verb_gc, verb_pools, verb_check_config;

#endif
