// SPDX-License-Identifier: GPL-2.0
/*
 * Drivers of the devices that come and go: loading one for a device that is
 * not there yet, unbinding one in a thread of its own (.remove may take long
 * or hang: never in xenwatch, and the command worker must stay able to
 * answer), and keeping the device unbound until the host has taken it.
 */
#include <linux/device.h>
#include <linux/kmod.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <xen/xen.h>
#include <asm/xen/pci.h>

#include "shadowport.h"

static DEFINE_SPINLOCK(driver_lock);	/* state and pdev of all ports */

/* ------------------------------------------------ loading */

/* One entry of a driver's table; not those for a forced match. */
static bool id_matches(const struct pci_device_id *id,
		       const struct pci_device_id *dev)
{
	return !id->override_only &&
	       (id->vendor == PCI_ANY_ID || id->vendor == dev->vendor) &&
	       (id->device == PCI_ANY_ID || id->device == dev->device) &&
	       (id->subvendor == PCI_ANY_ID ||
		id->subvendor == dev->subvendor) &&
	       (id->subdevice == PCI_ANY_ID ||
		id->subdevice == dev->subdevice) &&
	       !((id->class ^ dev->class) & id->class_mask);
}

static int driver_matches(struct device_driver *drv, void *data)
{
	const struct pci_device_id *id = to_pci_driver(drv)->id_table;

	for (; id && (id->vendor || id->subvendor || id->class_mask); id++)
		if (id_matches(id, data))
			return 1;
	return 0;
}

static int modalias_parse(const char *modalias, struct pci_device_id *dev)
{
	unsigned int class, subclass, interface;
	int end = 0;

	memset(dev, 0, sizeof(*dev));
	if (sscanf(modalias, "pci:v%8xd%8xsv%8xsd%8xbc%2xsc%2xi%2x%n",
		   &dev->vendor, &dev->device, &dev->subvendor,
		   &dev->subdevice, &class, &subclass, &interface,
		   &end) != 7 || modalias[end])
		return -EINVAL;
	dev->class = class << 16 | subclass << 8 | interface;
	return 0;
}

/*
 * Load the driver for a device that will come. What modprobe says is not the
 * answer: the driver may be built in, or loaded under another alias.
 */
bool sp_driver_load(const char *modalias)
{
	struct pci_device_id dev;

	if (modalias_parse(modalias, &dev)) {
		pr_warn("modalias %s: not one of a PCI device\n", modalias);
		return false;
	}
	request_module("%s", modalias);
	return bus_for_each_drv(&pci_bus_type, NULL, &dev, driver_matches);
}

/**
 * sp_driver_name() - which driver has it, and is done with probing?
 * @dev: the device
 * @name: where the driver's name goes; empty if there is none
 * @size: room there
 *
 * Probing holds the device's lock, as does .remove. Never waits for that, so
 * it can be asked with the RTNL held. We ask one at a time, or one would take
 * the other for a driver at work.
 *
 * Return: whether there is one.
 */
bool sp_driver_name(struct device *dev, char *name, size_t size)
{
	static DEFINE_MUTEX(asking);

	name[0] = '\0';
	mutex_lock(&asking);
	if (device_trylock(dev)) {
		if (dev->driver)
			strscpy(name, dev->driver->name, size);
		device_unlock(dev);
	}
	mutex_unlock(&asking);
	return name[0];
}

bool sp_driver_bound(struct device *dev)
{
	char name[SP_DRIVER_LEN];

	return sp_driver_name(dev, name, sizeof(name));
}

/* ------------------------------------------------ unbinding */

/*
 * The PCI core clears msix_enabled before it tears the vectors down, so that
 * Xen's frontend asks the backend to disable MSI, and the device can never be
 * given MSI-X again. Ask for the right thing.
 */
static void backend_disable_msix(struct pci_dev *pdev)
{
	if (xen_pv_domain() && !xen_initial_domain())
		xen_pci_frontend_disable_msix(pdev);
}

static void unbind_work(struct work_struct *work)
{
	struct sp_driver *driver = container_of(work, struct sp_driver,
						unbind_work);
	struct pci_dev *pdev = driver->pdev;
	ktime_t start = ktime_get();
	bool msix, wanted_back;

	device_lock(&pdev->dev);
	driver->bound = pdev->dev.driver;
	msix = pdev->msix_enabled;
	device_unlock(&pdev->dev);

	device_release_driver(&pdev->dev);
	if (msix)
		backend_disable_msix(pdev);
	driver->unbind_us = ktime_us_delta(ktime_get(), start);

	spin_lock(&driver_lock);
	driver->state = SP_DRIVER_LEFT;
	wanted_back = driver->wanted_back;
	spin_unlock(&driver_lock);
	if (wanted_back) {
		sp_driver_rebind(container_of(driver, struct sp_port, driver));
		sp_commands_publish();
	}
	sp_commands_wake();
}

void sp_driver_init(struct sp_port *port)
{
	INIT_WORK(&port->driver.unbind_work, unbind_work);
}

/* -EBUSY: the last one never came back. */
int sp_driver_unbind_start(struct sp_port *port)
{
	struct sp_driver *driver = &port->driver;
	struct pci_dev *pdev, *old = NULL;
	int err = 0;

	pdev = sp_port_pci_dev(port);
	if (!pdev)
		return 0;

	spin_lock(&driver_lock);
	if (driver->state == SP_DRIVER_LEFT && driver->pdev != pdev) {
		/* It was removed while it was being unbound. */
		old = driver->pdev;
		driver->state = SP_DRIVER_IDLE;
	}
	driver->wanted_back = false;
	if (driver->state == SP_DRIVER_LEAVING) {
		err = -EBUSY;
	} else if (driver->state == SP_DRIVER_IDLE) {
		driver->state = SP_DRIVER_LEAVING;
		driver->pdev = pci_dev_get(pdev);
		/* From here on nothing binds to it, by whatever way. */
		pdev->match_driver = false;
		queue_work(system_unbound_wq, &driver->unbind_work);
	}
	spin_unlock(&driver_lock);
	pci_dev_put(old);
	pci_dev_put(pdev);
	return err;
}

bool sp_driver_unbind_done(struct sp_port *port)
{
	bool done;

	spin_lock(&driver_lock);
	done = port->driver.state != SP_DRIVER_LEAVING;
	spin_unlock(&driver_lock);
	return done;
}

/*
 * Let the kernel bind again what we kept unbound, if it is still there. A
 * driver that has not let go yet does so later, when nobody asks for it any
 * more.
 */
void sp_driver_rebind(struct sp_port *port)
{
	struct sp_driver *driver = &port->driver;
	struct pci_dev *pdev = NULL;

	spin_lock(&driver_lock);
	if (driver->state == SP_DRIVER_LEFT) {
		pdev = driver->pdev;
		driver->pdev = NULL;
		driver->state = SP_DRIVER_IDLE;
	} else if (driver->state == SP_DRIVER_LEAVING) {
		driver->wanted_back = true;
	}
	spin_unlock(&driver_lock);
	if (!pdev)
		return;

	pdev->match_driver = true;
	if (driver->bound && device_attach(&pdev->dev) < 1)
		pci_warn(pdev, "no driver binds again\n");
	pci_dev_put(pdev);
}

/* The module goes: wait for .remove, then nothing is kept back any more. */
void sp_driver_stop(struct sp_port *port)
{
	flush_work(&port->driver.unbind_work);
	sp_driver_rebind(port);
}

/* The device was removed: nothing is left to keep unbound. */
void sp_driver_forget(struct sp_port *port, struct pci_dev *pdev)
{
	struct sp_driver *driver = &port->driver;
	bool ours;

	spin_lock(&driver_lock);
	ours = driver->pdev == pdev && driver->state == SP_DRIVER_LEFT;
	if (ours) {
		driver->pdev = NULL;
		driver->state = SP_DRIVER_IDLE;
	}
	spin_unlock(&driver_lock);
	if (ours)
		pci_dev_put(pdev);
}
