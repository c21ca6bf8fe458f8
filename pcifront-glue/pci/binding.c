// SPDX-License-Identifier: GPL-2.0
/*
 * Drivers of the devices that come and go: loading one for a device that is
 * not there yet, unbinding one in a thread of its own (.remove may take long
 * or hang: never in xenwatch, and the command worker must stay able to
 * answer), keeping the device unbound until the host has taken it, and keeping
 * an account of those that were given up, since .remove never came back.
 */
#include <linux/device.h>
#include <linux/kmod.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <xen/xen.h>
#include <asm/xen/pci.h>

#include "shadowport.h"

static DEFINE_SPINLOCK(driver_lock);	/* state and pdev of all, port->driver */
static LIST_HEAD(abandoned);		/* driver_lock */

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
 * Return: 1 if there is one, 0 if not, -EAGAIN if that cannot be said now.
 */
int sp_driver_name(struct device *dev, char *name, size_t size)
{
	static DEFINE_MUTEX(asking);
	int found = -EAGAIN;

	name[0] = '\0';
	mutex_lock(&asking);
	if (device_trylock(dev)) {
		found = !!dev->driver;
		if (found)
			strscpy(name, dev->driver->name, size);
		device_unlock(dev);
	}
	mutex_unlock(&asking);
	return found;
}

bool sp_driver_bound(struct device *dev)
{
	char name[SP_DRIVER_LEN];

	return sp_driver_name(dev, name, sizeof(name)) > 0;
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

/*
 * The name of no driver: while it is the device's override, nothing binds to
 * it, by whatever way. An override of the administrator's own is not kept: the
 * kernel does not tell what it was.
 */
#define NO_DRIVER	"shadowport-none"

/**
 * sp_driver_bar() - let no driver bind to a device, or any again
 * @pdev: the device; its lock is not held
 * @bar: which of both
 *
 * What is bound stays bound. Sleeps, also as long as a driver is being probed.
 *
 * Return: 0, or an error: nothing has changed then.
 */
int sp_driver_bar(struct pci_dev *pdev, bool bar)
{
	int err = sp_compat_override(pdev, bar ? NO_DRIVER : "");

	if (err)
		pci_err(pdev, "drivers cannot be kept off: %pe\n",
			ERR_PTR(err));
	return err;
}

/* What was given up has let go after all; the device stays given up. */
static void abandoned_through(struct sp_driver *driver)
{
	sp_abandon_end(&driver->abandon);
	pci_info(driver->pdev, "the driver has let go after all\n");
	spin_lock(&driver_lock);
	driver->state = SP_DRIVER_GONE;
	spin_unlock(&driver_lock);
}

/* The module stays as long as this runs: it may be for ever. */
static void unbind_work(struct work_struct *work)
{
	struct sp_driver *driver = container_of(work, struct sp_driver,
						unbind_work);
	struct pci_dev *pdev = driver->pdev;
	ktime_t start = ktime_get();
	bool msix, wanted_back, abandoned;

	/* From here on nothing binds to it. */
	sp_driver_bar(pdev, true);
	device_lock(&pdev->dev);
	driver->bound = pdev->dev.driver;
	msix = pdev->msix_enabled;
	device_unlock(&pdev->dev);

	device_release_driver(&pdev->dev);
	driver->unbind_us = ktime_us_delta(ktime_get(), start);

	spin_lock(&driver_lock);
	abandoned = driver->state == SP_DRIVER_ABANDONED;
	wanted_back = driver->wanted_back && !abandoned;
	if (!abandoned)
		driver->state = SP_DRIVER_LEFT;
	spin_unlock(&driver_lock);
	if (abandoned)
		abandoned_through(driver);
	else if (msix)
		backend_disable_msix(pdev);
	if (wanted_back) {
		sp_driver_rebind(driver->port);
		sp_commands_publish();
	}
	sp_commands_wake();
	/* Ending waits for the work item. */
	module_put(THIS_MODULE);
}

static struct sp_driver *driver_new(struct sp_port *port)
{
	struct sp_driver *driver = kzalloc(sizeof(*driver), GFP_KERNEL);

	if (!driver)
		return NULL;
	driver->port = port;
	INIT_WORK(&driver->unbind_work, unbind_work);
	sp_abandon_init(&driver->abandon);
	return driver;
}

int sp_driver_init(struct sp_port *port)
{
	port->driver = driver_new(port);
	return port->driver ? 0 : -ENOMEM;
}

/* -EBUSY: the last one never came back, or is being bound again. */
int sp_driver_unbind_start(struct sp_port *port)
{
	struct sp_driver *driver = port->driver;
	struct pci_dev *pdev, *old = NULL;
	int err = 0;

	pdev = sp_port_pci_dev(port);
	if (!pdev || sp_driver_abandoned(pdev)) {
		pci_dev_put(pdev);
		return 0;
	}

	spin_lock(&driver_lock);
	if (driver->state == SP_DRIVER_LEFT && driver->pdev != pdev) {
		/* It was removed while it was being unbound. */
		old = driver->pdev;
		driver->state = SP_DRIVER_IDLE;
	}
	driver->wanted_back = false;
	if (driver->state == SP_DRIVER_LEAVING ||
	    driver->state == SP_DRIVER_RETURNING) {
		err = -EBUSY;
	} else if (driver->state == SP_DRIVER_IDLE) {
		/* From the command worker, which ends before the module does. */
		__module_get(THIS_MODULE);
		driver->state = SP_DRIVER_LEAVING;
		driver->pdev = pci_dev_get(pdev);
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
	done = port->driver->state != SP_DRIVER_LEAVING &&
	       port->driver->state != SP_DRIVER_RETURNING;
	spin_unlock(&driver_lock);
	return done;
}

static void driver_returned(struct sp_driver *driver)
{
	struct pci_dev *pdev = driver->pdev;

	spin_lock(&driver_lock);
	driver->pdev = NULL;
	driver->state = SP_DRIVER_IDLE;
	spin_unlock(&driver_lock);
	pci_dev_put(pdev);
	sp_commands_wake();
}

/*
 * Let the kernel bind again what we kept unbound, if it is still there. A
 * driver that has not let go yet does so later, when nobody asks for it any
 * more. Nobody unbinds it until this is done.
 */
void sp_driver_rebind(struct sp_port *port)
{
	struct sp_driver *driver = port->driver;
	struct pci_dev *pdev = NULL;

	spin_lock(&driver_lock);
	if (driver->state == SP_DRIVER_LEFT) {
		pdev = driver->pdev;
		driver->state = SP_DRIVER_RETURNING;
	} else if (driver->state == SP_DRIVER_LEAVING) {
		driver->wanted_back = true;
	}
	spin_unlock(&driver_lock);
	if (!pdev)
		return;

	if (!sp_driver_bar(pdev, false) && driver->bound &&
	    device_attach(&pdev->dev) < 1)
		pci_warn(pdev, "no driver binds again\n");
	driver_returned(driver);
}

/* ------------------------------------------------ giving up */

/* False: it has let go in the meantime. */
static bool disown(struct sp_port *port, struct sp_driver *fresh)
{
	struct sp_driver *driver = port->driver;
	bool hangs;

	spin_lock(&driver_lock);
	hangs = driver->state == SP_DRIVER_LEAVING;
	if (hangs) {
		driver->state = SP_DRIVER_ABANDONED;
		list_add(&driver->node, &abandoned);
		port->driver = fresh;
	}
	spin_unlock(&driver_lock);
	return hangs;
}

/*
 * Give up the device whose driver does not let go. 0: also if it has let go
 * now; an error: the device is as before. Takes some seconds at most.
 */
int sp_driver_abandon(struct sp_port *port)
{
	struct sp_driver *driver = port->driver;
	struct sp_driver *fresh = driver_new(port);
	int err;

	if (!fresh)
		return -ENOMEM;
	err = sp_abandon_prepare(&driver->abandon, driver->pdev);
	if (err) {
		kfree(fresh);
		return err;
	}
	if (!disown(port, fresh)) {
		sp_abandon_cancel(&driver->abandon);
		kfree(fresh);
		return 0;
	}
	sp_abandon_commit(&driver->abandon);
	pr_warn("port %s: %s is given up, its driver hangs\n", port->id,
		pci_name(driver->pdev));
	return 0;
}

bool sp_driver_abandoned(const struct pci_dev *pdev)
{
	struct sp_driver *driver;
	bool found = false;

	spin_lock(&driver_lock);
	list_for_each_entry(driver, &abandoned, node)
		if (driver->pdev == pdev)
			found = true;
	spin_unlock(&driver_lock);
	return found;
}

/* We have unbound it: it is nobody's until we say so. */
bool sp_driver_left(struct sp_port *port, const struct pci_dev *pdev)
{
	bool left;

	spin_lock(&driver_lock);
	left = port->driver->pdev == pdev &&
	       port->driver->state == SP_DRIVER_LEFT;
	spin_unlock(&driver_lock);
	return left;
}

/*
 * Its device was given up, is still there, and it has no other. In a PV guest
 * that was moved no slot tells of it.
 */
bool sp_driver_port_abandoned(struct sp_port *port)
{
	struct sp_driver *driver;
	struct sp_slot slot;
	bool has = sp_port_slot(port, &slot);
	bool found = false;

	spin_lock(&driver_lock);
	list_for_each_entry(driver, &abandoned, node)
		if (driver->port == port && driver->pdev &&
		    (!has || sp_slot_is(&slot, driver->pdev)))
			found = true;
	spin_unlock(&driver_lock);
	return found;
}

/* ------------------------------------------------ ending */

/* The module goes: wait for .remove, then nothing is kept back any more. */
void sp_driver_stop(struct sp_port *port)
{
	flush_work(&port->driver->unbind_work);
	flush_work(&port->driver->abandon.silence);
	sp_driver_rebind(port);
	kfree(port->driver);
}

void sp_driver_stop_abandoned(void)
{
	struct sp_driver *driver, *next;

	list_for_each_entry_safe(driver, next, &abandoned, node) {
		flush_work(&driver->unbind_work);
		flush_work(&driver->abandon.silence);
		list_del(&driver->node);
		pci_dev_put(driver->pdev);
		kfree(driver);
	}
}

/* The device was removed: nothing is left to keep unbound. */
static struct pci_dev *driver_forget(struct sp_driver *driver,
				     const struct pci_dev *pdev)
{
	struct pci_dev *ours = driver->pdev;

	lockdep_assert_held(&driver_lock);
	if (ours != pdev || (driver->state != SP_DRIVER_LEFT &&
			     driver->state != SP_DRIVER_GONE))
		return NULL;
	driver->pdev = NULL;
	if (driver->state == SP_DRIVER_LEFT)
		driver->state = SP_DRIVER_IDLE;
	return ours;
}

void sp_driver_forget(const struct pci_dev *pdev)
{
	struct pci_dev *ours = NULL;
	struct sp_driver *driver;
	struct sp_port *port;

	spin_lock(&driver_lock);
	sp_for_each_port(port)
		ours = ours ?: driver_forget(port->driver, pdev);
	list_for_each_entry(driver, &abandoned, node)
		ours = ours ?: driver_forget(driver, pdev);
	spin_unlock(&driver_lock);
	pci_dev_put(ours);
}
