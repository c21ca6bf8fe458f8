// SPDX-License-Identifier: GPL-2.0
/*
 * Hear of DMA by the kernel's tracepoints of the DMA API. Nothing is called,
 * and nothing is slower, while they are not in use.
 *
 * dma_unmap_sg comes before the unmapping and the others after it. Either will
 * do: the device is done with the memory when a driver unmaps it, and what is
 * copied out of a bounce buffer is copied by the processor.
 *
 * A driver whose device needs no syncing does not even call for it: that
 * shortcut is closed for the devices, and not opened again, since the kernel
 * may have closed it too meanwhile. It costs a driver that stays a function
 * call for each packet. A driver that sets its mask opens it again, before it
 * maps its buffers; so mappings are heard of, too.
 *
 * Newer kernels (dma_need_unmap()) have drivers note at the mapping, by that
 * shortcut, whether there will be an unmapping, and look again when the device
 * is done. Closed between the two, NVMe frees what it never had, and what was
 * being read is not heard of. There the shortcut is closed by the first mapping
 * after a driver was bound, at all times, and not for a device whose driver was
 * there before: such a one cannot be followed until it is bound again.
 */
#include <linux/dma-map-ops.h>
#include <linux/tracepoint.h>
#include <linux/xarray.h>
#include <xen/xen.h>

#include "core/compat_device.h"
#include "mark_priv.h"

#if defined(SP_HAVE_DMA_EVENTS) && defined(CONFIG_TRACEPOINTS)
#include <trace/events/dma.h>

/* The same by two names. */
#ifdef SP_HAVE_DMA_EVENTS_PHYS
#define MAP_EVENT	"dma_map_phys"
#define UNMAP_EVENT	"dma_unmap_phys"
#define check_map	check_trace_callback_type_dma_map_phys
#define check_unmap	check_trace_callback_type_dma_unmap_phys
#else
#define MAP_EVENT	"dma_map_page"
#define UNMAP_EVENT	"dma_unmap_page"
#define check_map	check_trace_callback_type_dma_map_page
#define check_unmap	check_trace_callback_type_dma_unmap_page
#endif

/* ------------------------------------------------ who came too late */

static DEFINE_XARRAY(late);	/* devices whose driver was there before us */
static bool watching;		/* every mapping since is heard of */

static unsigned long key_of(const struct device *dev)
{
	return (unsigned long)dev;
}

static bool is_late(const struct device *dev)
{
	return !xa_empty(&late) && xa_load(&late, key_of(dev));
}

/* Does the shortcut matter beyond syncing? DMA by functions never takes it. */
static bool must_watch(void)
{
#ifdef SP_HAVE_DMA_NEED_UNMAP
	return !xen_pv_domain();
#else
	return false;
#endif
}

static int late_add(struct pci_dev *pdev)
{
	return xa_err(xa_store(&late, key_of(&pdev->dev), xa_mk_value(1),
			       GFP_KERNEL));
}

/* ------------------------------------------------ probes */

static void on_map(void *unused, struct device *dev, phys_addr_t pa,
		   dma_addr_t addr, size_t size, enum dma_data_direction dir,
		   unsigned long attrs)
{
	if (dev_is_pci(dev) && !is_late(dev))
		sp_compat_dma_always_sync(dev);
}

static void on_unmap_page(void *unused, struct device *dev, dma_addr_t addr,
			  size_t size, enum dma_data_direction dir,
			  unsigned long attrs)
{
	sp_mark_dma(dev, addr, size, dir);
}

static void on_unmap_sg(void *unused, struct device *dev,
			struct scatterlist *sgl, int nents,
			enum dma_data_direction dir, unsigned long attrs)
{
	sp_mark_sg(dev, sgl, nents, dir);
}

static void on_sync_single(void *unused, struct device *dev, dma_addr_t addr,
			   size_t size, enum dma_data_direction dir)
{
	sp_mark_dma(dev, addr, size, dir);
}

static void on_sync_sg(void *unused, struct device *dev,
		       struct scatterlist *sgl, int nents,
		       enum dma_data_direction dir)
{
	sp_mark_sg(dev, sgl, nents, dir);
}

/* Never called: a kernel whose tracepoints say something else won't compile. */
static void __maybe_unused check_types(void)
{
	check_map(on_map);
	check_unmap(on_unmap_page);
	check_trace_callback_type_dma_unmap_sg(on_unmap_sg);
	check_trace_callback_type_dma_sync_single_for_cpu(on_sync_single);
	check_trace_callback_type_dma_sync_sg_for_cpu(on_sync_sg);
}

static struct {
	const char *name;
	void *probe;
	struct tracepoint *tp;
} probes[] = {
	{ MAP_EVENT, on_map },		/* the first: see trace_watch() */
	{ UNMAP_EVENT, on_unmap_page },
	{ "dma_unmap_sg", on_unmap_sg },
	{ "dma_sync_single_for_cpu", on_sync_single },
	{ "dma_sync_sg_for_cpu", on_sync_sg },
};

static void look_at(struct tracepoint *tp, void *unused)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (!strcmp(tp->name, probes[i].name))
			probes[i].tp = tp;
}

/* They are not exported, but can be found. */
static bool trace_present(bool forced)
{
	unsigned int i;

	for_each_kernel_tracepoint(look_at, NULL);
	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (!probes[i].tp)
			return false;
	return true;
}

static void unregister(unsigned int from, unsigned int to)
{
	while (to-- > from)
		tracepoint_probe_unregister(probes[to].tp, probes[to].probe,
					    NULL);
}

static int register_from(unsigned int from, unsigned int to)
{
	unsigned int i;
	int err;

	for (i = from; i < to; i++) {
		err = tracepoint_probe_register(probes[i].tp, probes[i].probe,
						NULL);
		if (err) {
			unregister(from, i);
			return err;
		}
	}
	return 0;
}

/* That of mappings is there at all times, if it must be. */
static unsigned int first_probe(void)
{
	return must_watch() ? 1 : 0;
}

static int trace_start(void)
{
	return register_from(first_probe(), ARRAY_SIZE(probes));
}

static void trace_stop(void)
{
	unregister(first_probe(), ARRAY_SIZE(probes));
}

/* ------------------------------------------------ drivers come and go */

/*
 * Binding a driver is told of before it is probed, and dev->driver is set
 * before that: whoever is not told of yet is found here.
 */
static int trace_watch(void)
{
	struct pci_dev *pdev = NULL;
	int err;

	if (!must_watch())
		return 0;
	for_each_pci_dev(pdev) {
		err = pdev->dev.driver ? late_add(pdev) : 0;
		if (err) {
			pci_dev_put(pdev);
			return err;
		}
	}
	err = register_from(0, 1);
	WRITE_ONCE(watching, !err);
	return err;
}

static void trace_binding(struct pci_dev *pdev)
{
	if (READ_ONCE(watching))
		xa_erase(&late, key_of(&pdev->dev));
	else if (must_watch() && late_add(pdev))
		pci_warn(pdev, "may not be followed: no memory\n");
}

static void trace_unbound(struct pci_dev *pdev)
{
	xa_erase(&late, key_of(&pdev->dev));
}

/* A device that shall be followed, and cannot before its driver is bound again. */
static bool trace_late(struct pci_dev *pdev)
{
	return pdev->dev.driver && is_late(&pdev->dev) &&
	       sp_compat_dma_skips_sync(&pdev->dev);
}

/* ------------------------------------------------ devices */

/* Behind an IOMMU of the guest's own, what a device writes to is not known. */
static bool translated(struct device *dev)
{
#ifdef SP_HAVE_DMA_IOMMU
	if (dev->dma_iommu)
		return true;
#endif
	return !xen_pv_domain() && get_dma_ops(dev);
}

static int trace_track(struct pci_dev *pdev)
{
	if (translated(&pdev->dev))
		return -EOPNOTSUPP;
	if (trace_late(pdev))
		return -EBUSY;
	sp_compat_dma_always_sync(&pdev->dev);
	return 0;
}

static void trace_untrack(struct pci_dev *pdev)
{
}

static void trace_quit(void)
{
	if (watching)
		unregister(0, 1);
	tracepoint_synchronize_unregister();
	xa_destroy(&late);
}

const struct sp_marking_means sp_marking_trace = {
	.name    = "tracepoints",
	.present = trace_present,
	.start   = trace_start,
	.stop    = trace_stop,
	.watch   = trace_watch,
	.binding = trace_binding,
	.unbound = trace_unbound,
	.late    = trace_late,
	.track   = trace_track,
	.untrack = trace_untrack,
	.quit    = trace_quit,
};

#else

static bool trace_present(bool forced)
{
	return false;
}

/* Never present: nothing else is called. */
const struct sp_marking_means sp_marking_trace = {
	.name    = "tracepoints",
	.present = trace_present,
};

#endif
