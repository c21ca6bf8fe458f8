// SPDX-License-Identifier: GPL-2.0
/*
 * Hear of DMA where the kernel has no tracepoints for it: put functions of our
 * own around those that a device's DMA goes through. Only under PV, where there
 * are such functions: elsewhere DMA is direct, and nothing can be put around
 * that.
 *
 * Somebody may be about to call one of ours when it is taken away. So the
 * copies stay until the module goes, and the functions below find the original
 * also when they are late.
 */
#include <linux/dma-map-ops.h>
#include <linux/rcupdate.h>
#include <xen/xen.h>

#include "core/compat_device.h"
#include "mark_priv.h"

#if defined(CONFIG_X86) && defined(SP_HAVE_DMA_OPS)

#define MAX_KINDS	8

/* One for each set of functions that was found at a device. */
static struct kind {
	struct dma_map_ops ops;		/* inner, with ours in place */
	const struct dma_map_ops *inner;
	bool own;			/* the device's own, not the system's */
} kinds[MAX_KINDS];

static unsigned int n_kinds;		/* mark.c's lock */

static struct kind *kind_of(const struct dma_map_ops *ops)
{
	unsigned int i;

	for (i = 0; i < MAX_KINDS; i++)
		if (ops == &kinds[i].ops)
			return &kinds[i];
	return NULL;
}

static const struct dma_map_ops *inner_of(struct device *dev)
{
	const struct dma_map_ops *ops = get_dma_ops(dev);
	struct kind *kind = kind_of(ops);

	return kind ? kind->inner : ops;
}

/* The same by two names. */
#ifdef SP_HAVE_DMA_OPS_PHYS
#define unmap_op	unmap_phys
#else
#define unmap_op	unmap_page
#endif

static void unmap_one(struct device *dev, dma_addr_t addr, size_t size,
		      enum dma_data_direction dir, unsigned long attrs)
{
	const struct dma_map_ops *inner = inner_of(dev);

	if (inner->unmap_op)
		inner->unmap_op(dev, addr, size, dir, attrs);
	sp_mark_dma(dev, addr, size, dir);
}

static void unmap_sg(struct device *dev, struct scatterlist *sgl, int nents,
		     enum dma_data_direction dir, unsigned long attrs)
{
	const struct dma_map_ops *inner = inner_of(dev);

	if (inner->unmap_sg)
		inner->unmap_sg(dev, sgl, nents, dir, attrs);
	sp_mark_sg(dev, sgl, nents, dir);
}

static void sync_single_for_cpu(struct device *dev, dma_addr_t addr,
				size_t size, enum dma_data_direction dir)
{
	const struct dma_map_ops *inner = inner_of(dev);

	if (inner->sync_single_for_cpu)
		inner->sync_single_for_cpu(dev, addr, size, dir);
	sp_mark_dma(dev, addr, size, dir);
}

static void sync_sg_for_cpu(struct device *dev, struct scatterlist *sgl,
			    int nents, enum dma_data_direction dir)
{
	const struct dma_map_ops *inner = inner_of(dev);

	if (inner->sync_sg_for_cpu)
		inner->sync_sg_for_cpu(dev, sgl, nents, dir);
	sp_mark_sg(dev, sgl, nents, dir);
}

static struct kind *kind_for(const struct dma_map_ops *inner, bool own)
{
	struct kind *kind;
	unsigned int i;

	for (i = 0; i < n_kinds; i++)
		if (kinds[i].inner == inner && kinds[i].own == own)
			return &kinds[i];
	if (n_kinds == MAX_KINDS)
		return NULL;

	kind = &kinds[n_kinds++];
	kind->inner = inner;
	kind->own = own;
	kind->ops = *inner;
	kind->ops.unmap_op = unmap_one;
	kind->ops.unmap_sg = unmap_sg;
	kind->ops.sync_single_for_cpu = sync_single_for_cpu;
	kind->ops.sync_sg_for_cpu = sync_sg_for_cpu;
	return kind;
}

static bool ops_present(bool forced)
{
	return xen_pv_domain() || forced;
}

static int ops_start(void)
{
	return 0;
}

static void ops_stop(void)
{
}

static int ops_track(struct pci_dev *pdev)
{
	const struct dma_map_ops *inner = get_dma_ops(&pdev->dev);
	struct kind *kind;

	if (!inner)
		return -EOPNOTSUPP;
	if (!kind_of(inner)) {
		kind = kind_for(inner, pdev->dev.dma_ops);
		if (!kind)
			return -ENOSPC;
		/* The functions before the pointer to them. */
		smp_wmb();
		set_dma_ops(&pdev->dev, &kind->ops);
	}
	sp_compat_dma_always_sync(&pdev->dev);
	return 0;
}

static void ops_untrack(struct pci_dev *pdev)
{
	struct kind *kind = kind_of(pdev->dev.dma_ops);

	if (kind)
		set_dma_ops(&pdev->dev, kind->own ? kind->inner : NULL);
}

/* The DMA API may be called with preemption on: every task must have slept. */
static void ops_quit(void)
{
	if (n_kinds)
		synchronize_rcu_tasks();
}

const struct sp_marking_means sp_marking_ops = {
	.name    = "dma_ops",
	.present = ops_present,
	.start   = ops_start,
	.stop    = ops_stop,
	.track   = ops_track,
	.untrack = ops_untrack,
	.quit    = ops_quit,
};

#else

static bool ops_present(bool forced)
{
	return false;
}

/* Never present: nothing else is called. */
const struct sp_marking_means sp_marking_ops = {
	.name    = "dma_ops",
	.present = ops_present,
};

#endif
