// SPDX-License-Identifier: GPL-2.0
/*
 * Devices come and go. Under PV this runs in xenwatch, between the scan of
 * the bus and the probe of the driver: nothing here may wait for xenwatch, and
 * all of it is short.
 */
#include <linux/pci.h>

#include "buses.h"
#include "core/event.h"
#include "ports.h"
#include "transport.h"
#include "xenfix/fix.h"

/*
 * Before any driver is bound: make the memory fit and learn whose it is. If it
 * does not fit, the device would send other memory than it was told to.
 */
static void device_added(struct pci_dev *pdev)
{
	int err = sp_fix_swiotlb(&pdev->dev);

	if (err) {
		pci_err(pdev, "gets no driver, since bounce buffers are not repaired: %pe\n",
			ERR_PTR(err));
		sp_driver_bar(pdev);
	}
	sp_fix_msix();
	sp_fix_scan(pdev->bus);
	sp_xenstore_slots();
	sp_marking_device_there(pdev);
}

static void device_removed(struct pci_dev *pdev)
{
	sp_bindings_forget(pdev);
	sp_marking_device_gone(pdev);
	sp_fix_msix_forget(pdev);
	sp_fix_gsi();
	sp_event(SP_EVENT_DEVICES);
	sp_event(SP_EVENT_PROGRESS);
}

static int pci_event(struct notifier_block *nb, unsigned long event,
		     void *data)
{
	struct pci_dev *pdev = to_pci_dev(data);

	switch (event) {
	case BUS_NOTIFY_ADD_DEVICE:
		device_added(pdev);
		break;
	case BUS_NOTIFY_BIND_DRIVER:
		sp_marking_driver_binds(pdev);
		break;
	case BUS_NOTIFY_UNBOUND_DRIVER:
		sp_marking_driver_gone(pdev);
		break;
	case BUS_NOTIFY_BOUND_DRIVER:
		sp_marking_device_there(pdev);
		sp_nets_look_soon();
		sp_event(SP_EVENT_PROGRESS);
		break;
	case BUS_NOTIFY_REMOVED_DEVICE:
		device_removed(pdev);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block pci_notifier = {
	.notifier_call = pci_event,
};

int sp_buses_start(void)
{
	return bus_register_notifier(&pci_bus_type, &pci_notifier);
}

void sp_buses_stop(void)
{
	bus_unregister_notifier(&pci_bus_type, &pci_notifier);
}
