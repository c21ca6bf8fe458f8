// SPDX-License-Identifier: GPL-2.0
/*
 * Neighbours. While the device is away nobody answers ARP and neighbour
 * discovery, and the stack would soon tell sockets that their peers are
 * unreachable. What was known when the device went stays true until it is
 * back: confirm it from time to time. What is being asked has not been
 * answered in vain yet: do not count. Afterwards the stack asks by itself.
 */
#include <linux/module.h>
#include <net/arp.h>
#include <net/ndisc.h>
#include <net/neighbour.h>

#include "net_priv.h"

#ifdef SP_HAVE_IPV6_STUB
#include <net/ipv6_stubs.h>
#endif

/* Shorter than any delay before the first probe. */
static unsigned int confirm_ms = 500;
module_param(confirm_ms, uint, 0644);
MODULE_PARM_DESC(confirm_ms, "neighbours are kept this often while away");

static unsigned int away_ms = 60000;
module_param(away_ms, uint, 0644);
MODULE_PARM_DESC(away_ms, "without a card that is expected: for so long the carrier stays on and packets are held; 0: for ever");

/* Whoever expects one sees to it how long that takes. */
static bool away_too_long(struct sp_shadow *shadow)
{
	unsigned int limit = READ_ONCE(away_ms);

	if (READ_ONCE(sp_net_expected))
		shadow->away_since = jiffies;
	return limit && time_after(jiffies, shadow->away_since +
					    msecs_to_jiffies(limit));
}

static void keep(struct neighbour *neigh)
{
	unsigned char state = READ_ONCE(neigh->nud_state);

	if (state & NUD_VALID)
		neigh_confirm(neigh);
	if (state & NUD_PROBE)
		atomic_set(&neigh->probes, 0);
	else if (state & NUD_INCOMPLETE)	/* starts after the unicast ones */
		atomic_set(&neigh->probes,
			   NEIGH_VAR(neigh->parms, UCAST_PROBES));
}

#if IS_ENABLED(CONFIG_IPV6)
static struct neigh_table *nd_table(void)
{
#ifdef SP_HAVE_IPV6_STUB
	return ipv6_stub->nd_tbl;	/* NULL: the module is not loaded */
#else
	return &nd_tbl;
#endif
}
#endif

/* Also those of VLANs, bridges and so on above it. */
static void keep_ours(struct neighbour *neigh, void *cookie)
{
	struct net_device *shadow = cookie;

	if (neigh->dev == shadow ||
	    netdev_has_upper_dev_all_rcu(shadow, neigh->dev))
		keep(neigh);
}

static void neighbours_keep(struct sp_shadow *shadow)
{
	unsigned int ms = clamp(READ_ONCE(confirm_ms), 50U, 5000U);

	queue_delayed_work(sp_net_wq, &shadow->neighbour_work,
			   msecs_to_jiffies(ms));
}

static void keep_work(struct work_struct *work)
{
	struct sp_shadow *shadow = container_of(to_delayed_work(work),
						struct sp_shadow,
						neighbour_work);

	neigh_for_each(&arp_tbl, keep_ours, shadow->dev);
#if IS_ENABLED(CONFIG_IPV6)
	if (nd_table())
		neigh_for_each(nd_table(), keep_ours, shadow->dev);
#endif
	if (rcu_access_pointer(shadow->active))
		return;
	if (away_too_long(shadow))
		sp_shadow_give_up(shadow);
	else
		neighbours_keep(shadow);
}

void sp_neighbours_init(struct sp_shadow *shadow)
{
	INIT_DELAYED_WORK(&shadow->neighbour_work, keep_work);
}

/* The shadow went away: until it is back, or for too long. */
void sp_neighbours_away(struct sp_shadow *shadow)
{
	shadow->away_since = jiffies;
	neighbours_keep(shadow);
}

void sp_neighbours_stop(struct sp_shadow *shadow)
{
	cancel_delayed_work_sync(&shadow->neighbour_work);
}
