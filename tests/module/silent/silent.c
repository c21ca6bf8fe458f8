// SPDX-License-Identifier: GPL-2.0
/*
 * A NIC that has died and does not show it: its link is up, it takes every
 * packet, sends none, and throws them away when it is taken down. With
 * "ports" it has more than one, as some cards have.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/pci.h>

#define PORTS_MAX	2U

static unsigned int ports = 1;
module_param(ports, uint, 0444);

struct silent {
	struct sk_buff_head taken;
};

static netdev_tx_t silent_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct silent *silent = netdev_priv(dev);

	skb_queue_tail(&silent->taken, skb);
	return NETDEV_TX_OK;
}

static int silent_stop(struct net_device *dev)
{
	struct silent *silent = netdev_priv(dev);

	skb_queue_purge(&silent->taken);
	return 0;
}

static const struct net_device_ops silent_ops = {
	.ndo_start_xmit = silent_xmit,
	.ndo_stop = silent_stop,
	.ndo_set_mac_address = eth_mac_addr,
};

#define TSO_MAX	16000

static struct net_device *port_add(struct pci_dev *pdev, unsigned int port)
{
	struct net_device *dev = alloc_etherdev(sizeof(struct silent));
	struct silent *silent;
	int err;

	if (!dev)
		return ERR_PTR(-ENOMEM);
	silent = netdev_priv(dev);
	skb_queue_head_init(&silent->taken);
	dev->netdev_ops = &silent_ops;
	dev->dev_port = port;
	SET_NETDEV_DEV(dev, &pdev->dev);
	netif_set_tso_max_size(dev, TSO_MAX);
	/* As NICs have it: the stack does not touch the packet any more. */
	dev->features |= NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_HIGHDMA;
	eth_hw_addr_random(dev);
	err = register_netdev(dev);
	if (err) {
		free_netdev(dev);
		return ERR_PTR(err);
	}
	return dev;
}

static void ports_remove(struct net_device **devs)
{
	unsigned int i;

	for (i = 0; i < PORTS_MAX; i++) {
		if (!devs[i])
			continue;
		unregister_netdev(devs[i]);
		free_netdev(devs[i]);
	}
	kfree(devs);
}

/* The last port first. */
static int silent_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct net_device **devs = kcalloc(PORTS_MAX, sizeof(*devs),
					   GFP_KERNEL);
	unsigned int i;
	int err;

	if (!devs)
		return -ENOMEM;
	for (i = clamp(ports, 1U, PORTS_MAX); i--;) {
		devs[i] = port_add(pdev, i);
		if (IS_ERR(devs[i])) {
			err = PTR_ERR(devs[i]);
			devs[i] = NULL;
			ports_remove(devs);
			return err;
		}
	}
	pci_set_drvdata(pdev, devs);
	return 0;
}

static void silent_remove(struct pci_dev *pdev)
{
	ports_remove(pci_get_drvdata(pdev));
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
