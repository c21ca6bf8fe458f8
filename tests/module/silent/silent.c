// SPDX-License-Identifier: GPL-2.0
/*
 * A NIC that has died and does not show it: its link is up, it takes every
 * packet, sends none, and throws them away when it is taken down. With
 * "ports" it has more than one, as some cards have; with "stands" all but the
 * first of them stand for ports of others (representors). With "stopped" it takes
 * nothing. It wants room in front of each packet: "cramped" counts those without.
 *
 * Where the kernel has a lock of each network device's, it asks to be called
 * with it. "unlocked" counts the calls that came without, "called" all.
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/linkmode.h>
#include <linux/module.h>
#include <linux/net_tstamp.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <net/devlink.h>

#include "sp_config.h"

#define PORTS_MAX	2U

static unsigned int ports = 1;
module_param(ports, uint, 0444);

static bool stands;
module_param(stands, bool, 0444);

static bool stopped;
module_param(stopped, bool, 0444);

#define HEADROOM	160

static atomic_t called, unlocked, cramped;

static int count_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%d\n", atomic_read(kp->arg));
}

static const struct kernel_param_ops count_ops = { .get = count_get };
module_param_cb(called, &count_ops, &called, 0444);
module_param_cb(unlocked, &count_ops, &unlocked, 0444);
module_param_cb(cramped, &count_ops, &cramped, 0444);

static void lock_wanted(struct net_device *dev)
{
#ifdef SP_HAVE_NETDEV_LOCK
	dev->request_ops_lock = true;
#endif
}

/* Who else might have it: nobody here. */
static void called_with(struct net_device *dev)
{
	atomic_inc(&called);
#ifdef SP_HAVE_NETDEV_LOCK
	if (!mutex_is_locked(&dev->lock))
		atomic_inc(&unlocked);
#endif
}

struct silent {
	struct sk_buff_head taken;
};

static netdev_tx_t silent_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct silent *silent = netdev_priv(dev);

	if (skb_headroom(skb) < HEADROOM)
		atomic_inc(&cramped);
	skb_queue_tail(&silent->taken, skb);
	return NETDEV_TX_OK;
}

static int silent_open(struct net_device *dev)
{
	if (stopped)
		netif_stop_queue(dev);
	return 0;
}

static int silent_stop(struct net_device *dev)
{
	struct silent *silent = netdev_priv(dev);

	skb_queue_purge(&silent->taken);
	return 0;
}

static int silent_set_mac(struct net_device *dev, void *addr)
{
	called_with(dev);
	return eth_mac_addr(dev, addr);
}

static int silent_set_features(struct net_device *dev,
			       netdev_features_t features)
{
	called_with(dev);
	return 0;
}

static struct kernel_hwtstamp_config stamp;
module_param_named(stamp_rx, stamp.rx_filter, int, 0600);

static int silent_stamp_get(struct net_device *dev,
			    struct kernel_hwtstamp_config *config)
{
	*config = stamp;
	return 0;
}

static int silent_stamp_set(struct net_device *dev,
			    struct kernel_hwtstamp_config *config,
			    struct netlink_ext_ack *extack)
{
	stamp = *config;
	return 0;
}

static const struct net_device_ops silent_ops = {
	.ndo_hwtstamp_get = silent_stamp_get,
	.ndo_hwtstamp_set = silent_stamp_set,
	.ndo_open = silent_open,
	.ndo_start_xmit = silent_xmit,
	.ndo_stop = silent_stop,
	.ndo_set_mac_address = silent_set_mac,
	.ndo_set_features = silent_set_features,
};

static u32 pending = 256, flags;

static void get_ring(struct net_device *dev, struct ethtool_ringparam *ring,
		     struct kernel_ethtool_ringparam *kernel_ring,
		     struct netlink_ext_ack *extack)
{
	called_with(dev);
	ring->rx_max_pending = 4096;
	ring->rx_pending = pending;
}

static int set_ring(struct net_device *dev, struct ethtool_ringparam *ring,
		    struct kernel_ethtool_ringparam *kernel_ring,
		    struct netlink_ext_ack *extack)
{
	called_with(dev);
	pending = ring->rx_pending;
	return 0;
}

static int get_sset_count(struct net_device *dev, int sset)
{
	called_with(dev);
	return sset == ETH_SS_PRIV_FLAGS ? 1 : -EOPNOTSUPP;
}

static void get_strings(struct net_device *dev, u32 sset, u8 *data)
{
	called_with(dev);
	if (sset == ETH_SS_PRIV_FLAGS)
		strscpy(data, "mute", ETH_GSTRING_LEN);
}

static u32 get_priv_flags(struct net_device *dev)
{
	called_with(dev);
	return flags;
}

static int set_priv_flags(struct net_device *dev, u32 want)
{
	called_with(dev);
	flags = want;
	return 0;
}

/* What none of QEMU's cards has. "poor": this one has less of it. */
static bool poor;
module_param(poor, bool, 0600);

static u32 wol;
static u32 fec = ETHTOOL_FEC_AUTO;
static struct ethtool_keee eee = { .tx_lpi_timer = 17 };

static u32 wol_supported(void)
{
	return poor ? WAKE_MAGIC : WAKE_MAGIC | WAKE_UCAST | WAKE_BCAST;
}

static void get_wol(struct net_device *dev, struct ethtool_wolinfo *info)
{
	called_with(dev);
	info->supported = wol_supported();
	info->wolopts = wol;
}

static int set_wol(struct net_device *dev, struct ethtool_wolinfo *info)
{
	called_with(dev);
	if (info->wolopts & ~wol_supported())
		return -EINVAL;
	wol = info->wolopts;
	return 0;
}

static int get_eee(struct net_device *dev, struct ethtool_keee *info)
{
	called_with(dev);
	if (poor)
		return -EOPNOTSUPP;
	*info = eee;
	linkmode_set_bit(ETHTOOL_LINK_MODE_1000baseT_Full_BIT,
			 info->supported);
	return 0;
}

static int set_eee(struct net_device *dev, struct ethtool_keee *info)
{
	called_with(dev);
	if (poor)
		return -EOPNOTSUPP;
	eee = *info;
	return 0;
}

static int get_fec(struct net_device *dev, struct ethtool_fecparam *param)
{
	called_with(dev);
	param->fec = fec;
	return 0;
}

static int set_fec(struct net_device *dev, struct ethtool_fecparam *param)
{
	called_with(dev);
	if (poor && param->fec & ETHTOOL_FEC_RS)
		return -EINVAL;
	fec = param->fec;
	return 0;
}

#define RULES	4U
#define QUEUES	2U

static struct ethtool_rx_flow_spec rules[RULES];
static DECLARE_BITMAP(has_rule, RULES);

static int get_rule_locs(struct ethtool_rxnfc *info, u32 *locs)
{
	unsigned int i, n = 0;

	for_each_set_bit(i, has_rule, RULES) {
		if (n == info->rule_cnt)
			return -EMSGSIZE;
		locs[n++] = i;
	}
	info->rule_cnt = n;
	info->data = RULES;
	return 0;
}

static int get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info,
		     u32 *locs)
{
	called_with(dev);
	switch (info->cmd) {
	case ETHTOOL_GRXRINGS:
		info->data = QUEUES;
		return 0;
	case ETHTOOL_GRXCLSRLCNT:
		info->rule_cnt = bitmap_weight(has_rule, RULES);
		info->data = RULES;
		return poor ? -EOPNOTSUPP : 0;
	case ETHTOOL_GRXCLSRLALL:
		return get_rule_locs(info, locs);
	case ETHTOOL_GRXCLSRULE:
		if (info->fs.location >= RULES ||
		    !test_bit(info->fs.location, has_rule))
			return -ENOENT;
		info->fs = rules[info->fs.location];
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static int set_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info)
{
	u32 at = info->fs.location;

	called_with(dev);
	if (poor || at >= RULES)
		return -EOPNOTSUPP;
	switch (info->cmd) {
	case ETHTOOL_SRXCLSRLINS:
		rules[at] = info->fs;
		__set_bit(at, has_rule);
		return 0;
	case ETHTOOL_SRXCLSRLDEL:
		__clear_bit(at, has_rule);
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

/* As if it were another card, with nothing set. */
static int forget_set(const char *val, const struct kernel_param *kp)
{
	bitmap_zero(has_rule, RULES);
	memset(&stamp, 0, sizeof(stamp));
	pending = 256;
	flags = 0;
	wol = 0;
	fec = ETHTOOL_FEC_AUTO;
	memset(&eee, 0, sizeof(eee));
	eee.tx_lpi_timer = 17;
	return 0;
}

static const struct kernel_param_ops forget_ops = { .set = forget_set };
module_param_cb(forget, &forget_ops, NULL, 0200);

static const struct ethtool_ops silent_ethtool_ops = {
	.get_rxnfc = get_rxnfc,
	.set_rxnfc = set_rxnfc,
	.get_wol = get_wol,
	.set_wol = set_wol,
	.get_eee = get_eee,
	.set_eee = set_eee,
	.get_fecparam = get_fec,
	.set_fecparam = set_fec,
	.get_ringparam = get_ring,
	.set_ringparam = set_ring,
	.get_sset_count = get_sset_count,
	.get_strings = get_strings,
	.get_priv_flags = get_priv_flags,
	.set_priv_flags = set_priv_flags,
};

#define TSO_MAX	16000

struct card {
	struct net_device *dev[PORTS_MAX];
	struct devlink *devlink;
};

#if IS_ENABLED(CONFIG_NET_DEVLINK)

static const struct devlink_ops devlink_ops;

static int representor_add(struct card *card, struct net_device *dev)
{
	struct devlink_port *port;
	int err;

	card->devlink = devlink_alloc(&devlink_ops, sizeof(*port),
				      dev->dev.parent);
	if (!card->devlink)
		return -ENOMEM;
	port = devlink_priv(card->devlink);
	devlink_port_attrs_pci_vf_set(port, 0, 0, 0, false);
	err = devlink_port_register(card->devlink, port, 0);
	if (err) {
		devlink_free(card->devlink);
		card->devlink = NULL;
		return err;
	}
	devlink_register(card->devlink);
	SET_NETDEV_DEVLINK_PORT(dev, port);
	return 0;
}

static void representor_remove(struct card *card)
{
	if (!card->devlink)
		return;
	devlink_unregister(card->devlink);
	devlink_port_unregister(devlink_priv(card->devlink));
	devlink_free(card->devlink);
}

#else

static int representor_add(struct card *card, struct net_device *dev)
{
	return -EOPNOTSUPP;
}

static void representor_remove(struct card *card)
{
}

#endif

static int port_add(struct card *card, struct pci_dev *pdev, unsigned int port)
{
	struct net_device *dev = alloc_etherdev(sizeof(struct silent));
	struct silent *silent;
	int err = 0;

	if (!dev)
		return -ENOMEM;
	silent = netdev_priv(dev);
	skb_queue_head_init(&silent->taken);
	dev->netdev_ops = &silent_ops;
	dev->ethtool_ops = &silent_ethtool_ops;
	lock_wanted(dev);
	dev->dev_port = stands ? 0 : port;
	SET_NETDEV_DEV(dev, &pdev->dev);
	netif_set_tso_max_size(dev, TSO_MAX);
	dev->needed_headroom = HEADROOM;
	/* As NICs have it: the stack does not touch the packet any more. */
	dev->features |= NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_HIGHDMA;
	dev->hw_features |= NETIF_F_RXCSUM | NETIF_F_RXHASH;
	if (!poor)
		dev->hw_features |= NETIF_F_NTUPLE;
	eth_hw_addr_random(dev);
	if (stands && port)
		err = representor_add(card, dev);
	err = err ?: register_netdev(dev);
	if (err) {
		free_netdev(dev);
		return err;
	}
	card->dev[port] = dev;
	return 0;
}

static void card_remove(struct card *card)
{
	unsigned int i;

	for (i = 0; i < PORTS_MAX; i++) {
		if (!card->dev[i])
			continue;
		unregister_netdev(card->dev[i]);
		free_netdev(card->dev[i]);
	}
	representor_remove(card);
	kfree(card);
}

/* The last port first. */
static int silent_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct card *card = kzalloc(sizeof(*card), GFP_KERNEL);
	unsigned int i;
	int err;

	if (!card)
		return -ENOMEM;
	for (i = clamp(ports, 1U, PORTS_MAX); i--;) {
		err = port_add(card, pdev, i);
		if (err) {
			card_remove(card);
			return err;
		}
	}
	pci_set_drvdata(pdev, card);
	return 0;
}

static void silent_remove(struct pci_dev *pdev)
{
	card_remove(pci_get_drvdata(pdev));
}

/* QEMU's educational device: no other driver wants it. */
static const struct pci_device_id silent_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};
MODULE_DEVICE_TABLE(pci, silent_ids);

static struct pci_driver silent_driver = {
	.name = "silent",
	.id_table = silent_ids,
	.probe = silent_probe,
	.remove = silent_remove,
};
module_pci_driver(silent_driver);

MODULE_DESCRIPTION("A NIC that takes packets and sends none");
MODULE_LICENSE("GPL");
