// SPDX-License-Identifier: GPL-2.0
/*
 * The DMA API for the driver of a device that is gone. What it maps fails, and
 * what it gives back is kept and counted: the device cannot reach it, but the
 * driver may give it back after the guest was moved, when the addresses it
 * knows belong to somebody else.
 */
#include <linux/dma-map-ops.h>
#include <linux/module.h>

#include "core/compat_device.h"
#include "giveup.h"

#ifdef SP_HAVE_DMA_OPS

static atomic_t kept = ATOMIC_INIT(0);

static int kept_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%d\n", atomic_read(&kept));
}

static const struct kernel_param_ops kept_ops = { .get = kept_get };
module_param_cb(abandoned_dma, &kept_ops, NULL, 0444);
MODULE_PARM_DESC(abandoned_dma, "DMA buffers and mappings that drivers of abandoned devices gave back; kept");

static void *no_alloc(struct device *dev, size_t size, dma_addr_t *handle,
		      gfp_t gfp, unsigned long attrs)
{
	return NULL;
}

static void keep_buffer(struct device *dev, size_t size, void *cpu_addr,
			dma_addr_t handle, unsigned long attrs)
{
	atomic_inc(&kept);
}

#ifdef SP_HAVE_DMA_OPS_PAGE
static dma_addr_t no_page(struct device *dev, struct page *page,
			  unsigned long offset, size_t size,
			  enum dma_data_direction dir, unsigned long attrs)
{
	return DMA_MAPPING_ERROR;
}
#endif

static void keep_page(struct device *dev, dma_addr_t handle, size_t size,
		      enum dma_data_direction dir, unsigned long attrs)
{
	atomic_inc(&kept);
}

static int no_sg(struct device *dev, struct scatterlist *sgl, int nents,
		 enum dma_data_direction dir, unsigned long attrs)
{
	return -EIO;
}

static void keep_sg(struct device *dev, struct scatterlist *sgl, int nents,
		    enum dma_data_direction dir, unsigned long attrs)
{
	atomic_add(nents, &kept);
}

static dma_addr_t no_phys(struct device *dev, phys_addr_t phys, size_t size,
			  enum dma_data_direction dir, unsigned long attrs)
{
	return DMA_MAPPING_ERROR;
}

static const struct dma_map_ops leak_ops = {
	.alloc = no_alloc,
	.free = keep_buffer,
#ifdef SP_HAVE_DMA_OPS_PAGE
	.map_page = no_page,
	.unmap_page = keep_page,
	.map_resource = no_phys,
	.unmap_resource = keep_page,
#else
	.map_phys = no_phys,
	.unmap_phys = keep_page,
#endif
	.map_sg = no_sg,
	.unmap_sg = keep_sg,
};

void sp_dma_leak(struct pci_dev *pdev)
{
	set_dma_ops(&pdev->dev, &leak_ops);
}

/* Nobody calls them any more: the driver is through. */
void sp_dma_leak_end(struct pci_dev *pdev)
{
	if (pdev->dev.dma_ops == &leak_ops)
		set_dma_ops(&pdev->dev, NULL);
}

#else

/* It is never abandoned: see sp_giveup_possible(). */
void sp_dma_leak(struct pci_dev *pdev)
{
}

void sp_dma_leak_end(struct pci_dev *pdev)
{
}

#endif
