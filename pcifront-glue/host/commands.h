/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_COMMANDS_H
#define SHADOWPORT_COMMANDS_H

#include <linux/ktime.h>

#include "ports.h"
#include "transport.h"

/* ---- the worker (commands.c) */

void sp_commands_start(const struct sp_frontend *frontend);
int sp_commands_ready(void);
void sp_commands_stop(void);

/*
 * For the commands: wait, at most so long. 0, -ETIMEDOUT, or -ECANCELED: there is
 * another command.
 */
int sp_command_wait(bool (*cond)(void *arg), void *arg,
		    unsigned int limit_ms);
int sp_command_wait_until(bool (*cond)(void *arg), void *arg, ktime_t end);
void sp_command_settle(void);

static inline ktime_t sp_in_ms(unsigned int ms)
{
	return ktime_add_ms(ktime_get(), ms);
}

/* From the first command of a migration to the end of it (commands.c). */
bool sp_migration_begin(void);
void sp_migration_end(void);

/* ---- the commands: NULL, or the reason for "failed" (cmd_….c) */

const char *sp_cmd_prepare(void);
const char *sp_cmd_quiesce(void);
const char *sp_cmd_resume(void);
const char *sp_cmd_attach(void);
const char *sp_cmd_cancel(void);
const char *sp_cmd_switch(void);

/* ---- what the host is told (publish.c) */

enum sp_phase {
	SP_PHASE_PREPARE,
	SP_PHASE_UNBIND,
	SP_PHASE_QUIESCE,
	SP_PHASE_REPAIR,
	SP_PHASE_JOIN,
	SP_PHASE_RECOVER,
	SP_PHASES
};

void sp_publish_start(const struct sp_frontend *frontend);
void sp_publish_stop(void);
void sp_publish_soon(void);
void sp_publish_all(const char *answer);
void sp_publish_took(enum sp_phase phase, u64 us);

bool sp_port_needs_driver(struct sp_port *port);

/* memory.c */
char *sp_memory_text(void);

#endif
