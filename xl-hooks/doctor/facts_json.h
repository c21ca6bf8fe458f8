/* SPDX-License-Identifier: GPL-2.0-only */
/* Facts as they go from host to host. */
#ifndef BROKER_FACTS_JSON_H
#define BROKER_FACTS_JSON_H

#include <stddef.h>

#include <yajl/yajl_gen.h>

struct broker;
struct doctor;
struct host_facts;
struct json;

/* The member "facts" of an object that is open. */
void facts_emit(yajl_gen gen, const struct host_facts *facts);

/* Of what another host said, a document with that member: what is missing or
 * of the wrong type is unknown. RC_OK or RC_BAD_REQUEST. */
int facts_read(struct broker *b, const char *text, size_t len,
               struct host_facts *facts);

/* What one host asks another one. */
char *question_text(struct broker *b, const struct host_facts *facts);
int question_read(struct doctor *d, const char *text, size_t len);

#endif
