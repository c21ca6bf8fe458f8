/* SPDX-License-Identifier: GPL-2.0-only */
/* Exit statuses and reasons of HOOK-PROTOCOL.md. */
#ifndef BROKER_ERRORS_H
#define BROKER_ERRORS_H

enum broker_rc {
    RC_OK = 0,
    RC_REFUSED = 1,             /* the answer says why, per device */
    RC_BAD_REQUEST = 2,         /* request, pools file or command line */
    RC_FAILED = 3,              /* the machine */
};

enum reason {
    REASON_NONE = 0,
#define REASON(identifier, word) REASON_##identifier,
#include "base/reasons.def"
#undef REASON
};

const char *reason_word(enum reason reason);

struct arena;
struct broker;

/* Words of others must not draw on a terminal, or forge a line of a log:
 * control characters are escaped. */
char *printable(struct arena *arena, const char *text);

/* Keep the first text, for the answer and stderr; returns rc. */
int broker_fail(struct broker *b, int rc, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* For people only, on stderr. */
void broker_warn(struct broker *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
