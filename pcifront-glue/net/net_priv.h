/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_NET_PRIV_H
#define SHADOWPORT_NET_PRIV_H

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/jump_label.h>
#include <linux/netdevice.h>
#include <linux/workqueue.h>

#include "core/compat_netdev.h"
#include "net/net.h"

/*
 * Locks, outermost first:
 *   RTNL              lowers come and go
 *   shadow->switching which lower transmits, and shadow->lower[].dev
 *   shadow->hold.lock held packets (softirq)
 * By themselves: shadow->stats_lock (statistics), the shadow's address lock
 * (which lower follows its address lists), refused.lock (what it is told of).
 */

/* ------------------------------------------------ the module (net.c) */

extern struct workqueue_struct *sp_net_wq;	/* as sp_wq: items are short */
extern const struct sp_net_owner *sp_net_owner;
extern bool sp_net_expected;	/* NICs are to come back: no limit */
extern struct list_head sp_shadows;	/* grows only, until all of them go */

#define sp_for_each_shadow(shadow) \
	list_for_each_entry_rcu(shadow, &sp_shadows, node, true)

/* ------------------------------------------------ counters (ethtool.c) */

enum sp_counter {
	SP_HELD,		/* packets taken into the hold queue */
	SP_HOLD_FLUSHED,	/* … and sent later */
	SP_HOLD_DROPPED,	/* … and pushed out by newer ones */
	SP_HOLD_PURGED,		/* … and thrown away: the device went down */
	SP_TX_REFUSED,		/* the lower's queue did not take it */
	SP_RX_DUPLICATE,	/* multicast on a lower that does not transmit */
	SP_RX_REFLECTED,	/* our own multicast, sent back by the NIC */
	SP_TO_DIRECT,		/* switches */
	SP_TO_STANDBY,
	SP_TO_AWAY,
	SP_JOINED,		/* lowers */
	SP_LEFT,
	SP_JOIN_FAILED,
	SP_MAC_REFUSED,		/* lower keeps its MAC, filter opened */
	SP_REFUSED,		/* settings that a lower did not take */
	SP_LOST_IN_LOWER,	/* sent to a NIC that went before it did */
	SP_ANNOUNCED,
	SP_RETAINED_SENT,	/* sent again: a NIC went without sending it */
	SP_MARKED_PAGES,	/* written by the NIC during a migration */
	SP_MARKED_CALLS,
	SP_COUNTERS
};

extern const struct ethtool_ops sp_ethtool_ops;

/* ------------------------------------------------ packet hold (hold.c) */

struct sp_hold {
	spinlock_t lock;			/* queue and bytes */
	struct sk_buff_head queue;
	unsigned int bytes;		/* truesize of all in queue */
};

void sp_hold_init(struct sp_hold *hold);
bool sp_hold_packet(struct sp_shadow *shadow, struct sk_buff *skb);
void sp_hold_flush(struct sp_shadow *shadow, struct net_device *to);
void sp_hold_purge(struct sp_shadow *shadow);
void sp_hold_return(struct sp_shadow *shadow, struct sk_buff_head *list);

/* ------------------------------------------------ retaining (retain.c) */

struct sp_retain;

DECLARE_STATIC_KEY_FALSE(sp_retain_on);

void sp_retain_setup(void);
int sp_retain_init(struct sp_shadow *shadow);
void sp_retain_free(struct sp_shadow *shadow);
void sp_retain_packet(struct sp_shadow *shadow, struct sk_buff *skb);
void sp_retain_resend(struct sp_shadow *shadow, const struct net_device *dev);

/* ------------------------------------------------ settings not taken (refused.c) */

#define SP_REFUSED_MAX	32	/* names; the rest is "and-more" */
#define SP_REFUSED_NAME	40

struct sp_refused {
	spinlock_t lock;	/* all below */
	unsigned int count;
	bool more;
	struct {
		u8 role;	/* enum sp_role of the lower that refused it */
		char name[SP_REFUSED_NAME];
	} entry[SP_REFUSED_MAX];
};

/* ------------------------------------------------ shadow (dev.c) */

struct sp_lower {
	struct net_device *dev;		/* RTNL and shadow->switching */
	netdevice_tracker tracker;
	struct net_device *listed;	/* the shadow's address lock: follows its lists */
	struct net_device __rcu *counted;	/* stats_lock: its statistics are ours */
	struct rtnl_link_stats64 seen;	/* stats_lock: … as far as that */
	bool going_down;
	bool hangs;			/* switching: its driver does; it leaves */
	bool opened;			/* we took it up */
	bool own_mac;			/* it refused the shadow's */
	u8 extra_mac[ETH_ALEN];		/* the shadow's, with own_mac */
	u8 old_mac[ETH_ALEN];
	unsigned int old_mtu;
	netdev_features_t old_wanted;
	unsigned int flags;		/* IFF_PROMISC, IFF_ALLMULTI passed on */
};

struct sp_shadow {
	struct net_device *dev;
	struct list_head node;
	char id[SP_ID_LEN];
	void *cookie;			/* the owner's */
	struct net_device __rcu *active;	/* NULL: hold */
	struct mutex switching;
	bool quiesced;		/* leave the direct lower alone: it goes */
	bool want_standby;	/* the host prefers it to the direct lower */
	bool given_up;		/* hold.lock: away for too long, nothing is held */
	bool sorts;		/* a lower kept its own MAC */
	ktime_t since;		/* switching: active is what it is */
	unsigned long away_since;	/* jiffies; neighbours.c */
	spinlock_t stats_lock;
	struct rtnl_link_stats64 stats;	/* stats_lock: of all lowers so far */
	struct sp_lower lower[SP_ROLES];
	struct sp_hold hold;
	struct sp_retain *retain;		/* NULL: off */
	struct delayed_work announce_work;
	struct delayed_work neighbour_work;
	atomic_t announcements;		/* still to come */
	int join_error;			/* of the last one that came */
	u64 join_us;
	netdev_features_t features_off;	/* never on: the common denominator */
	DECLARE_BITMAP(vlans, VLAN_N_VID);	/* RTNL: what the lowers let in */
	struct sp_refused refused;
	atomic64_t counter[SP_COUNTERS];
};

static inline void sp_count(struct sp_shadow *shadow, enum sp_counter what)
{
	atomic64_inc(&shadow->counter[what]);
}

extern const struct attribute_group sp_sysfs_group;	/* attrs.c */

/* kind.c */
int sp_kind_start(void);
void sp_kind_stop(void);
void sp_kind_set(struct net_device *dev);

void sp_refused_init(struct sp_refused *refused);
void sp_refused_clear(struct sp_shadow *shadow, enum sp_role role);
__printf(4, 5)
void sp_refused_add(struct sp_shadow *shadow, struct sp_lower *lower, int err,
		    const char *fmt, ...);
void sp_refused_text(struct sp_shadow *shadow, char *buf, char end);

struct sp_shadow *sp_shadow_create(const struct sp_net_desc *desc);
void sp_shadow_destroy(struct sp_shadow *shadow);
bool sp_is_shadow(const struct net_device *dev);
void sp_shadow_pick(struct sp_shadow *shadow);
void sp_shadow_quiesce(struct sp_shadow *shadow, bool on);
void sp_shadow_want(struct sp_shadow *shadow, bool standby);
void sp_shadow_status(struct sp_shadow *shadow, struct sp_net_status *status);
netdev_tx_t sp_shadow_send(struct sp_shadow *shadow, struct sk_buff *skb,
			   struct net_device *lower);
void sp_shadow_give_up(struct sp_shadow *shadow);

/* ------------------------------------------------ statistics (stats.c) */

void sp_stats_init(struct sp_shadow *shadow);
void sp_stats_join(struct sp_shadow *shadow, struct sp_lower *lower);
void sp_stats_leave(struct sp_shadow *shadow, struct sp_lower *lower);
void sp_stats_fold(struct sp_shadow *shadow);
void sp_stats_get(struct net_device *dev, struct rtnl_link_stats64 *out);

/* ------------------------------------------------ announcing (announce.c) */

void sp_announce_init(struct sp_shadow *shadow);
void sp_announce_start(struct sp_shadow *shadow);
void sp_announce_stop(struct sp_shadow *shadow);

/* ------------------------------------------------ neighbours (neighbours.c) */

void sp_neighbours_init(struct sp_shadow *shadow);
void sp_neighbours_away(struct sp_shadow *shadow);
void sp_neighbours_stop(struct sp_shadow *shadow);

/* ------------------------------------------------ lowers (lower.c) */

int sp_lower_start(void);
void sp_lower_stop(void);
void sp_lower_rescan(void);
bool sp_lower_settled(void);
void sp_lower_settle(void);
void sp_lower_leave(struct sp_shadow *shadow, enum sp_role role);
void sp_lower_open(struct sp_shadow *shadow, struct sp_lower *lower);
void sp_lower_give_up(struct sp_shadow *shadow);
bool sp_lower_busy(struct sp_shadow *shadow);

rx_handler_result_t sp_rx_handler(struct sk_buff **pskb);

/* ------------------------------------------------ the short way (steer.c) */

extern const struct header_ops sp_header_ops;
int sp_steer_neighbour(struct net_device *dev, struct neighbour *n);

/* ------------------------------------------------ draining (drain.c) */

void sp_drain(void);

/* ------------------------------------------------ settings (follow.c) */

int sp_settings_replay(struct sp_shadow *shadow, struct sp_lower *lower);
void sp_settings_undo(struct sp_shadow *shadow, struct sp_lower *lower);
int sp_settings_mac(struct sp_shadow *shadow, struct sp_lower *lower);
void sp_settings_opened(struct sp_shadow *shadow, struct sp_lower *lower);
int sp_settings_mtu(struct sp_shadow *shadow, int mtu);
void sp_settings_rx_flags(struct sp_shadow *shadow, struct sp_lower *lower);
void sp_settings_rx_lists(struct sp_shadow *shadow, struct net_device *lower);
int sp_settings_vlan(struct sp_shadow *shadow, __be16 proto, u16 vid, bool add);
void sp_settings_features(struct sp_shadow *shadow, struct sp_lower *lower,
			  netdev_features_t features);
netdev_features_t sp_settings_fix(struct sp_shadow *shadow,
				  netdev_features_t features);
netdev_features_t sp_settings_features_off(void);

/* Features on the way up that nobody can do but the lower. */
#define SP_FEATURES_HARD	(NETIF_F_RXFCS | NETIF_F_RXALL)

#endif
