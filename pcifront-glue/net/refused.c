// SPDX-License-Identifier: GPL-2.0
/*
 * Settings that a lower did not take: said once, by name, in the kernel log,
 * in /sys/class/net/<shadow>/shadowport/lost and to the owner.
 */
#include <linux/ctype.h>

#include "net_priv.h"

void sp_refused_init(struct sp_refused *refused)
{
	spin_lock_init(&refused->lock);
	refused->count = 0;
	refused->more = false;
}

/* A lower that joins begins with a clean record. */
void sp_refused_clear(struct sp_shadow *shadow, enum sp_role role)
{
	struct sp_refused *refused = &shadow->refused;
	unsigned int i, kept = 0;

	spin_lock_bh(&refused->lock);
	for (i = 0; i < refused->count; i++)
		if (refused->entry[i].role != role)
			refused->entry[kept++] = refused->entry[i];
	refused->count = kept;
	refused->more = false;
	spin_unlock_bh(&refused->lock);
}

/* Parts of names come from drivers (private flags): keep to plain letters. */
static void name_clean(char *name)
{
	for (; *name; name++) {
		if (!isascii(*name) || !(isalnum(*name) || *name == '.'))
			*name = '-';
		*name = tolower(*name);
	}
}

/* False: it was there before. */
static bool entry_add(struct sp_refused *refused, enum sp_role role,
		      const char *name)
{
	unsigned int i;
	bool fresh = true;

	spin_lock_bh(&refused->lock);
	for (i = 0; i < refused->count; i++)
		if (refused->entry[i].role == role &&
		    !strcmp(refused->entry[i].name, name))
			fresh = false;
	if (fresh && refused->count < SP_REFUSED_MAX) {
		strscpy(refused->entry[refused->count].name, name, SP_REFUSED_NAME);
		refused->entry[refused->count++].role = role;
	} else if (fresh) {
		fresh = !refused->more;
		refused->more = true;
	}
	spin_unlock_bh(&refused->lock);
	return fresh;
}

/* @lower did not take the setting called @fmt, or not all of it. RTNL. */
void sp_refused_add(struct sp_shadow *shadow, struct sp_lower *lower, int err,
		    const char *fmt, ...)
{
	enum sp_role role = lower - shadow->lower;
	char name[SP_REFUSED_NAME];
	va_list args;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	name_clean(name);
	if (!entry_add(&shadow->refused, role, name))
		return;
	sp_count(shadow, SP_REFUSED);
	netdev_warn(shadow->dev, "%s does not take %s: %pe\n",
		    netdev_name(lower->dev), name, ERR_PTR(err));
	sp_net_owner->event(SP_EVENT_DEVICES);
}

/* All names, each followed by @end. At most SP_NET_REFUSED_TEXT bytes. */
void sp_refused_text(struct sp_shadow *shadow, char *buf, char end)
{
	struct sp_refused *refused = &shadow->refused;
	unsigned int i;
	size_t at = 0;

	buf[0] = '\0';
	spin_lock_bh(&refused->lock);
	for (i = 0; i < refused->count; i++)
		at += scnprintf(buf + at, SP_NET_REFUSED_TEXT - at, "%s%s%c",
				refused->entry[i].role == SP_STANDBY ?
				"standby-" : "", refused->entry[i].name, end);
	if (refused->more)
		scnprintf(buf + at, SP_NET_REFUSED_TEXT - at, "and-more%c", end);
	spin_unlock_bh(&refused->lock);
}
