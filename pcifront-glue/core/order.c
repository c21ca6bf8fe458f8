// SPDX-License-Identifier: GPL-2.0
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/uuid.h>

#include "core/order.h"

#define SP_NO_UUID "00000000-0000-0000-0000-000000000000"

static const struct {
	const char *word;
	const char *done;
} commands[] = {
	[SP_CMD_IDLE]    = { "idle",    "ready" },
	[SP_CMD_PREPARE] = { "prepare", "prepared" },
	[SP_CMD_QUIESCE] = { "quiesce", "quiesced" },
	[SP_CMD_RESUME]  = { "resume",  "resumed" },
	[SP_CMD_ATTACH]  = { "attach",  "recovered" },
	[SP_CMD_CANCEL]  = { "cancel",  "ready" },
	[SP_CMD_SWITCH]  = { "switch",  "switched" },
};

static enum sp_command command_of(const char *word)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(word, commands[i].word))
			return i;
	return SP_CMD_UNKNOWN;
}

void sp_machine_init(struct sp_machine *m)
{
	memset(m, 0, sizeof(*m));
	strscpy(m->answer, SP_NO_UUID " 0 ready", sizeof(m->answer));
}

/* "<uuid> <seq> <command>" and nothing else; one final newline is allowed. */
int sp_order_parse(const char *text, struct sp_order *order)
{
	const char *p = text + SP_UUID_LEN;
	size_t digits, letters;
	char number[21];

	memset(order, 0, sizeof(*order));
	if (strnlen(text, SP_UUID_LEN) < SP_UUID_LEN || !uuid_is_valid(text))
		return -EINVAL;
	memcpy(order->uuid, text, SP_UUID_LEN);

	if (*p++ != ' ')
		return -EINVAL;
	digits = strspn(p, "0123456789");
	if (!digits || digits >= sizeof(number))
		return -EINVAL;
	memcpy(number, p, digits);
	number[digits] = '\0';
	if (kstrtou64(number, 10, &order->seq))
		return -EINVAL;

	p += digits;
	if (*p++ != ' ')
		return -EINVAL;
	letters = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789-");
	if (!letters || letters >= sizeof(order->word))
		return -EINVAL;
	memcpy(order->word, p, letters);
	p += letters;
	if (*p == '\n')
		p++;
	if (*p)
		return -EINVAL;
	order->command = command_of(order->word);
	return 0;
}

/*
 * The word is compared too: after a restore the numbers start again, in the
 * tree of the same migration.
 */
bool sp_order_same(const struct sp_order *a, const struct sp_order *b)
{
	return a->seq == b->seq && !strcmp(a->uuid, b->uuid) &&
	       !strcmp(a->word, b->word);
}

enum sp_verdict sp_machine_next(const struct sp_machine *m,
				const struct sp_order *order)
{
	if (order->command == SP_CMD_IDLE)
		return SP_NOTHING;
	if (m->handled && sp_order_same(&m->last, order))
		return SP_REPEAT;
	return SP_RUN;
}

/* @reason: NULL if the command was done, else why it was not. */
void sp_machine_done(struct sp_machine *m, const struct sp_order *order,
		     const char *reason)
{
	const char *state = "failed";

	if (order->command == SP_CMD_UNKNOWN)
		reason = "unknown-command";
	if (!reason)
		state = commands[order->command].done;

	m->handled = true;
	m->last = *order;
	snprintf(m->answer, sizeof(m->answer), "%s %llu %s%s%s", order->uuid,
		 order->seq, state, reason ? " " : "", reason ?: "");
}
