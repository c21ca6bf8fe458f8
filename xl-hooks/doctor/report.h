/* SPDX-License-Identifier: GPL-2.0-only */
/* What was found, for people and for programs. */
#ifndef BROKER_REPORT_H
#define BROKER_REPORT_H

#include <stdbool.h>

struct broker;
struct contact;
struct diagnosis;
struct host_facts;

/* Lines without the last newline, of what is not good, or of all. `there` may
 * be NULL. */
char *report_table(struct broker *b, const struct diagnosis *d,
                   const struct host_facts *here,
                   const struct host_facts *there,
                   const struct contact *contact, bool all);
char *report_json(struct broker *b, const struct diagnosis *d,
                  const struct host_facts *here,
                  const struct host_facts *there,
                  const struct contact *contact);
/* Of this host only. */
char *report_metrics(struct broker *b, const struct diagnosis *d,
                     const struct host_facts *here);
/* Of --list, and of --peer. */
char *report_checks(struct broker *b);
char *report_facts(struct broker *b, const struct host_facts *here);

#endif
