// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that does not let go: its .remove blocks until the parameter
 * "release" is written, with the RTNL lock held if "rtnl" is set. "name" is
 * what it calls itself.
 */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>

static char *name = "stubborn";
module_param(name, charp, 0444);

static bool rtnl;
module_param(rtnl, bool, 0644);

static unsigned int probes;
module_param(probes, uint, 0444);

static DECLARE_COMPLETION(released);

static int release_set(const char *val, const struct kernel_param *kp)
{
	complete_all(&released);
	return 0;
}

static const struct kernel_param_ops release_ops = { .set = release_set };
module_param_cb(release, &release_ops, NULL, 0200);

static int stubborn_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	probes++;
	return 0;
}

static void stubborn_remove(struct pci_dev *pdev)
{
	if (rtnl)
		rtnl_lock();
	wait_for_completion(&released);
	if (rtnl)
		rtnl_unlock();
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
