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
 */
#include <linux/dma-map-ops.h>
#include <linux/tracepoint.h>
#include <xen/xen.h>

#include "marking.h"

#if defined(SP_HAVE_DMA_EVENTS) && defined(CONFIG_TRACEPOINTS)
#include <trace/events/dma.h>

static void on_map_page(void *unused, struct device *dev, phys_addr_t pa,
			dma_addr_t addr, size_t size,
			enum dma_data_direction dir, unsigned long attrs)
{
	if (dev_is_pci(dev))
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
	check_trace_callback_type_dma_map_page(on_map_page);
	check_trace_callback_type_dma_unmap_page(on_unmap_page);
	check_trace_callback_type_dma_unmap_sg(on_unmap_sg);
	check_trace_callback_type_dma_sync_single_for_cpu(on_sync_single);
	check_trace_callback_type_dma_sync_sg_for_cpu(on_sync_sg);
}

static struct {
	const char *name;
	void *probe;
	struct tracepoint *tp;
} probes[] = {
	{ "dma_map_page", on_map_page },
	{ "dma_unmap_page", on_unmap_page },
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

static void unregister(unsigned int n)
{
	while (n--)
		tracepoint_probe_unregister(probes[n].tp, probes[n].probe,
					    NULL);
}

static int trace_start(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		err = tracepoint_probe_register(probes[i].tp, probes[i].probe,
						NULL);
		if (err) {
			unregister(i);
			return err;
		}
	}
	return 0;
}

static void trace_stop(void)
{
	unregister(ARRAY_SIZE(probes));
}

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
	sp_compat_dma_always_sync(&pdev->dev);
	return 0;
}

static void trace_untrack(struct pci_dev *pdev)
{
}

static void trace_quit(void)
{
	tracepoint_synchronize_unregister();
}

const struct sp_marking_means sp_marking_trace = {
	.name    = "tracepoints",
	.present = trace_present,
	.start   = trace_start,
	.stop    = trace_stop,
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
