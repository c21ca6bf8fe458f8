// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics: those of a NIC, which are the sum of what the lowers counted since
 * they joined. What the shadow device drops by itself is added by the kernel.
 */
#include "net_priv.h"

static_assert(sizeof(struct rtnl_link_stats64) % sizeof(u64) == 0);
#define NUMBERS	(sizeof(struct rtnl_link_stats64) / sizeof(u64))

void sp_stats_init(struct sp_shadow *shadow)
{
	spin_lock_init(&shadow->stats_lock);
}

/* Some drivers begin anew when they are opened: never count backwards. */
static void lower_fold(struct sp_shadow *shadow, struct sp_lower *lower,
		       const struct rtnl_link_stats64 *now)
{
	u64 *seen = (u64 *)&lower->seen, *sum = (u64 *)&shadow->stats;
	const u64 *is = (const u64 *)now;
	unsigned int i;

	for (i = 0; i < NUMBERS; i++)
		if (is[i] > seen[i])
			sum[i] += is[i] - seen[i];
	lower->seen = *now;
}

/*
 * Take over what the lowers have counted; one that is gone answers with ones.
 * Any context that may not sleep, too.
 */
void sp_stats_fold(struct sp_shadow *shadow)
{
	struct rtnl_link_stats64 now;
	struct net_device *dev;
	unsigned int i;

	rcu_read_lock();
	spin_lock_bh(&shadow->stats_lock);
	for (i = 0; i < SP_ROLES; i++) {
		dev = rcu_dereference(shadow->lower[i].counted);
		if (dev && sp_net_owner->answers(dev))
			lower_fold(shadow, &shadow->lower[i],
				   dev_get_stats(dev, &now));
	}
	spin_unlock_bh(&shadow->stats_lock);
	rcu_read_unlock();
}

void sp_stats_join(struct sp_shadow *shadow, struct sp_lower *lower)
{
	spin_lock_bh(&shadow->stats_lock);
	dev_get_stats(lower->dev, &lower->seen);
	rcu_assign_pointer(lower->counted, lower->dev);
	spin_unlock_bh(&shadow->stats_lock);
}

void sp_stats_leave(struct sp_shadow *shadow, struct sp_lower *lower)
{
	sp_stats_fold(shadow);
	spin_lock_bh(&shadow->stats_lock);
	RCU_INIT_POINTER(lower->counted, NULL);
	spin_unlock_bh(&shadow->stats_lock);
}

/* ndo_get_stats64 */
void sp_stats_get(struct net_device *dev, struct rtnl_link_stats64 *out)
{
	struct sp_shadow *shadow = netdev_priv(dev);

	sp_stats_fold(shadow);
	spin_lock_bh(&shadow->stats_lock);
	*out = shadow->stats;
	spin_unlock_bh(&shadow->stats_lock);
}
