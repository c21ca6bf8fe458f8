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
#include <linux/string.h>
#include <xen/xen.h>
#include <asm/xen/pci.h>

#include "core/compat_device.h"
#include "core/event.h"
#include "pci/pci.h"
#include "giveup.h"

/*
 * A binding is what the host promised: one device at a time. A removal is the
 * unbinding of one of them; those that were given up outlive the next.
 */
enum state {
	IDLE,		/* the kernel binds as it likes */
	LEAVING,	/* .remove is running in our thread */
	LEFT,		/* unbound and kept so */
	RETURNING,	/* … and being bound again */
	GIVEN_UP,	/* .remove is running, nobody waits for it */
	GONE,		/* … and has returned */
};

struct removal {
	struct list_head node;		/* GIVEN_UP and GONE: all such */
	struct sp_binding *binding;	/* whose it is, or was */
	struct work_struct work;
	struct sp_giveup giveup;
	struct pci_dev *pdev;		/* with a reference, unless IDLE */
	enum state state;
	bool had_driver;		/* there was a driver to unbind */
	bool wanted_back;		/* while LEAVING: bind it again then */
	char *override;			/* an administrator's, or NULL */
	u64 us;				/* how long that took */
};

struct sp_binding {
	struct list_head node;
	char id[SP_ID_LEN];
	struct removal *removal;
};

static DEFINE_SPINLOCK(lock);	/* lists; state and pdev of all removals */
static LIST_HEAD(bindings);
static LIST_HEAD(given_up);

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
 * given MSI-X again. Ask for the right thing, if the kernel does not.
 */
static void backend_disable_msix(struct pci_dev *pdev)
{
#ifndef SP_HAVE_FIXED_MSIX
	if (xen_pv_domain() && !xen_initial_domain())
		xen_pci_frontend_disable_msix(pdev);
#endif
}

/*
 * The name of no driver: while it is the device's override, nothing binds to
 * it, by whatever way.
 */
#define NO_DRIVER	"shadowport-none"

static int set_override(struct pci_dev *pdev, const char *name)
{
	int err = sp_compat_override(pdev, name);

	if (err)
		pci_err(pdev, "driver_override cannot be '%s': %pe\n", name,
			ERR_PTR(err));
	return err;
}

/**
 * sp_driver_bar() - let no driver bind to a device
 * @pdev: the device; its lock is not held
 *
 * What is bound stays bound. Sleeps, also as long as a driver is being probed.
 */
void sp_driver_bar(struct pci_dev *pdev)
{
	set_override(pdev, NO_DRIVER);
}

/* The same, and keep what an administrator has said. */
static void bar_and_keep(struct removal *removal)
{
	char *now = sp_compat_override_now(removal->pdev);

	kfree(removal->override);
	removal->override = NULL;
	if (now && strcmp(now, NO_DRIVER))
		swap(removal->override, now);
	kfree(now);
	sp_driver_bar(removal->pdev);
}

/* What was given up has let go after all; the device stays given up. */
static void let_go_after_all(struct removal *removal)
{
	sp_giveup_end(&removal->giveup);
	pci_info(removal->pdev, "the driver has let go after all\n");
	spin_lock(&lock);
	removal->state = GONE;
	spin_unlock(&lock);
}

/* The module stays as long as this runs: it may be for ever. */
static void removal_work(struct work_struct *work)
{
	struct removal *removal = container_of(work, struct removal, work);
	struct pci_dev *pdev = removal->pdev;
	ktime_t start = ktime_get();
	bool msix, wanted_back, late;

	/* From here on nothing binds to it. */
	bar_and_keep(removal);
	device_lock(&pdev->dev);
	removal->had_driver = pdev->dev.driver;
	msix = pdev->msix_enabled;
	device_unlock(&pdev->dev);

	device_release_driver(&pdev->dev);
	removal->us = ktime_us_delta(ktime_get(), start);

	spin_lock(&lock);
	late = removal->state == GIVEN_UP;
	wanted_back = removal->wanted_back && !late;
	if (!late)
		removal->state = LEFT;
	spin_unlock(&lock);
	if (late)
		let_go_after_all(removal);
	else if (msix)
		backend_disable_msix(pdev);
	if (wanted_back) {
		sp_binding_restore(removal->binding);
		sp_event(SP_EVENT_DEVICES);
	}
	sp_event(SP_EVENT_PROGRESS);
	/* Ending waits for the work item. */
	module_put(THIS_MODULE);
}

static struct removal *removal_new(struct sp_binding *binding)
{
	struct removal *removal = kzalloc(sizeof(*removal), GFP_KERNEL);

	if (!removal)
		return NULL;
	removal->binding = binding;
	INIT_WORK(&removal->work, removal_work);
	sp_giveup_init(&removal->giveup);
	return removal;
}

struct sp_binding *sp_binding_new(const char *id)
{
	struct sp_binding *binding = kzalloc(sizeof(*binding), GFP_KERNEL);

	if (!binding)
		return NULL;
	strscpy(binding->id, id, sizeof(binding->id));
	binding->removal = removal_new(binding);
	if (!binding->removal) {
		kfree(binding);
		return NULL;
	}
	spin_lock(&lock);
	list_add_tail(&binding->node, &bindings);
	spin_unlock(&lock);
	return binding;
}

static bool is_given_up(const struct pci_dev *pdev)
{
	struct removal *removal;

	list_for_each_entry(removal, &given_up, node)
		if (removal->pdev == pdev)
			return true;
	return false;
}

/**
 * sp_binding_unbind() - begin to unbind the device of now
 * @binding: whose it is
 * @pdev: the device, or NULL: there is none
 *
 * Done at once if there is nothing to unbind. See sp_binding_done().
 *
 * Return: 0, or -EBUSY: the last one never came back, or is being bound again.
 */
int sp_binding_unbind(struct sp_binding *binding, struct pci_dev *pdev)
{
	struct removal *removal = binding->removal;
	struct pci_dev *old = NULL;
	int err = 0;

	if (!pdev)
		return 0;

	spin_lock(&lock);
	if (is_given_up(pdev))
		goto out;
	if (removal->state == LEFT && removal->pdev != pdev) {
		/* It was removed while it was being unbound. */
		old = removal->pdev;
		removal->state = IDLE;
	}
	removal->wanted_back = false;
	if (removal->state == LEAVING || removal->state == RETURNING) {
		err = -EBUSY;
	} else if (removal->state == IDLE) {
		/* From the command worker, which ends before the module does. */
		__module_get(THIS_MODULE);
		removal->state = LEAVING;
		removal->pdev = pci_dev_get(pdev);
		queue_work(system_unbound_wq, &removal->work);
	}
out:
	spin_unlock(&lock);
	pci_dev_put(old);
	return err;
}

bool sp_binding_done(struct sp_binding *binding)
{
	bool done;

	spin_lock(&lock);
	done = binding->removal->state != LEAVING &&
	       binding->removal->state != RETURNING;
	spin_unlock(&lock);
	return done;
}

static void returned(struct removal *removal)
{
	struct pci_dev *pdev = removal->pdev;

	spin_lock(&lock);
	removal->pdev = NULL;
	removal->state = IDLE;
	spin_unlock(&lock);
	pci_dev_put(pdev);
	sp_event(SP_EVENT_PROGRESS);
}

/**
 * sp_binding_restore() - let the kernel bind again what we kept unbound
 * @binding: whose it is
 *
 * If it is still there. A driver that has not let go yet does so later, when
 * nobody asks for it any more. Nobody unbinds it until this is done.
 */
void sp_binding_restore(struct sp_binding *binding)
{
	struct removal *removal = binding->removal;
	struct pci_dev *pdev = NULL;

	spin_lock(&lock);
	if (removal->state == LEFT) {
		pdev = removal->pdev;
		removal->state = RETURNING;
	} else if (removal->state == LEAVING) {
		removal->wanted_back = true;
	}
	spin_unlock(&lock);
	if (!pdev)
		return;

	if (!set_override(pdev, removal->override ?: "") && removal->had_driver &&
	    device_attach(&pdev->dev) < 1)
		pci_warn(pdev, "no driver binds again\n");
	returned(removal);
}

/* We have unbound it: it is nobody's until we say so. */
bool sp_binding_left(struct sp_binding *binding, const struct pci_dev *pdev)
{
	bool left;

	spin_lock(&lock);
	left = binding->removal->pdev == pdev &&
	       binding->removal->state == LEFT;
	spin_unlock(&lock);
	return left;
}

/* The last one that was unbound had a driver. */
bool sp_binding_had_driver(struct sp_binding *binding)
{
	return binding->removal->had_driver;
}

u64 sp_binding_us(struct sp_binding *binding)
{
	return binding->removal->us;
}

/* ------------------------------------------------ giving up */

/* False: it has let go in the meantime. */
static bool disown(struct sp_binding *binding, struct removal *fresh)
{
	struct removal *removal = binding->removal;
	bool hangs;

	spin_lock(&lock);
	hangs = removal->state == LEAVING;
	if (hangs) {
		removal->state = GIVEN_UP;
		list_add(&removal->node, &given_up);
		binding->removal = fresh;
	}
	spin_unlock(&lock);
	return hangs;
}

/*
 * Give up the device whose driver does not let go. 0: also if it has let go
 * now; an error: the device is as before. Takes some seconds at most. Whoever
 * looks at the device from now on finds it disconnected.
 */
int sp_binding_give_up(struct sp_binding *binding)
{
	struct removal *removal = binding->removal;
	struct removal *fresh = removal_new(binding);
	int err;

	if (!fresh)
		return -ENOMEM;
	err = sp_giveup_prepare(&removal->giveup, removal->pdev);
	if (err) {
		kfree(fresh);
		return err;
	}
	if (!disown(binding, fresh)) {
		sp_giveup_cancel(&removal->giveup);
		kfree(fresh);
		return 0;
	}
	sp_giveup_commit(&removal->giveup);
	pr_warn("port %s: %s is given up, its driver hangs\n", binding->id,
		pci_name(removal->pdev));
	return 0;
}

/*
 * Its device was given up, is still there, and it has no other in @slot. In a
 * PV guest that was moved no slot tells of it: NULL.
 */
bool sp_binding_given_up(struct sp_binding *binding, const struct sp_slot *slot)
{
	struct removal *removal;
	bool found = false;

	spin_lock(&lock);
	list_for_each_entry(removal, &given_up, node)
		if (removal->binding == binding && removal->pdev &&
		    (!slot || sp_slot_is(slot, removal->pdev)))
			found = true;
	spin_unlock(&lock);
	return found;
}

/* ------------------------------------------------ ending */

static void removal_wait(struct removal *removal)
{
	flush_work(&removal->work);
	flush_work(&removal->giveup.silence);
}

/* The module goes: wait for .remove, then nothing is kept back any more. */
void sp_binding_free(struct sp_binding *binding)
{
	removal_wait(binding->removal);
	sp_binding_restore(binding);
	spin_lock(&lock);
	list_del(&binding->node);
	spin_unlock(&lock);
	kfree(binding->removal->override);
	kfree(binding->removal);
	kfree(binding);
}

/* After the last of them. */
void sp_bindings_stop(void)
{
	struct removal *removal, *next;

	list_for_each_entry_safe(removal, next, &given_up, node) {
		removal_wait(removal);
		list_del(&removal->node);
		pci_dev_put(removal->pdev);
		kfree(removal->override);
		kfree(removal);
	}
}

/* The device was removed: nothing is left to keep unbound. */
static struct pci_dev *removal_forget(struct removal *removal,
				      const struct pci_dev *pdev)
{
	struct pci_dev *ours = removal->pdev;

	lockdep_assert_held(&lock);
	if (ours != pdev ||
	    (removal->state != LEFT && removal->state != GONE))
		return NULL;
	removal->pdev = NULL;
	if (removal->state == LEFT)
		removal->state = IDLE;
	return ours;
}

void sp_bindings_forget(const struct pci_dev *pdev)
{
	struct sp_binding *binding;
	struct pci_dev *ours = NULL;
	struct removal *removal;

	spin_lock(&lock);
	list_for_each_entry(binding, &bindings, node)
		ours = ours ?: removal_forget(binding->removal, pdev);
	list_for_each_entry(removal, &given_up, node)
		ours = ours ?: removal_forget(removal, pdev);
	spin_unlock(&lock);
	pci_dev_put(ours);
}
