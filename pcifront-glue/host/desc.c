// SPDX-License-Identifier: GPL-2.0
/* What the host says about a port, key by key. */
#include <linux/kernel.h>
#include <linux/netdevice.h>
#include <linux/string.h>

#include "desc.h"

static int set_handover(struct sp_desc *desc, const char *value)
{
	static const char * const words[] = { "shadow", "bond", "plain" };
	int i = match_string(words, ARRAY_SIZE(words), value);

	if (i < 0)
		return -EINVAL;
	desc->handover = i;
	return 0;
}

static int set_mac(struct sp_desc *desc, const char *value)
{
	return sp_mac_parse(value, desc->mac);
}

static int set_name(struct sp_desc *desc, const char *value)
{
	if (!dev_valid_name(value) || strchr(value, '%'))
		return -EINVAL;
	strscpy(desc->name, value, sizeof(desc->name));
	return 0;
}

static int set_standby(struct sp_desc *desc, const char *value)
{
	u8 n;

	/* A number is a vif; a slot (test front end) is a PCI NIC. */
	if (!kstrtou8(value, 10, &n)) {
		desc->standby = n;
		return 0;
	}
	if (sp_slot_parse(value, &desc->standby_slot))
		return -EINVAL;
	desc->has_standby_slot = true;
	return 0;
}

static int set_slot(struct sp_desc *desc, const char *value)
{
	if (sp_slot_parse(value, &desc->slot))
		return -EINVAL;
	desc->has_slot = true;
	return 0;
}

static int set_modalias(struct sp_desc *desc, const char *value)
{
	return sp_modalias_parse(value, desc->modalias);
}

static int set_want(struct sp_desc *desc, const char *value)
{
	if (!strcmp(value, "direct"))
		desc->want = SP_WANT_DIRECT;
	else if (!strcmp(value, "standby"))
		desc->want = SP_WANT_STANDBY;
	else
		return -EINVAL;
	return 0;
}

static int set_on_stuck(struct sp_desc *desc, const char *value)
{
	if (!strcmp(value, "abort"))
		desc->on_stuck = SP_ON_STUCK_ABORT;
	else if (!strcmp(value, "force"))
		desc->on_stuck = SP_ON_STUCK_FORCE;
	else
		return -EINVAL;
	return 0;
}

/* Take one property; a value that does not parse changes nothing. */
int sp_desc_set(struct sp_desc *desc, const char *key, const char *value)
{
	static const struct {
		const char *key;
		int (*set)(struct sp_desc *desc, const char *value);
	} keys[] = {
		{ "handover", set_handover },
		{ "mac",      set_mac },
		{ "name",     set_name },
		{ "standby",  set_standby },
		{ "slot",     set_slot },
		{ "modalias", set_modalias },
		{ "want",     set_want },
		{ "on_stuck", set_on_stuck },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(key, keys[i].key))
			return keys[i].set(desc, value);
	return -ENOENT;
}
