// SPDX-License-Identifier: GPL-2.0
/*
 * Giving a device up whose driver does not let go of it. The thread that hangs
 * in the driver keeps the device's lock, maybe for ever, and the host takes the
 * device all the same. So that the guest lives on:
 *
 *   interrupts   are disabled; under PV their event channels are closed
 *   MMIO         becomes a page of ones (giveup_mmio.c)
 *   config space answers as that of a device that was pulled out
 *   DMA          nothing is mapped any more, nothing is given back (giveup_dma.c)
 *   suspend, reboot
 *                pass it over: they would wait for its lock
 *
 * It stays so, whatever the driver does later, until it is removed. All that
 * can fail or take long is done before anything is changed.
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/msi.h>
#include <linux/pm_runtime.h>
#include <xen/xen.h>

#include "core/compat_device.h"
#include "pci/pci.h"
#include "giveup.h"

#define SETTLE_LIMIT_MS		1000
#define SILENCE_LIMIT_MS	2000

enum { SILENCE_ASKED, SILENCE_DONE, SILENCE_FORGOTTEN };

/* ------------------------------------------------ a device and all below it */

static int family(struct device *dev, void *each)
{
	int (*fn)(struct device *dev) = each;

	return fn(dev) ?: device_for_each_child(dev, each, family);
}

/* ------------------------------------------------ suspend and reboot */

/* A suspend waits for the end of it before it looks at the device. */
static int pm_quiet(struct device *dev)
{
	int err = 0;
#ifdef CONFIG_PM
	unsigned long flags;

	spin_lock_irqsave(&dev->power.lock, flags);
	if (dev->power.runtime_status == RPM_RESUMING ||
	    dev->power.runtime_status == RPM_SUSPENDING ||
	    dev->power.idle_notification || dev->power.request_pending)
		err = -EBUSY;
	spin_unlock_irqrestore(&dev->power.lock, flags);
#endif
	return err;
}

static int pm_settled(struct pci_dev *pdev)
{
	ktime_t end = ktime_add_ms(ktime_get(), SETTLE_LIMIT_MS);
	int err;

	while ((err = family(&pdev->dev, pm_quiet)) &&
	       ktime_before(ktime_get(), end))
		msleep(20);
	return err;
}

/*
 * A device that is marked so is passed over in each phase of a suspend, before
 * its lock is taken. Shutting down goes along a list: it is taken out there.
 */
static int pass_over(struct device *dev)
{
	struct kset *devices = dev->kobj.kset;
	unsigned long flags;

	/* Its neighbours in the same word are written with this lock. */
	spin_lock_irqsave(&dev->power.lock, flags);
	dev_pm_syscore_device(dev, true);
	spin_unlock_irqrestore(&dev->power.lock, flags);
	if (devices) {
		spin_lock(&devices->list_lock);
		list_del_init(&dev->kobj.entry);
		spin_unlock(&devices->list_lock);
	}
	return 0;
}

/* ------------------------------------------------ interrupts */

/*
 * The handler stays where it is: the driver will want to free it. A second
 * shutdown then finds the event channel closed.
 */
static void irq_close(struct irq_data *data)
{
	struct irq_chip *chip = irq_data_get_irq_chip(data);
	struct irq_desc *desc = irq_data_to_desc(data);
	unsigned long flags;

	if (!xen_pv_domain() || !chip->irq_shutdown)
		return;
	raw_spin_lock_irqsave(&desc->lock, flags);
	chip->irq_shutdown(data);
	raw_spin_unlock_irqrestore(&desc->lock, flags);
}

static void irq_silence(unsigned int irq)
{
	struct irq_data *data = irq_get_irq_data(irq);

	if (!data)
		return;
	/* Masked now, not when the next one comes. */
	irq_set_status_flags(irq, IRQ_DISABLE_UNLAZY);
	disable_hardirq(irq);
	irq_close(data);
}

static void vectors_silence(struct device *dev)
{
	struct msi_desc *desc;
	unsigned int i;

	msi_for_each_desc(desc, dev, MSI_DESC_ASSOCIATED)
		for (i = 0; i < desc->nvec_used; i++)
			irq_silence(desc->irq + i);
}

/* The driver may hang where it has the lock of its vectors. */
static void silence_work(struct work_struct *work)
{
	struct sp_giveup *giveup = container_of(work, struct sp_giveup,
						  silence);
	struct device *dev = &giveup->pdev->dev;
	bool msi = dev->msi.data;

	if (msi)
		sp_compat_msi_lock(dev);
	if (atomic_cmpxchg(&giveup->phase, SILENCE_ASKED, SILENCE_DONE) ==
	    SILENCE_ASKED && msi)
		vectors_silence(dev);
	if (msi)
		sp_compat_msi_unlock(dev);
	complete(&giveup->silenced);
}

static int silence(struct sp_giveup *giveup)
{
	unsigned long limit = msecs_to_jiffies(SILENCE_LIMIT_MS);

	atomic_set(&giveup->phase, SILENCE_ASKED);
	reinit_completion(&giveup->silenced);
	queue_work(system_unbound_wq, &giveup->silence);
	if (wait_for_completion_timeout(&giveup->silenced, limit))
		return 0;
	if (atomic_cmpxchg(&giveup->phase, SILENCE_ASKED,
			   SILENCE_FORGOTTEN) == SILENCE_ASKED)
		return -EBUSY;
	/* It has the lock: not long now. */
	wait_for_completion(&giveup->silenced);
	return 0;
}

/* A line may be shared, and nobody can tell whose handler is whose. */
static bool has_line(struct pci_dev *pdev)
{
	return !pdev->msi_enabled && !pdev->msix_enabled && pdev->irq &&
	       irq_has_action(pdev->irq);
}

/*
 * What the kernel keeps about a device's vectors is freed with what the driver
 * has from devres, the last first: see to it that this comes before.
 */
static void fence_release(struct device *dev, void *res)
{
	struct sp_giveup **giveup = res;

	flush_work(&(*giveup)->silence);
}

static int fence(struct sp_giveup *giveup)
{
	struct sp_giveup **res = devres_alloc(fence_release, sizeof(*res),
					       GFP_KERNEL);

	if (!res)
		return -ENOMEM;
	*res = giveup;
	devres_add(&giveup->pdev->dev, res);
	return 0;
}

/* ------------------------------------------------ giving up */

/* Under PV the addresses of DMA change with the host: that must be had. */
bool sp_giveup_possible(void)
{
	/* The second is what PV guests, and giveup_mmio.c, need. */
#if defined(SP_HAVE_DMA_OPS) && defined(CONFIG_PARAVIRT_XXL)
	return !xen_domain() || xen_pv_domain();
#else
	return false;
#endif
}

void sp_giveup_init(struct sp_giveup *giveup)
{
	INIT_WORK(&giveup->silence, silence_work);
	init_completion(&giveup->silenced);
}

/*
 * sp_giveup_prepare() - all that may fail; nothing is changed but interrupts
 *
 * Only for a device whose driver is being unbound, and hangs. The interrupts
 * come last here, since a device without is none to go on with.
 */
int sp_giveup_prepare(struct sp_giveup *giveup, struct pci_dev *pdev)
{
	int err;

	giveup->pdev = pdev;
	if (has_line(pdev)) {
		pci_warn(pdev, "cannot be given up: it uses an interrupt line\n");
		return -EBUSY;
	}
	err = pm_settled(pdev);
	if (err) {
		pci_warn(pdev, "cannot be given up: its power state is changing\n");
		return err;
	}
	err = sp_ones_prepare(&giveup->ones, pdev);
	if (err)
		return err;
	err = fence(giveup) ?: silence(giveup);
	if (err)
		sp_ones_end(&giveup->ones);
	return err;
}

/* The driver has let go in the last moment. */
void sp_giveup_cancel(struct sp_giveup *giveup)
{
	sp_ones_end(&giveup->ones);
}

void sp_giveup_commit(struct sp_giveup *giveup)
{
	struct pci_dev *pdev = giveup->pdev;

	WRITE_ONCE(pdev->error_state, pci_channel_io_perm_failure);
	sp_ones_map(&giveup->ones, pdev);
	sp_dma_leak(pdev);
	family(&pdev->dev, pass_over);
}

/* The driver is through with it after all. */
void sp_giveup_end(struct sp_giveup *giveup)
{
	sp_ones_end(&giveup->ones);
	sp_dma_leak_end(giveup->pdev);
}
