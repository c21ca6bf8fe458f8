// SPDX-License-Identifier: GPL-2.0
/*
 * The bounce buffers. swiotlb-xen makes its pool contiguous in machine memory
 * at boot, in pieces of IO_TLB_SEGSIZE slots; a restored guest gets other
 * frames, and nobody makes them contiguous again. A buffer of more than a page
 * is then read from other memory by the device: silent corruption. Exchange
 * the frames before a driver binds.
 */
#include <linux/dma-mapping.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/swiotlb.h>
#include <asm/xen/page.h>

#include "core/compat.h"
#include "xenfix/fix.h"

#ifndef SP_HAVE_FIXED_SWIOTLB

#define SEGMENT_BYTES	((size_t)IO_TLB_SEGSIZE << IO_TLB_SHIFT)
#define SEGMENT_PAGES	(SEGMENT_BYTES >> PAGE_SHIFT)

#ifdef SP_HAVE_IO_TLB_POOL
#define sp_pool_start(mem)	((mem)->defpool.start)
#define sp_pool_end(mem)	((mem)->defpool.end)
#else
#define sp_pool_start(mem)	((mem)->start)
#define sp_pool_end(mem)	((mem)->end)
#endif

typedef int (*make_contiguous_fn)(phys_addr_t start, unsigned int order,
				  unsigned int address_bits,
				  dma_addr_t *handle);

static make_contiguous_fn make_contiguous;

static bool no_repair;
#ifdef SP_TEST
module_param(no_repair, bool, 0600);
MODULE_PARM_DESC(no_repair, "as in a guest whose bounce buffers cannot be repaired");
#endif

static bool segment_contiguous(phys_addr_t start)
{
	unsigned long pfn = PHYS_PFN(start), first = pfn_to_mfn(pfn);
	unsigned long i;

	for (i = 1; i < SEGMENT_PAGES; i++)
		if (pfn_to_mfn(pfn + i) != first + i)
			return false;
	return true;
}

/*
 * Below 4 GiB if Xen has it there, since a device may need that; else
 * anywhere, which serves all devices with a wide mask.
 */
static int segment_repair(phys_addr_t start)
{
	unsigned int order = get_order(SEGMENT_BYTES);
	dma_addr_t handle;

	if (!make_contiguous(start, order, 32, &handle))
		return 0;
	return make_contiguous(start, order, 64, &handle);
}

/* Frames that carry somebody's data must not be exchanged. */
static bool pool_idle(struct io_tlb_mem *mem)
{
#ifdef SP_HAVE_IO_TLB_USED
	return !atomic_long_read(&mem->total_used);
#else
	struct pci_dev *pdev = NULL;

	for_each_pci_dev(pdev) {
		if (pdev->dev.driver) {
			pci_dev_put(pdev);
			return false;
		}
	}
	return true;
#endif
}

static int pool_repair(struct io_tlb_mem *mem)
{
	unsigned int bad = 0, total = 0;
	ktime_t begin = ktime_get();
	phys_addr_t at;
	int err = 0;

	for (at = sp_pool_start(mem); at + SEGMENT_BYTES <= sp_pool_end(mem);
	     at += SEGMENT_BYTES) {
		total++;
		if (segment_contiguous(at))
			continue;
		bad++;
		if (!make_contiguous)
			err = -ENOENT;
		else if (!pool_idle(mem))
			err = -EBUSY;
		else
			err = segment_repair(at);
		if (err)
			break;
	}
	if (!bad)
		return 0;
	if (err) {
		pr_err("bounce buffers are not contiguous: %pe; large transfers of a passed-through device will be corrupted\n",
		       ERR_PTR(err));
		return err;
	}
	pr_info("made %u of %u bounce buffer segments contiguous in %lld us\n",
		bad, total, ktime_us_delta(ktime_get(), begin));
	return 0;
}

/*
 * Look, and repair what is broken: nothing to do at boot and after a cancelled
 * suspend. @dev: any device that uses the pool; NULL if there is none yet.
 *
 * Return: 0, or an error: then no driver may work with a device.
 */
int sp_fix_swiotlb(struct device *dev)
{
	static DEFINE_MUTEX(lock);
	static struct io_tlb_mem *mem;	/* the default pool is never freed */
	int err = 0;

	if (READ_ONCE(no_repair))
		return -ENOENT;
	if (!sp_fix_needed())
		return 0;
	mutex_lock(&lock);
	if (dev && dev->dma_io_tlb_mem)
		mem = dev->dma_io_tlb_mem;
	if (mem)
		err = pool_repair(mem);
	mutex_unlock(&lock);
	return err;
}

/* Is all there that a repair would take? Nothing else may be announced. */
bool sp_fix_swiotlb_possible(void)
{
	return !READ_ONCE(no_repair) && (!sp_fix_needed() || make_contiguous);
}

/* Not exported, but a probe may ask where it is. */
static make_contiguous_fn find_make_contiguous(void)
{
	struct kprobe kp = { .symbol_name = "xen_create_contiguous_region" };
	make_contiguous_fn fn;

	if (register_kprobe(&kp))
		return NULL;
	fn = (make_contiguous_fn)kp.addr;
	unregister_kprobe(&kp);
	return fn;
}

void sp_fix_swiotlb_start(void)
{
	struct pci_dev *pdev = NULL;

	if (!sp_fix_needed())
		return;
	make_contiguous = find_make_contiguous();
	if (!make_contiguous)
		pr_err("xen_create_contiguous_region not found (CONFIG_KPROBES?): bounce buffers could not be repaired after a migration, so the host is told not to migrate\n");
	/* Remember the pool: at the next resume there is no device to ask. */
	for_each_pci_dev(pdev)
		sp_fix_swiotlb(&pdev->dev);
}

#endif
