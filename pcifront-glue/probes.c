// SPDX-License-Identifier: GPL-2.0
/*
 * What does this kernel have? configure compiles each section by itself, with
 * the kernel's own flags, and defines SP_HAVE_<name> in sp_config.h if it
 * compiles. Nothing of this is linked. Asked of the compiler, not of a version:
 * distributions backport.
 */
#if defined(TRY_ALWAYS)		/* all headers below that every kernel has */

#include <linux/device.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/ethtool.h>
#include <linux/msi.h>
#include <linux/netdevice.h>
#include <linux/swiotlb.h>

#elif defined(TRY_NEVER)	/* compiles: it would say yes to anything */

#include <linux/netdevice.h>
static inline void try(struct net_device *dev)
{
	sp_no_such_function(dev->sp_no_such_member);
}

#elif defined(TRY_NETDEV_LLTX)

#include <linux/netdevice.h>
static inline void try(struct net_device *dev)
{
	dev->lltx = true;
}

#elif defined(TRY_NO_ADDRCONF)

#include <linux/netdevice.h>
static inline unsigned int try(void)
{
	return IFF_NO_ADDRCONF;
}

#elif defined(TRY_NETDEV_LOCK)	/* drivers may want a lock of the device's */

#include <net/netdev_lock.h>
static inline void try(struct net_device *dev)
{
	netdev_lock_ops(dev);
	netdev_unlock_ops(dev);
}

#elif defined(TRY_MAC_STORAGE)	/* dev_set_mac_address() */

#include <linux/netdevice.h>
static inline int try(struct net_device *dev, struct sockaddr_storage *ss)
{
	return dev_set_mac_address(dev, ss, NULL);
}

#elif defined(TRY_HEX_HEADER)	/* mac_pton() */

#include <linux/hex.h>
static inline bool try(const char *text, u8 *mac)
{
	return mac_pton(text, mac);
}

#elif defined(TRY_IPV6_STUB)

#include <net/ipv6_stubs.h>
static inline struct neigh_table *try(void)
{
	return ipv6_stub->nd_tbl;
}

#elif defined(TRY_TCX)

#include <linux/netdevice.h>
static inline void *try(struct net_device *dev)
{
	return dev->tcx_egress;
}

#elif defined(TRY_DEVLINK_PORT)

#include <linux/netdevice.h>
#include <net/devlink.h>
static inline bool try(struct net_device *dev)
{
	return dev->devlink_port->attrs_set &&
	       dev->devlink_port->attrs.flavour;
}

#elif defined(TRY_DRIVER_OVERRIDE)	/* of every device, not only PCI's */

#include <linux/device.h>
static inline int try(struct device *dev)
{
	return device_set_driver_override(dev, "");
}

#elif defined(TRY_BDEV_MAPPING)	/* its inode is found by that */

#include <linux/blkdev.h>
static inline struct inode *try(struct block_device *bdev)
{
	return bdev->bd_mapping->host;
}

#elif defined(TRY_BDEV_FREEZE)	/* who has claimed a disk? */

#include <linux/blkdev.h>
static inline bool try(struct block_device *bdev)
{
	return bdev->bd_holder_ops->freeze;
}

#elif defined(TRY_BDEV_SUPER)

#include <linux/blkdev.h>
static inline bool try(struct block_device *bdev)
{
	return bdev->bd_super;
}

#elif defined(TRY_MSI_LOCK_DESCS)

#include <linux/msi.h>
static inline void try(struct device *dev)
{
	msi_lock_descs(dev);
	msi_unlock_descs(dev);
}

#elif defined(TRY_IO_TLB_POOL)

#include <linux/swiotlb.h>
static inline phys_addr_t try(struct io_tlb_mem *mem)
{
	return mem->defpool.start;
}

#elif defined(TRY_IO_TLB_USED)

#include <linux/swiotlb.h>
static inline long try(struct io_tlb_mem *mem)
{
	return atomic_long_read(&mem->total_used);
}

#elif defined(TRY_FIXED_GSI)	/* the patches in upstream/: xenfix/fix.h */

#include <xen/events.h>
static inline int try(unsigned int gsi)
{
	return xen_unbind_pirq_gsi(gsi);
}

#elif defined(TRY_FIXED_SWIOTLB)

#include <xen/swiotlb-xen.h>
static inline void try(void)
{
	xen_swiotlb_resume();
}

#elif defined(TRY_FIXED_MSIX)

#include <linux/pci.h>
#include <asm/xen/pci.h>
static inline bool try(struct pci_dev *pdev)
{
	return xen_pci_frontend_has_msix(pdev);
}

#elif defined(TRY_DMA_IOMMU)

#include <linux/device.h>
static inline bool try(struct device *dev)
{
	return dev->dma_iommu;
}

#elif defined(TRY_DMA_NEED_SYNC)

#include <linux/dma-map-ops.h>
static inline void try(struct device *dev)
{
	dma_reset_need_sync(dev);
}

#elif defined(TRY_DMA_SKIP_SYNC_FLAG)	/* read by a function */

#include <linux/device.h>
static inline bool try(struct device *dev)
{
	return dev_dma_skip_sync(dev);
}

#elif defined(TRY_DMA_NEED_UNMAP)	/* see mark_trace.c */

#include <linux/dma-mapping.h>
static inline bool try(struct device *dev)
{
	return dma_need_unmap(dev);
}

#elif defined(TRY_DMA_OPS_PAGE)

#include <linux/dma-map-ops.h>
static inline void try(struct device *dev, struct dma_map_ops *ops,
		       void (*unmap)(struct device *dev, dma_addr_t handle,
				     size_t size, enum dma_data_direction dir,
				     unsigned long attrs))
{
	ops->unmap_page = unmap;
	dev->dma_ops = ops;
}

#elif defined(TRY_DMA_OPS_PHYS)

#include <linux/dma-map-ops.h>
static inline void try(struct device *dev, struct dma_map_ops *ops,
		       void (*unmap)(struct device *dev, dma_addr_t handle,
				     size_t size, enum dma_data_direction dir,
				     unsigned long attrs))
{
	ops->unmap_phys = unmap;
	dev->dma_ops = ops;
}

#elif defined(TRY_DMA_EVENTS_HEADER)

#include <trace/events/dma.h>

#elif defined(TRY_DMA_EVENTS_PAGE) || defined(TRY_DMA_EVENTS_PHYS)

#ifndef CONFIG_TRACEPOINTS
#error "no tracepoints"
#endif
#include <trace/events/dma.h>
#ifdef TRY_DMA_EVENTS_PAGE
#define try_map		check_trace_callback_type_dma_map_page
#define try_unmap	check_trace_callback_type_dma_unmap_page
#else
#define try_map		check_trace_callback_type_dma_map_phys
#define try_unmap	check_trace_callback_type_dma_unmap_phys
#endif
static inline void try(void (*map)(void *unused, struct device *dev,
				   phys_addr_t pa, dma_addr_t addr,
				   size_t size, enum dma_data_direction dir,
				   unsigned long attrs),
		       void (*unmap)(void *unused, struct device *dev,
				     dma_addr_t addr, size_t size,
				     enum dma_data_direction dir,
				     unsigned long attrs),
		       void (*unmap_sg)(void *unused, struct device *dev,
					struct scatterlist *sgl, int nents,
					enum dma_data_direction dir,
					unsigned long attrs),
		       void (*sync)(void *unused, struct device *dev,
				    dma_addr_t addr, size_t size,
				    enum dma_data_direction dir),
		       void (*sync_sg)(void *unused, struct device *dev,
				       struct scatterlist *sgl, int nents,
				       enum dma_data_direction dir))
{
	try_map(map);
	try_unmap(unmap);
	check_trace_callback_type_dma_unmap_sg(unmap_sg);
	check_trace_callback_type_dma_sync_single_for_cpu(sync);
	check_trace_callback_type_dma_sync_sg_for_cpu(sync_sg);
}

#else
#error "nothing to try"
#endif
