/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_COMPAT_DEVICE_H
#define SHADOWPORT_COMPAT_DEVICE_H

#include <linux/blkdev.h>
#include <linux/dma-map-ops.h>
#include <linux/msi.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "core/compat.h"

/* A driver that would not call for syncing, since there is none to do, does. */
static inline void sp_compat_dma_always_sync(struct device *dev)
{
#ifdef SP_HAVE_DMA_NEED_SYNC
	dma_reset_need_sync(dev);
#endif
}

/* Is that so now? */
static inline bool sp_compat_dma_skips_sync(struct device *dev)
{
#if defined(SP_HAVE_DMA_SKIP_SYNC_FLAG)
	return dev_dma_skip_sync(dev);
#elif defined(SP_HAVE_DMA_NEED_SYNC) && defined(CONFIG_DMA_NEED_SYNC)
	return dev->dma_skip_sync;
#else
	return false;
#endif
}

/* Empty: any driver may bind; else none but the one of that name. Sleeps. */
static inline int sp_compat_override(struct pci_dev *pdev, const char *name)
{
#ifdef SP_HAVE_DRIVER_OVERRIDE
	return device_set_driver_override(&pdev->dev, name);
#else
	return driver_set_override(&pdev->dev, &pdev->driver_override,
				   name, strlen(name));
#endif
}

/* What it is now: a copy for the caller to free, or NULL. Sleeps. */
static inline char *sp_compat_override_now(struct pci_dev *pdev)
{
	char *name;

#ifdef SP_HAVE_DRIVER_OVERRIDE
	spin_lock(&pdev->dev.driver_override.lock);
	name = kstrdup(pdev->dev.driver_override.name, GFP_ATOMIC);
	spin_unlock(&pdev->dev.driver_override.lock);
#else
	device_lock(&pdev->dev);
	name = kstrdup(pdev->driver_override, GFP_KERNEL);
	device_unlock(&pdev->dev);
#endif
	return name;
}

static inline struct inode *sp_compat_bdev_inode(struct block_device *bdev)
{
#ifdef SP_HAVE_BDEV_MAPPING
	return bdev->bd_mapping->host;
#else
	return bdev->bd_inode;
#endif
}

/*
 * For those who look, not for those who decide: a file system of several disks
 * may have claimed it in a way of its own.
 */
static inline bool sp_compat_bdev_mounted(struct block_device *bdev)
{
#if defined(SP_HAVE_BDEV_FREEZE)
	const struct blk_holder_ops *ops = READ_ONCE(bdev->bd_holder_ops);

	return ops && ops->freeze;	/* only file systems can */
#elif defined(SP_HAVE_BDEV_SUPER)
	return READ_ONCE(bdev->bd_super);
#else
	return false;
#endif
}

static inline void sp_compat_msi_lock(struct device *dev)
{
#ifdef SP_HAVE_MSI_LOCK_DESCS
	msi_lock_descs(dev);
#else
	__msi_lock_descs(dev);
#endif
}

static inline void sp_compat_msi_unlock(struct device *dev)
{
#ifdef SP_HAVE_MSI_LOCK_DESCS
	msi_unlock_descs(dev);
#else
	__msi_unlock_descs(dev);
#endif
}

#endif
