// SPDX-License-Identifier: GPL-2.0
/*
 * A NIC that has died and does not show it: its link is up, it takes every
 * packet, sends none, and throws them away when it is taken down.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/pci.h>

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

static int silent_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct net_device *dev = alloc_etherdev(sizeof(struct silent));
	struct silent *silent;
	int err;

	if (!dev)
		return -ENOMEM;
	silent = netdev_priv(dev);
	skb_queue_head_init(&silent->taken);
	dev->netdev_ops = &silent_ops;
	SET_NETDEV_DEV(dev, &pdev->dev);
	/* As NICs have it: the stack does not touch the packet any more. */
	dev->features |= NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_HIGHDMA;
	eth_hw_addr_random(dev);
	err = register_netdev(dev);
	if (err) {
		free_netdev(dev);
		return err;
	}
	pci_set_drvdata(pdev, dev);
	return 0;
}

static void silent_remove(struct pci_dev *pdev)
{
	struct net_device *dev = pci_get_drvdata(pdev);

	unregister_netdev(dev);
	free_netdev(dev);
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
