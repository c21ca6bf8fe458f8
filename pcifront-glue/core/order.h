/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_ORDER_H
#define SHADOWPORT_ORDER_H

#include <linux/types.h>

/*
 * The guest's half of PROTOCOL.md as a pure state machine: text in, verdict
 * and text out. No I/O, no locks, no memory of its own.
 */

#define SP_UUID_LEN	36
#define SP_WORD_LEN	32	/* longest command, with its NUL */
#define SP_REASON_LEN	65	/* longest reason, with its NUL */
#define SP_ANSWER_LEN	(SP_UUID_LEN + 22 + SP_WORD_LEN + SP_REASON_LEN)

enum sp_command {
	SP_CMD_IDLE,
	SP_CMD_PREPARE,
	SP_CMD_QUIESCE,
	SP_CMD_RESUME,
	SP_CMD_ATTACH,
	SP_CMD_CANCEL,
	SP_CMD_SWITCH,
	SP_CMD_UNKNOWN,
};

/* One value of control/pci-migrate. */
struct sp_order {
	char uuid[SP_UUID_LEN + 1];
	u64 seq;
	char word[SP_WORD_LEN];
	enum sp_command command;
};

enum sp_verdict {
	SP_NOTHING,	/* no answer is due */
	SP_REPEAT,	/* answered before: answer the same again */
	SP_RUN,		/* do it, then sp_machine_done() */
};

struct sp_machine {
	bool handled;
	struct sp_order last;
	char answer[SP_ANSWER_LEN];
};

void sp_machine_init(struct sp_machine *m);
int sp_order_parse(const char *text, struct sp_order *order);
bool sp_order_same(const struct sp_order *a, const struct sp_order *b);
enum sp_verdict sp_machine_next(const struct sp_machine *m,
				const struct sp_order *order);
void sp_machine_done(struct sp_machine *m, const struct sp_order *order,
		     const char *reason);

#endif
