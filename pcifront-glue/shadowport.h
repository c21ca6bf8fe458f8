/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_H
#define SHADOWPORT_H

#include <linux/completion.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/workqueue.h>
#include <xen/interface/event_channel.h>

#include "core/compat.h"
#include "core/order.h"
#include "nic/nic.h"

/*
 * Words: a *port* is what the host promised the guest (a "wish" of the
 * toolstack): it has an id, at most one PCI device at a time, and, for
 * handover=shadow, a *shadow* device, the network device that never goes
 * away. The shadow transmits through one of its *lowers*: the passed-through
 * NIC (direct) or a netfront NIC (standby); with neither it holds packets.
 *
 * Locks, outermost first:
 *   RTNL              lowers come and go
 *   shadow->switching which lower transmits, and shadow->lower[].dev
 *   shadow->hold.lock held packets (softirq)
 * By themselves: shadow->stats_lock (statistics), the shadow's address lock
 * (which lower follows its address lists).
 * sp_ports_lock (spinlock) guards the list of ports and their slots.
 */

#define SP_ID_LEN	32
#define SP_MODALIAS_LEN	128
#define SP_DRIVER_LEN	64
#define SP_MAX_PORTS	64

/* ------------------------------------------------ ports (ports.c) */

enum sp_handover { SP_HANDOVER_SHADOW, SP_HANDOVER_BOND, SP_HANDOVER_PLAIN };

struct sp_slot {
	unsigned int domain;
	unsigned int bus;
	unsigned int devfn;
};

#define SP_NO_STANDBY	(-1)

enum sp_on_stuck { SP_ON_STUCK_ABORT, SP_ON_STUCK_FORCE };

enum sp_want { SP_WANT_UNSAID, SP_WANT_DIRECT, SP_WANT_STANDBY };

/* What the host says about a port, parsed; from any front end. */
struct sp_desc {
	char id[SP_ID_LEN];
	enum sp_handover handover;
	u8 mac[ETH_ALEN];		/* all zero: the host named none */
	char name[IFNAMSIZ];		/* empty: shadow%d */
	int standby;			/* number of the vif, or none */
	bool has_slot;
	struct sp_slot slot;
	bool has_standby_slot;		/* test front end: standby is a PCI NIC */
	struct sp_slot standby_slot;
	char modalias[SP_MODALIAS_LEN];
	enum sp_want want;
	enum sp_on_stuck on_stuck;
};

/* giveup_mmio.c: what a device that is gone is replaced with. */
struct sp_ones {
	struct page *page;		/* NULL: nothing to end */
	struct delayed_work refill;
};

/* giveup.c: a device that is given up while its driver hangs. */
struct sp_abandon {
	struct pci_dev *pdev;
	struct sp_ones ones;
	struct work_struct silence;
	struct completion silenced;
	atomic_t phase;
};

enum sp_driver_state {
	SP_DRIVER_IDLE,		/* the kernel binds as it likes */
	SP_DRIVER_LEAVING,	/* .remove is running in our thread */
	SP_DRIVER_LEFT,		/* unbound and kept so */
	SP_DRIVER_RETURNING,	/* … and being bound again */
	SP_DRIVER_ABANDONED,	/* .remove is running, nobody waits for it */
	SP_DRIVER_GONE,		/* … and has returned */
};

/* binding.c: one device that is being unbound. */
struct sp_driver {
	struct list_head node;		/* ABANDONED and GONE: all such */
	struct sp_port *port;		/* ABANDONED and GONE: whose it was */
	struct work_struct unbind_work;
	struct sp_abandon abandon;
	struct pci_dev *pdev;		/* with a reference, unless IDLE */
	enum sp_driver_state state;
	bool bound;			/* there was a driver to unbind */
	bool wanted_back;		/* while LEAVING: bind it again then */
	u64 unbind_us;
};

struct sp_shadow;

struct sp_port {
	struct list_head node;
	char id[SP_ID_LEN];
	struct sp_desc desc;		/* sp_ports_lock */
	struct sp_shadow *shadow;	/* NULL: bond, plain, fixups_only */
	bool switching;			/* command worker: by this switch */
	bool wanted_standby;		/* … and what it wanted before */
	bool unbind_asked;		/* command worker: by this quiesce */
	struct sp_driver *driver;
};

extern struct list_head sp_ports;	/* grows only, until the module goes */
extern spinlock_t sp_ports_lock;

#define sp_for_each_port(port) \
	list_for_each_entry_rcu(port, &sp_ports, node, true)

int sp_port_describe(const struct sp_desc *desc);
bool sp_port_slot(struct sp_port *port, struct sp_slot *slot);
struct pci_dev *sp_port_pci_dev(struct sp_port *port);
void sp_port_set_slot(struct sp_port *port, const struct sp_slot *slot);
struct sp_port *sp_port_find(const char *id);
void sp_ports_destroy(void);

int sp_id_parse(const char *text, char *id);
int sp_slot_parse(const char *text, struct sp_slot *slot);
int sp_desc_set(struct sp_desc *desc, const char *key, const char *value);
bool sp_slot_is(const struct sp_slot *slot, const struct pci_dev *pdev);

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
	SP_LOST_SETTINGS,	/* settings that a lower did not take */
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

/* ------------------------------------------------ lost settings (refused.c) */

#define SP_LOST_MAX	32	/* names; the rest is "and-more" */
#define SP_LOST_NAME	40
#define SP_LOST_TEXT	2048

struct sp_lost {
	spinlock_t lock;	/* all below */
	unsigned int count;
	bool more;
	struct {
		u8 role;	/* enum sp_role of the lower that lost it */
		char name[SP_LOST_NAME];
	} entry[SP_LOST_MAX];
};

/* ------------------------------------------------ shadow (dev.c) */

enum sp_role { SP_DIRECT, SP_STANDBY, SP_ROLES };

struct sp_lower {
	struct net_device *dev;		/* RTNL and shadow->switching */
	netdevice_tracker tracker;
	struct net_device *listed;	/* the shadow's address lock: follows its lists */
	struct net_device __rcu *counted;	/* stats_lock: its statistics are ours */
	struct rtnl_link_stats64 seen;	/* stats_lock: … as far as that */
	bool going_down;
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
	struct sp_port *port;
	struct net_device __rcu *active;	/* NULL: hold */
	struct mutex switching;
	bool quiesced;		/* leave the direct lower alone: it goes */
	bool want_standby;	/* the host prefers it to the direct lower */
	bool given_up;		/* hold.lock: away for too long, nothing is held */
	bool sorts;		/* a lower kept its own MAC */
	unsigned long away_since;	/* jiffies; neighbours.c */
	spinlock_t stats_lock;
	struct rtnl_link_stats64 stats;	/* stats_lock: of all lowers so far */
	struct sp_lower lower[SP_ROLES];
	struct sp_hold hold;
	struct sp_retain *retain;		/* NULL: off */
	struct delayed_work announce_work;
	struct delayed_work neighbour_work;
	atomic_t announcements;		/* still to come */
	const char *join_error;		/* reason, of the last failed join */
	u64 join_us;
	netdev_features_t features_off;	/* never on: the common denominator */
	DECLARE_BITMAP(vlans, VLAN_N_VID);	/* RTNL: what the lowers let in */
	struct sp_nic nic;
	struct sp_lost lost;
	atomic64_t counter[SP_COUNTERS];
};

static inline void sp_count(struct sp_shadow *shadow, enum sp_counter what)
{
	atomic64_inc(&shadow->counter[what]);
}

extern const struct attribute_group sp_sysfs_group;

void sp_lost_init(struct sp_lost *lost);
void sp_lost_clear(struct sp_shadow *shadow, enum sp_role role);
__printf(4, 5)
void sp_lost_add(struct sp_shadow *shadow, struct sp_lower *lower, int err,
		 const char *fmt, ...);
void sp_lost_text(struct sp_shadow *shadow, char *buf, char end);

struct sp_shadow *sp_shadow_create(struct sp_port *port,
				   const struct sp_desc *desc);
void sp_shadow_destroy(struct sp_shadow *shadow);
bool sp_is_shadow(const struct net_device *dev);
void sp_shadow_pick(struct sp_shadow *shadow);
void sp_shadow_quiesce(struct sp_shadow *shadow, bool on);
void sp_shadow_want(struct sp_shadow *shadow, bool standby);
const char *sp_shadow_state(struct sp_shadow *shadow);
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
bool sp_lower_tells_progress(const struct net_device *dev);
bool sp_lower_drained(struct net_device *dev);
unsigned int sp_lower_drain_ms(void);
unsigned int sp_lower_drain_grace_ms(void);

rx_handler_result_t sp_rx_handler(struct sk_buff **pskb);

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

/* ------------------------------------------------ drivers (binding.c) */

int sp_driver_init(struct sp_port *port);
int sp_driver_unbind_start(struct sp_port *port);
bool sp_driver_unbind_done(struct sp_port *port);
void sp_driver_rebind(struct sp_port *port);
int sp_driver_bar(struct pci_dev *pdev, bool bar);
int sp_driver_abandon(struct sp_port *port);
bool sp_driver_abandoned(const struct pci_dev *pdev);
bool sp_driver_left(struct sp_port *port, const struct pci_dev *pdev);
bool sp_driver_port_abandoned(struct sp_port *port);
void sp_driver_stop(struct sp_port *port);
void sp_driver_stop_abandoned(void);
void sp_driver_forget(const struct pci_dev *pdev);
bool sp_driver_load(const char *modalias);
int sp_driver_name(struct device *dev, char *name, size_t size);
bool sp_driver_bound(struct device *dev);

/* ------------------------------------------------ giving up (giveup.c) */

bool sp_abandon_possible(void);
void sp_abandon_init(struct sp_abandon *abandon);
int sp_abandon_prepare(struct sp_abandon *abandon, struct pci_dev *pdev);
void sp_abandon_cancel(struct sp_abandon *abandon);
void sp_abandon_commit(struct sp_abandon *abandon);
void sp_abandon_end(struct sp_abandon *abandon);

int sp_ones_prepare(struct sp_ones *ones, struct pci_dev *pdev);
void sp_ones_map(struct sp_ones *ones, struct pci_dev *pdev);
void sp_ones_end(struct sp_ones *ones);

void sp_dma_leak(struct pci_dev *pdev);
void sp_dma_leak_end(struct pci_dev *pdev);

/* ------------------------------------------------ users (users.c) */

bool sp_port_busy(struct sp_port *port);

/* ------------------------------------------------ marking (mark.c) */

void sp_marking_init(void);
void sp_marking_exit(void);
int sp_marking_start(void);
void sp_marking_stop(void);
bool sp_marking_works(void);
const char *sp_marking_word(void);
void sp_marking_counted(const struct sp_port *port, u64 *pages, u64 *calls);
void sp_marking_watch(void);
void sp_marking_driver_binds(struct pci_dev *pdev);
void sp_marking_driver_gone(struct pci_dev *pdev);
void sp_marking_device_there(struct pci_dev *pdev);
void sp_marking_device_gone(struct pci_dev *pdev);

/* ------------------------------------------------ repairs (swiotlb.c) */

void sp_repair_start(void);
void sp_repair_irqs(void);
int sp_repair_swiotlb(struct device *dev);
bool sp_repair_possible(void);

/* ------------------------------------------------ msix.c */

void sp_repair_msix(void);
void sp_repair_msix_forget(const struct pci_dev *pdev);
void sp_repair_msix_stop(void);

/* ------------------------------------------------ commands (commands.c) */

enum sp_phase {
	SP_PHASE_PREPARE,
	SP_PHASE_UNBIND,
	SP_PHASE_QUIESCE,
	SP_PHASE_REPAIR,
	SP_PHASE_JOIN,
	SP_PHASE_RECOVER,
	SP_PHASES
};

/* A front end: where commands come from and answers go. May sleep. */
struct sp_frontend {
	int (*start)(void);		/* begin to call sp_commands_kick() */
	void (*stop)(void);		/* no more of that */
	void (*cleanup)(void);		/* the worker is gone */
	int (*read_command)(char *buf, size_t len);
	void (*read_devices)(void);
	void (*publish_device)(const char *id, const char *key,
			       const char *value);
	void (*publish_timing)(const char *phase, u64 us);
	void (*publish_feature)(const char *words);
	void (*publish_marking)(const char *word);
	void (*publish_state)(const char *answer);
};

extern struct workqueue_struct *sp_wq;
extern bool sp_fixups_only;
extern bool sp_migrating;	/* from prepare to the end: commands.c writes it */

void sp_commands_start(const struct sp_frontend *frontend);
int sp_commands_ready(void);
void sp_commands_stop(void);
void sp_commands_kick(void);	/* any context: read the command again */
void sp_commands_wake(void);	/* any context: something was waited for */
void sp_commands_publish(void);	/* any context: a device changed */
void sp_commands_took(enum sp_phase phase, u64 us);

/* ------------------------------------------------ buses (buses.c) */

int sp_pci_events_start(void);
void sp_pci_events_stop(void);

/* ------------------------------------------------ front ends */

/* xenstore.c: xenstore. */
bool sp_toolstack_present(void);
extern const struct sp_frontend sp_toolstack;
void sp_toolstack_slots(void);

/* doorbell.c; the command worker's. */
void sp_doorbell_update(evtchn_port_t port);
void sp_doorbell_heard(void);
void sp_doorbell_stop(void);

/* debugfs.c: debugfs, for test-beds without Xen. */
extern const struct sp_frontend sp_test_control;

#endif
