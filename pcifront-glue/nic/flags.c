// SPDX-License-Identifier: GPL-2.0
/*
 * Private flags of a NIC's driver. Each driver has its own, in its own order:
 * what was changed is known by its name.
 */
#include <linux/slab.h>

#include "nic/nic.h"

static int flags_count(struct net_device *dev)
{
	const struct ethtool_ops *ops = dev->ethtool_ops;
	int n;

	if (!ops->get_sset_count || !ops->get_strings ||
	    !ops->get_priv_flags || !ops->set_priv_flags)
		return -EOPNOTSUPP;
	n = ops->get_sset_count(dev, ETH_SS_PRIV_FLAGS);
	return n > SP_FLAGS_MAX ? -E2BIG : n;
}

/* The names of all flags, to be freed; NULL: there are none. */
static char (*flags_names(struct net_device *dev, int *n))[ETH_GSTRING_LEN]
{
	char (*names)[ETH_GSTRING_LEN];

	*n = flags_count(dev);
	if (*n <= 0)
		return NULL;
	names = kcalloc(*n, ETH_GSTRING_LEN, GFP_KERNEL);
	if (names)
		dev->ethtool_ops->get_strings(dev, ETH_SS_PRIV_FLAGS,
					      (u8 *)names);
	return names;
}

int sp_flags_count(struct net_device *dev)
{
	int n = sp_nic_begin(dev);

	if (n)
		return n;
	n = flags_count(dev);
	sp_nic_end(dev);
	return n;
}

void sp_flags_strings(struct net_device *dev, u8 *data)
{
	if (sp_nic_begin(dev))
		return;
	if (flags_count(dev) > 0)
		dev->ethtool_ops->get_strings(dev, ETH_SS_PRIV_FLAGS, data);
	sp_nic_end(dev);
}

u32 sp_flags_get(struct net_device *dev)
{
	u32 flags = 0;

	if (sp_nic_begin(dev))
		return 0;
	if (flags_count(dev) > 0)
		flags = dev->ethtool_ops->get_priv_flags(dev);
	sp_nic_end(dev);
	return flags;
}

static void flag_record(struct sp_flags *flags, const char *name, bool on)
{
	unsigned int i;

	for (i = 0; i < flags->count; i++)
		if (!strncmp(flags->flag[i].name, name, ETH_GSTRING_LEN))
			break;
	if (i == SP_FLAGS_MAX)
		return;
	if (i == flags->count)
		flags->count++;
	memcpy(flags->flag[i].name, name, ETH_GSTRING_LEN);
	flags->flag[i].on = on;
}

static int flags_set(struct net_device *dev, u32 flags, struct sp_flags *kept)
{
	char (*names)[ETH_GSTRING_LEN];
	int i, n, err;
	u32 changed;

	names = flags_names(dev, &n);
	if (!names)
		return n < 0 ? n : -EOPNOTSUPP;
	changed = flags ^ dev->ethtool_ops->get_priv_flags(dev);
	err = dev->ethtool_ops->set_priv_flags(dev, flags);
	for (i = 0; !err && i < n; i++)
		if (changed & BIT(i))
			flag_record(kept, names[i], flags & BIT(i));
	kfree(names);
	return err;
}

int sp_flags_set(struct net_device *dev, u32 flags, struct sp_flags *kept)
{
	int err = sp_nic_begin(dev);

	if (err)
		return err;
	err = flags_set(dev, flags, kept);
	sp_nic_end(dev);
	return err;
}

static int flag_find(char (*names)[ETH_GSTRING_LEN], int n, const char *name)
{
	int i;

	for (i = 0; names && i < n; i++)
		if (!strncmp(names[i], name, ETH_GSTRING_LEN))
			return i;
	return -ENOENT;
}

/* One at a time: a driver may refuse one and take the next. */
static int flag_replay(struct net_device *dev, int bit, bool on)
{
	const struct ethtool_ops *ops = dev->ethtool_ops;
	u32 now = ops->get_priv_flags(dev);
	u32 want = on ? now | BIT(bit) : now & ~BIT(bit);

	return want == now ? 0 : ops->set_priv_flags(dev, want);
}

void sp_flags_replay(const struct sp_flags *kept,
		     struct sp_nic_replay *replay)
{
	char (*names)[ETH_GSTRING_LEN];
	unsigned int i;
	int n, err;

	if (!kept->count)
		return;
	names = flags_names(replay->dev, &n);
	for (i = 0; i < kept->count; i++) {
		err = flag_find(names, n, kept->flag[i].name);
		if (err >= 0)
			err = flag_replay(replay->dev, err, kept->flag[i].on);
		if (err)
			sp_nic_refused(replay, err, "flag-%.*s",
				       ETH_GSTRING_LEN, kept->flag[i].name);
	}
	kfree(names);
}
