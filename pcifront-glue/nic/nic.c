// SPDX-License-Identifier: GPL-2.0
/*
 * Settings of a NIC: asking its driver the way the kernel's ethtool code does,
 * and telling another NIC what was changed.
 */
#include <linux/pm_runtime.h>
#include <linux/rtnetlink.h>

#include "core/compat_netdev.h"
#include "nic/nic.h"

/* The NIC, ready to be asked; an error: it must not be. */
int sp_nic_begin(struct net_device *dev)
{
	const struct ethtool_ops *ops;
	int err = 0;

	ASSERT_RTNL();
	if (!dev)
		return -ENODEV;
	ops = dev->ethtool_ops;
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

void sp_nic_end(struct net_device *dev)
{
	if (dev->ethtool_ops->complete)
		dev->ethtool_ops->complete(dev);
	sp_compat_unlock(dev);
	if (dev->dev.parent)
		pm_runtime_put(dev->dev.parent);
}

#define NAME_LEN	48

void sp_nic_refused(struct sp_nic_replay *replay, int err,
		    const char *fmt, ...)
{
	char name[NAME_LEN];
	va_list args;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	replay->refused(replay, err, name);
}

static bool begin(struct sp_nic_replay *replay)
{
	int err = sp_nic_begin(replay->dev);

	if (err)
		sp_nic_refused(replay, err, "ethtool");
	return !err;
}

/**
 * sp_nic_replay() - what is best said to a NIC that is down
 * @nic: what is kept
 * @replay: who is told
 *
 * It would have to stop for it. Flags and channels come first: they may change
 * what the rest means.
 */
void sp_nic_replay(const struct sp_nic *nic, struct sp_nic_replay *replay)
{
	unsigned int i;

	if (!begin(replay))
		return;
	sp_flags_replay(&nic->flags, replay);
	for (i = 0; i < SP_NUMBERS_GROUPS; i++)
		sp_numbers_replay(&nic->numbers[i], i, replay);
	sp_nic_end(replay->dev);
}

/* The rest: some drivers (igb) spread the queues anew when they are opened. */
void sp_nic_opened(const struct sp_nic *nic, struct sp_nic_replay *replay)
{
	if (!begin(replay))
		return;
	sp_rss_replay(&nic->rss, replay);
	sp_nic_end(replay->dev);
}

void sp_nic_free(struct sp_nic *nic)
{
	sp_rss_free(&nic->rss);
}
