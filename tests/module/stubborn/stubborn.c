// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that does not let go: its .remove goes on looking at the device
 * until the parameter "release" is written, with the RTNL lock held if "rtnl"
 * is set. "name" is what it calls itself; with "nic" it has a network device,
 * with "poke" it also writes to its device, with "line" it uses the interrupt
 * line. Its probe takes "slow" milliseconds.
 *
 * What it sees can be read: "reads" and "ones" count how often it looked and
 * found nothing but ones, "seen" is what it found last, "config" what was in
 * the configuration space, "interrupts" what the device has sent; "removing"
 * is how many are in their .remove.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>

#define LOOK_MS		50
#define POKED		0x3c	/* of no meaning to QEMU's device */

static char *name = "stubborn";
module_param(name, charp, 0444);

static bool rtnl;
module_param(rtnl, bool, 0644);

static bool nic;
module_param(nic, bool, 0444);

static bool poke;
module_param(poke, bool, 0644);

static bool line;
module_param(line, bool, 0444);

static unsigned int slow;
module_param(slow, uint, 0644);

static unsigned int probes;
module_param(probes, uint, 0444);

static unsigned int reads, ones, interrupts, seen, config;
module_param(reads, uint, 0444);
module_param(ones, uint, 0444);
module_param(interrupts, uint, 0444);
module_param(seen, hexint, 0444);
module_param(config, hexint, 0444);

static atomic_t in_remove;

static int removing_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%d\n", atomic_read(&in_remove));
}

static const struct kernel_param_ops removing_ops = { .get = removing_get };
module_param_cb(removing, &removing_ops, NULL, 0444);

static DECLARE_COMPLETION(released);

static int release_set(const char *val, const struct kernel_param *kp)
{
	complete_all(&released);
	return 0;
}

static const struct kernel_param_ops release_ops = { .set = release_set };
module_param_cb(release, &release_ops, NULL, 0200);

struct stubborn {
	void __iomem *bar;
	void *buffer;
	dma_addr_t dma;
	struct net_device *dev;
};

static irqreturn_t stubborn_irq(int irq, void *cookie)
{
	/* A line is shared: whose it is cannot be told. */
	if (line)
		return IRQ_NONE;
	interrupts++;
	return IRQ_HANDLED;
}

/* ------------------------------------------------ a network device */

static netdev_tx_t stubborn_xmit(struct sk_buff *skb, struct net_device *dev)
{
	dev_kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops stubborn_ops = {
	.ndo_start_xmit = stubborn_xmit,
	.ndo_set_mac_address = eth_mac_addr,
};

static int nic_add(struct pci_dev *pdev, struct stubborn *stubborn)
{
	struct net_device *dev = alloc_etherdev(0);
	int err;

	if (!dev)
		return -ENOMEM;
	dev->netdev_ops = &stubborn_ops;
	SET_NETDEV_DEV(dev, &pdev->dev);
	eth_hw_addr_random(dev);
	err = register_netdev(dev);
	if (err) {
		free_netdev(dev);
		return err;
	}
	stubborn->dev = dev;
	return 0;
}

/* ------------------------------------------------ the PCI device */

static int resources_get(struct pci_dev *pdev, struct stubborn *stubborn)
{
	int err;

	err = pci_enable_device(pdev);
	if (err)
		return err;
	pci_set_master(pdev);
	err = -ENOMEM;
	stubborn->bar = pci_iomap(pdev, 0, 0);
	if (!stubborn->bar)
		goto err_disable;
	stubborn->buffer = dma_alloc_coherent(&pdev->dev, PAGE_SIZE,
					      &stubborn->dma, GFP_KERNEL);
	if (!stubborn->buffer)
		goto err_unmap;
	err = pci_alloc_irq_vectors(pdev, 1, 1, line ? PCI_IRQ_INTX :
				    PCI_IRQ_MSI | PCI_IRQ_MSIX);
	if (err < 0)
		goto err_free;
	err = request_irq(pci_irq_vector(pdev, 0), stubborn_irq, IRQF_SHARED,
			  name, stubborn);
	if (err)
		goto err_vectors;
	return 0;

err_vectors:
	pci_free_irq_vectors(pdev);
err_free:
	dma_free_coherent(&pdev->dev, PAGE_SIZE, stubborn->buffer,
			  stubborn->dma);
err_unmap:
	pci_iounmap(pdev, stubborn->bar);
err_disable:
	pci_disable_device(pdev);
	return err;
}

static void resources_put(struct pci_dev *pdev, struct stubborn *stubborn)
{
	free_irq(pci_irq_vector(pdev, 0), stubborn);
	pci_free_irq_vectors(pdev);
	dma_free_coherent(&pdev->dev, PAGE_SIZE, stubborn->buffer,
			  stubborn->dma);
	pci_iounmap(pdev, stubborn->bar);
	pci_disable_device(pdev);
}

static int stubborn_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct stubborn *stubborn = kzalloc(sizeof(*stubborn), GFP_KERNEL);
	int err;

	if (!stubborn)
		return -ENOMEM;
	msleep(slow);
	pci_set_drvdata(pdev, stubborn);
	err = resources_get(pdev, stubborn);
	if (!err && nic) {
		err = nic_add(pdev, stubborn);
		if (err)
			resources_put(pdev, stubborn);
	}
	if (err) {
		kfree(stubborn);
		return err;
	}
	probes++;
	return 0;
}

static void look(struct pci_dev *pdev, struct stubborn *stubborn)
{
	seen = readl(stubborn->bar);
	reads++;
	if (seen == ~0U)
		ones++;
	pci_read_config_dword(pdev, PCI_VENDOR_ID, &config);
	if (poke) {
		writel(0, stubborn->bar);
		writel(0, stubborn->bar + POKED);
	}
}

static void stubborn_remove(struct pci_dev *pdev)
{
	struct stubborn *stubborn = pci_get_drvdata(pdev);

	atomic_inc(&in_remove);
	if (rtnl)
		rtnl_lock();
	do {
		look(pdev, stubborn);
	} while (!wait_for_completion_timeout(&released,
					      msecs_to_jiffies(LOOK_MS)));
	if (rtnl)
		rtnl_unlock();
	if (stubborn->dev) {
		unregister_netdev(stubborn->dev);
		free_netdev(stubborn->dev);
	}
	resources_put(pdev, stubborn);
	kfree(stubborn);
	atomic_dec(&in_remove);
}

/* QEMU's educational device: no other driver wants it. */
static const struct pci_device_id stubborn_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	/* It matches everything, but only when it is forced. */
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_ANY_ID, PCI_ANY_ID) },
	{ }
};
MODULE_DEVICE_TABLE(pci, stubborn_ids);

static struct pci_driver stubborn_driver = {
	.id_table = stubborn_ids,
	.probe = stubborn_probe,
	.remove = stubborn_remove,
};

static int __init stubborn_init(void)
{
	stubborn_driver.name = name;
	return pci_register_driver(&stubborn_driver);
}

static void __exit stubborn_exit(void)
{
	pci_unregister_driver(&stubborn_driver);
}

module_init(stubborn_init);
module_exit(stubborn_exit);

MODULE_DESCRIPTION("A driver that hangs when it is unbound");
MODULE_LICENSE("GPL");
