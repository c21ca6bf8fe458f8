// SPDX-License-Identifier: GPL-2.0
/*
 * Looking for devices. Xen's frontend asks the host about each of the 256
 * functions of a bus, and about 32 of them twice: each time dom0 has to run, and
 * meanwhile a guest that has just arrived has no device. The backend has written
 * to xenstore where it has put devices: have only these asked for.
 */
#include <linux/bitmap.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <xen/xenbus.h>

#include "core/text.h"
#include "xenfix/fix.h"
#include "xenfix/inside.h"

#define FRONTEND	"device/pci/0"
#define FUNCTIONS	256
#define DEVICES_MAX	64

static DEFINE_MUTEX(lock);			/* wrapped */
static struct pci_ops *wrapped;
static int (*original)(struct pci_bus *bus, unsigned int devfn, int where,
		       int size, u32 *val);
static struct module *owner;
static atomic_t inside;

/*
 * The scan under way. It asks in ascending order: who asks for the same or for
 * less begins another one, for which xenstore is read again. Only xenwatch is
 * here, which is where the frontend hears that there are devices.
 */
static struct {
	const struct pci_bus *bus;
	unsigned int last;
	unsigned long end;
	bool known;
	DECLARE_BITMAP(there, FUNCTIONS);
} scan;

static bool is_xenwatch(void)
{
	return current->flags & PF_KTHREAD &&
	       !strcmp(current->comm, "xenwatch");
}

/* A device that went has no place; nor has one that is not there yet. */
static bool read_place(const char *dir, unsigned int i, struct pci_bus *bus)
{
	struct sp_slot slot;
	char node[16], *text;
	int err;

	snprintf(node, sizeof(node), "vdev-%u", i);
	text = xenbus_read(XBT_NIL, dir, node, NULL);
	if (IS_ERR(text))
		return PTR_ERR(text) == -ENOENT;
	err = sp_slot_parse(text, &slot);
	kfree(text);
	if (!err && slot.domain == pci_domain_nr(bus) &&
	    slot.bus == bus->number)
		__set_bit(slot.devfn, scan.there);
	return !err;
}

/* False: not all of it can be read, so that all has to be asked for. */
static bool read_places(struct pci_bus *bus)
{
	char *dir = xenbus_read(XBT_NIL, FRONTEND, "backend", NULL);
	unsigned int i, n;
	bool ok;

	bitmap_zero(scan.there, FUNCTIONS);
	if (IS_ERR(dir))
		return false;
	n = xenbus_read_unsigned(dir, "num_devs", UINT_MAX);
	ok = n <= DEVICES_MAX;
	for (i = 0; ok && i < n; i++)
		ok = read_place(dir, i, bus);
	kfree(dir);
	return ok;
}

static bool scan_goes_on(const struct pci_bus *bus, unsigned int devfn)
{
	return scan.bus == bus && devfn > scan.last &&
	       time_before(jiffies, scan.end);
}

static bool is_empty(struct pci_bus *bus, unsigned int devfn)
{
	if (!scan_goes_on(bus, devfn)) {
		scan.known = read_places(bus);
		scan.bus = bus;
		scan.end = jiffies + HZ;
	}
	scan.last = devfn;
	return scan.known && !test_bit(devfn, scan.there);
}

/* Who asks for a device that is known does not scan, and may not wait. */
static bool is_known(struct pci_bus *bus, unsigned int devfn)
{
	struct pci_dev *pdev = pci_get_slot(bus, devfn);

	pci_dev_put(pdev);
	return pdev;
}

static int read(struct pci_bus *bus, unsigned int devfn, int where, int size,
		u32 *val)
{
	int err = PCIBIOS_SUCCESSFUL;

	atomic_inc(&inside);
	/* Zero is what the frontend says of a place that is empty. */
	if (where == PCI_VENDOR_ID && size == 4 && devfn < FUNCTIONS &&
	    is_xenwatch() && preemptible() && !is_known(bus, devfn) &&
	    is_empty(bus, devfn))
		*val = 0;
	else
		err = original(bus, devfn, where, size, val);
	atomic_dec(&inside);
	return err;
}

static void wrap(struct pci_bus *root)
{
	struct device *frontend = root->bridge ? root->bridge->parent : NULL;
	struct pci_ops *ops = root->ops;

	if (!frontend || !frontend->driver || !ops || !ops->read ||
	    !try_module_get(frontend->driver->owner))
		return;
	owner = frontend->driver->owner;
	original = ops->read;
	/* Whoever calls read() sees what it passes on to. */
	smp_store_release(&ops->read, read);
	wrapped = ops;
}

/**
 * sp_fix_scan() - ask no longer for what is not there
 * @bus: of a device that was found just now
 *
 * The frontend's operations stay the same when its bus goes and comes again.
 */
void sp_fix_scan(struct pci_bus *bus)
{
	if (!sp_fix_needed() || !IS_ENABLED(CONFIG_PREEMPT_COUNT))
		return;
	mutex_lock(&lock);
	if (!wrapped && pci_is_root_bus(bus))
		wrap(bus);
	mutex_unlock(&lock);
}

void sp_fix_scan_start(void)
{
	struct pci_dev *pdev = NULL;

	for_each_pci_dev(pdev)
		sp_fix_scan(pdev->bus);
}

void sp_fix_scan_stop(void)
{
	mutex_lock(&lock);
	if (!wrapped) {
		mutex_unlock(&lock);
		return;
	}
	wrapped->read = original;
	wrapped = NULL;
	mutex_unlock(&lock);
	sp_fix_wait_outside(&inside);
	module_put(owner);
}
