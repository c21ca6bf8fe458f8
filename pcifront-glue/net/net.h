/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_NET_H
#define SHADOWPORT_NET_H

/*
 * The network device that never goes away, as those see it who know what NICs
 * are below it. Its module knows nobody: it is asked, and tells by events that
 * it is worth asking again.
 *
 * It transmits through one of its *lowers*: the NIC of the day (direct), or one
 * that stands in for it (standby); with neither it is *away* and holds packets.
 */
#include <linux/if.h>
#include <linux/netdevice.h>

#include "core/base.h"
#include "core/event.h"

struct sp_shadow;

enum sp_role { SP_DIRECT, SP_STANDBY, SP_ROLES };

enum sp_net_state { SP_NET_AWAY, SP_NET_DIRECT, SP_NET_STANDBY };

/* What is asked of whoever uses the module. */
struct sp_net_owner {
	/* Whose lower is it, and which? NULL: nobody's. RTNL. */
	struct sp_shadow *(*match)(const struct net_device *dev,
				   enum sp_role *role);
	/* Its driver is done with probing. Does not wait for it. RTNL. */
	bool (*ready)(const struct net_device *dev);
	/* It is still there. May not sleep. */
	bool (*answers)(const struct net_device *dev);
	/* What its NICs wrote while that was marked, for ethtool -S. */
	void (*marked)(void *cookie, u64 *pages, u64 *calls);
	/* Any context. */
	sp_event_fn event;
};

struct sp_net_desc {
	const char *id;		/* the lowers have it in their aliases */
	const char *name;	/* empty: shadow%d */
	const u8 *mac;		/* all zero: a random one */
	bool want_standby;
	void *cookie;		/* the owner's, for marked() */
};

struct sp_net_status {
	char name[IFNAMSIZ];
	enum sp_net_state state;
	unsigned int mtu;
	bool running;		/* it is up */
	bool has_direct;	/* there is a NIC, whatever it can do */
	bool want_standby;
	int join_error;		/* the NIC that came last was refused */
	u64 join_us;		/* how long the last one took to join; 0: none did */
};

#define SP_NET_REFUSED_TEXT	2048

/* May sleep, but where it says otherwise. None but look() needs the RTNL free. */
struct sp_net_ops {
	/* The first, whatever else changes: what both were built with. */
	unsigned int interface;		/* SP_NET_INTERFACE */

	/* Begin to look for lowers. Until stop() the owner is called. */
	int (*start)(const struct sp_net_owner *owner);
	void (*stop)(void);

	/* One at a time. destroy() after stop(), for all of them. */
	struct sp_shadow *(*create)(const struct sp_net_desc *desc);
	void (*destroy)(struct sp_shadow *shadow);

	/*
	 * match() may answer otherwise now. look() returns when everything that
	 * is there has joined, or does when it is ready; look_soon() at once,
	 * from any context; settled(): nothing is about to join.
	 */
	void (*look)(void);
	void (*look_soon)(void);
	bool (*settled)(void);

	void (*status)(struct sp_shadow *shadow, struct sp_net_status *status);
	void (*forget_error)(struct sp_shadow *shadow);
	/* Settings that the lowers of now did not take, each followed by @end. */
	void (*refused)(struct sp_shadow *shadow, char *buf, char end);
	/* A lower's queues belong to sockets of user space (AF_XDP). */
	bool (*busy)(struct sp_shadow *shadow);

	/* The direct lower is about to go: leave it alone. */
	void (*quiesce)(struct sp_shadow *shadow, bool on);
	/* Wait, not for long, until all have sent what they were given. */
	void (*drain)(void);
	/* The standby is preferred. Both go on receiving. */
	void (*want_standby)(struct sp_shadow *shadow, bool standby);
	/* The direct lower hangs: it leaves, with its driver left alone. */
	void (*give_up)(struct sp_shadow *shadow);
	/* Tell the network where everybody is. */
	void (*announce)(struct sp_shadow *shadow);
	/* Somebody sees to it that NICs come back: being away has no limit. */
	void (*expect)(bool expected);
};

/*
 * All that the module exports. Taken with symbol_get(), since whoever uses it
 * can do without.
 */
extern const struct sp_net_ops sp_net_ops;

#endif
