// SPDX-License-Identifier: GPL-2.0
/*
 * Settings that a lower did not take: said once, by name, in the kernel log,
 * in /sys/class/net/<shadow>/shadowport/lost and to the host.
 */
#include <linux/ctype.h>
#include <linux/sysfs.h>

#include "shadowport.h"

void sp_lost_init(struct sp_lost *lost)
{
	spin_lock_init(&lost->lock);
	lost->count = 0;
	lost->more = false;
}

/* A lower that joins begins with a clean record. */
void sp_lost_clear(struct sp_shadow *shadow, enum sp_role role)
{
	struct sp_lost *lost = &shadow->lost;
	unsigned int i, kept = 0;

	spin_lock_bh(&lost->lock);
	for (i = 0; i < lost->count; i++)
		if (lost->entry[i].role != role)
			lost->entry[kept++] = lost->entry[i];
	lost->count = kept;
	lost->more = false;
	spin_unlock_bh(&lost->lock);
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
static bool entry_add(struct sp_lost *lost, enum sp_role role,
		      const char *name)
{
	unsigned int i;
	bool fresh = true;

	spin_lock_bh(&lost->lock);
	for (i = 0; i < lost->count; i++)
		if (lost->entry[i].role == role &&
		    !strcmp(lost->entry[i].name, name))
			fresh = false;
	if (fresh && lost->count < SP_LOST_MAX) {
		strscpy(lost->entry[lost->count].name, name, SP_LOST_NAME);
		lost->entry[lost->count++].role = role;
	} else if (fresh) {
		fresh = !lost->more;
		lost->more = true;
	}
	spin_unlock_bh(&lost->lock);
	return fresh;
}

/* @lower did not take the setting called @fmt, or not all of it. RTNL. */
void sp_lost_add(struct sp_shadow *shadow, struct sp_lower *lower, int err,
		 const char *fmt, ...)
{
	enum sp_role role = lower - shadow->lower;
	char name[SP_LOST_NAME];
	va_list args;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	name_clean(name);
	if (!entry_add(&shadow->lost, role, name))
		return;
	sp_count(shadow, SP_LOST_SETTINGS);
	netdev_warn(shadow->dev, "%s does not take %s: %pe\n",
		    netdev_name(lower->dev), name, ERR_PTR(err));
	sp_commands_publish();
}

/* All names, each followed by @end. At most SP_LOST_TEXT bytes. */
void sp_lost_text(struct sp_shadow *shadow, char *buf, char end)
{
	struct sp_lost *lost = &shadow->lost;
	unsigned int i;
	size_t at = 0;

	buf[0] = '\0';
	spin_lock_bh(&lost->lock);
	for (i = 0; i < lost->count; i++)
		at += scnprintf(buf + at, SP_LOST_TEXT - at, "%s%s%c",
				lost->entry[i].role == SP_STANDBY ?
				"standby-" : "", lost->entry[i].name, end);
	if (lost->more)
		scnprintf(buf + at, SP_LOST_TEXT - at, "and-more%c", end);
	spin_unlock_bh(&lost->lock);
}

static ssize_t lost_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	BUILD_BUG_ON(SP_LOST_TEXT > PAGE_SIZE);
	sp_lost_text(netdev_priv(to_net_dev(dev)), buf, '\n');
	return strlen(buf);
}
static DEVICE_ATTR_RO(lost);

static struct attribute *shadow_attrs[] = {
	&dev_attr_lost.attr,
	NULL
};

const struct attribute_group sp_sysfs_group = {
	.name = KBUILD_MODNAME,
	.attrs = shadow_attrs,
};
