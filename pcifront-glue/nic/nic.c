// SPDX-License-Identifier: GPL-2.0
/*
 * Settings of the NIC itself: asking the driver of the direct lower the way
 * the kernel's ethtool code does, and telling a new one what was changed.
 */
#include <linux/pm_runtime.h>
#include <linux/rtnetlink.h>

#include "shadowport.h"

static int nic_begin(struct net_device *dev)
{
	const struct ethtool_ops *ops = dev->ethtool_ops;
	int err = 0;

	if (!ops)
		return -EOPNOTSUPP;
	if (dev->dev.parent)
		pm_runtime_get_sync(dev->dev.parent);
	sp_compat_lock(dev);
	if (!netif_device_present(dev) ||
	    dev->reg_state != NETREG_REGISTERED)
		err = -ENODEV;
	else if (ops->begin)
		err = ops->begin(dev);
	if (err >= 0)
		return 0;
	sp_compat_unlock(dev);
	if (dev->dev.parent)
		pm_runtime_put(dev->dev.parent);
	return err;
}

/* The passed-through NIC, ready to be asked; -ENODEV while there is none. */
struct net_device *sp_nic_begin(struct sp_shadow *shadow)
{
	struct net_device *dev = shadow->lower[SP_DIRECT].dev;
	int err;

	ASSERT_RTNL();
	if (!dev)
		return ERR_PTR(-ENODEV);
	err = nic_begin(dev);
	return err ? ERR_PTR(err) : dev;
}

void sp_nic_end(struct net_device *dev)
{
	if (dev->ethtool_ops->complete)
		dev->ethtool_ops->complete(dev);
	sp_compat_unlock(dev);
	if (dev->dev.parent)
		pm_runtime_put(dev->dev.parent);
}

static void replay(struct sp_shadow *shadow, struct sp_lower *lower,
		   void (*run)(struct sp_shadow *, struct sp_lower *))
{
	struct net_device *dev = sp_nic_begin(shadow);

	if (IS_ERR(dev)) {
		sp_lost_add(shadow, lower, PTR_ERR(dev), "ethtool");
		return;
	}
	run(shadow, lower);
	sp_nic_end(dev);
}

/* Flags and channels come first: they may change what the rest means. */
static void replay_down(struct sp_shadow *shadow, struct sp_lower *lower)
{
	sp_flags_replay(shadow, lower);
	sp_words_replay(shadow, lower);
}

/* What is best said to a NIC that is down: it would have to stop for it. */
void sp_nic_replay(struct sp_shadow *shadow, struct sp_lower *lower)
{
	if (lower == &shadow->lower[SP_DIRECT])
		replay(shadow, lower, replay_down);
}

/* The rest: some drivers (igb) spread the queues anew when they are opened. */
void sp_nic_opened(struct sp_shadow *shadow, struct sp_lower *lower)
{
	if (lower == &shadow->lower[SP_DIRECT])
		replay(shadow, lower, sp_rss_replay);
}
