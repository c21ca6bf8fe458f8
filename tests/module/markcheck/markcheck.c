// SPDX-License-Identifier: GPL-2.0
/*
 * Checks DMA-dirty marking, and is independent of it: does the processor really
 * write to each page that a device in a root port has written, when the page
 * is handed over? The processor says so itself, by the dirty bit of the page's
 * entry in the kernel's direct map, which DMA does not set: cleared before
 * the module under test is called, looked at after it.
 *
 * And is all that is received among it? Each 64 bytes that were handed over
 * and found marked are noted, forgotten when the device gets them again, and
 * looked up for each packet that comes out of a driver.
 *
 * With "ops" the devices get DMA functions of their own, direct ones, as a PV
 * guest's have them. There unmap_sg cannot be judged: its tracepoint comes too
 * early.
 *
 * Parameters to read: checked, unmarked (pages); rx_checked, rx_unmarked
 * (packets, while "armed"); others (probes on the tracepoints that are not
 * ours); wrapped (devices whose functions are not ours any more).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>
#include <linux/tracepoint.h>
#include <linux/vmalloc.h>
#include <asm/set_memory.h>
#include <trace/events/dma.h>
#include <trace/events/net.h>

#include "sp_config.h"

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

#define GRAIN_SHIFT	6
#define MEMORY		(1UL << 30)	/* the test guest has less */
#define GRAINS		(MEMORY >> GRAIN_SHIFT)
#define COPIED		256		/* shorter packets may be copies */
#define FIRST_PORT_BUS	1
#define LAST_PORT_BUS	3

static bool ops;
module_param(ops, bool, 0444);

static bool armed;
module_param(armed, bool, 0644);

static unsigned long *marked;		/* bit for each grain */

static int counter_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%ld\n", atomic_long_read(kp->arg));
}

static const struct kernel_param_ops counter_ops = { .get = counter_get };
#define COUNTER(name) \
	static atomic_long_t name; \
	module_param_cb(name, &counter_ops, &name, 0444)

COUNTER(checked);
COUNTER(unmarked);
COUNTER(rx_checked);
COUNTER(rx_unmarked);

static bool in_port(struct device *dev)
{
	return dev && dev_is_pci(dev) &&
	       to_pci_dev(dev)->bus->number >= FIRST_PORT_BUS &&
	       to_pci_dev(dev)->bus->number <= LAST_PORT_BUS;
}

static bool watched(struct device *dev, enum dma_data_direction dir)
{
	return dir != DMA_TO_DEVICE && in_port(dev);
}

/* ------------------------------------------------ dirty bits */

static unsigned long *entry(phys_addr_t pa)
{
	unsigned int level;

	return (unsigned long *)lookup_address((unsigned long)__va(pa), &level);
}

static void page_clean(phys_addr_t pa)
{
	clear_bit(_PAGE_BIT_DIRTY, entry(pa));
	asm volatile("invlpg (%0)" : : "r" (__va(pa)) : "memory");
}

static bool page_dirty(phys_addr_t pa)
{
	return test_bit(_PAGE_BIT_DIRTY, entry(pa));
}

static void grains(phys_addr_t pa, size_t size, bool set)
{
	unsigned long first = pa >> GRAIN_SHIFT;
	unsigned long last = (pa + size - 1) >> GRAIN_SHIFT;

	for (; size && first <= last && first < GRAINS; first++) {
		if (set)
			set_bit(first, marked);
		else
			clear_bit(first, marked);
	}
}

static size_t step(phys_addr_t pa, size_t left)
{
	return min_t(size_t, left, PAGE_SIZE - offset_in_page(pa));
}

static void clean(phys_addr_t pa, size_t size)
{
	size_t n;

	for (; size; size -= n, pa += n) {
		n = step(pa, size);
		page_clean(pa);
	}
}

static void check(phys_addr_t pa, size_t size)
{
	size_t n;

	for (; size; size -= n, pa += n) {
		n = step(pa, size);
		atomic_long_inc(&checked);
		if (!page_dirty(pa))
			atomic_long_inc(&unmarked);
		else
			grains(pa, n, true);
	}
}

static void sg_each(struct scatterlist *sgl, int nents,
		    void (*what)(phys_addr_t pa, size_t size))
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		what(sg_phys(sg), sg->length);
}

/* ------------------------------------------------ before and after */

static void unmap_page_before(void *unused, struct device *dev,
			      dma_addr_t addr, size_t size,
			      enum dma_data_direction dir, unsigned long attrs)
{
	if (!ops && watched(dev, dir))
		clean(dma_to_phys(dev, addr), size);
}

static void unmap_page_after(void *unused, struct device *dev,
			     dma_addr_t addr, size_t size,
			     enum dma_data_direction dir, unsigned long attrs)
{
	if (watched(dev, dir))
		check(dma_to_phys(dev, addr), size);
}

static void unmap_sg_before(void *unused, struct device *dev,
			    struct scatterlist *sgl, int nents,
			    enum dma_data_direction dir, unsigned long attrs)
{
	if (!ops && watched(dev, dir))
		sg_each(sgl, nents, clean);
}

static void unmap_sg_after(void *unused, struct device *dev,
			   struct scatterlist *sgl, int nents,
			   enum dma_data_direction dir, unsigned long attrs)
{
	if (!ops && watched(dev, dir))
		sg_each(sgl, nents, check);
}

static void sync_before(void *unused, struct device *dev, dma_addr_t addr,
			size_t size, enum dma_data_direction dir)
{
	if (!ops && watched(dev, dir))
		clean(dma_to_phys(dev, addr), size);
}

static void sync_after(void *unused, struct device *dev, dma_addr_t addr,
		       size_t size, enum dma_data_direction dir)
{
	if (watched(dev, dir))
		check(dma_to_phys(dev, addr), size);
}

/* ------------------------------------------------ to the device again */

static void on_map_page(void *unused, struct device *dev, phys_addr_t pa,
			dma_addr_t addr, size_t size,
			enum dma_data_direction dir, unsigned long attrs)
{
	if (watched(dev, dir))
		grains(pa, size, false);
}

static void on_sync_for_device(void *unused, struct device *dev,
			       dma_addr_t addr, size_t size,
			       enum dma_data_direction dir)
{
	if (watched(dev, dir))
		grains(dma_to_phys(dev, addr), size, false);
}

/* ------------------------------------------------ what is received */

static bool range_marked(const void *data, size_t size)
{
	unsigned long first = __pa(data) >> GRAIN_SHIFT;
	unsigned long last = (__pa(data) + size - 1) >> GRAIN_SHIFT;

	for (; size && first <= last; first++)
		if (first >= GRAINS || !test_bit(first, marked))
			return false;
	return true;
}

static bool skb_marked(const struct sk_buff *skb)
{
	int i;

	/* A short head may have been copied out of the buffer. */
	if (skb_headlen(skb) > COPIED &&
	    !range_marked(skb->data, skb_headlen(skb)))
		return false;
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		if (!range_marked(skb_frag_address(frag), skb_frag_size(frag)))
			return false;
	}
	return true;
}

static void on_receive(void *unused, struct sk_buff *skb)
{
	struct sk_buff *more;
	bool all;

	if (!READ_ONCE(armed) || skb->len <= COPIED ||
	    !in_port(skb->dev->dev.parent))
		return;
	all = skb_marked(skb);
	skb_walk_frags(skb, more)
		all &= skb_marked(more);
	atomic_long_inc(&rx_checked);
	if (all)
		return;
	atomic_long_inc(&rx_unmarked);
	pr_warn_once("unmarked: packet %ld, %u bytes, %u of them linear, %u fragments%s; %ld pages looked at, %ld unmarked\n",
		     atomic_long_read(&rx_checked), skb->len, skb_headlen(skb),
		     skb_shinfo(skb)->nr_frags,
		     skb_has_frag_list(skb) ? ", a list" : "",
		     atomic_long_read(&checked), atomic_long_read(&unmarked));
}

/* ------------------------------------------------ probes */

#define FIRST	(TRACEPOINT_DEFAULT_PRIO + 1)
#define LAST	(TRACEPOINT_DEFAULT_PRIO - 1)

static struct {
	const char *name;
	void *probe;
	int prio;
	struct tracepoint *tp;
	bool registered;
} probes[] = {
	{ UNMAP_EVENT, unmap_page_before, FIRST },
	{ UNMAP_EVENT, unmap_page_after, LAST },
	{ "dma_unmap_sg", unmap_sg_before, FIRST },
	{ "dma_unmap_sg", unmap_sg_after, LAST },
	{ "dma_sync_single_for_cpu", sync_before, FIRST },
	{ "dma_sync_single_for_cpu", sync_after, LAST },
	{ MAP_EVENT, on_map_page, FIRST },
	{ "dma_sync_single_for_device", on_sync_for_device, FIRST },
	{ "netif_receive_skb", on_receive, FIRST },
};

static void __maybe_unused check_types(void)
{
	check_unmap(unmap_page_before);
	check_unmap(unmap_page_after);
	check_trace_callback_type_dma_unmap_sg(unmap_sg_before);
	check_trace_callback_type_dma_unmap_sg(unmap_sg_after);
	check_trace_callback_type_dma_sync_single_for_cpu(sync_before);
	check_trace_callback_type_dma_sync_single_for_cpu(sync_after);
	check_map(on_map_page);
	check_trace_callback_type_dma_sync_single_for_device(on_sync_for_device);
	check_trace_callback_type_netif_receive_skb(on_receive);
}

static bool is_ours(const void *func)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (probes[i].probe == func)
			return true;
	return false;
}

static void count_others(struct tracepoint *tp, void *sum)
{
	struct tracepoint_func *func;

	if (strncmp(tp->name, "dma_", 4))
		return;
	rcu_read_lock();
	func = rcu_dereference(tp->funcs);
	for (; func && func->func; func++)
		*(unsigned int *)sum += !is_ours(func->func);
	rcu_read_unlock();
}

static int others_get(char *buf, const struct kernel_param *kp)
{
	unsigned int sum = 0;

	for_each_kernel_tracepoint(count_others, &sum);
	return sysfs_emit(buf, "%u\n", sum);
}

static const struct kernel_param_ops others_ops = { .get = others_get };
module_param_cb(others, &others_ops, NULL, 0444);

static void look_at(struct tracepoint *tp, void *unused)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (!strcmp(tp->name, probes[i].name))
			probes[i].tp = tp;
}

static void probes_stop(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (probes[i].registered)
			tracepoint_probe_unregister(probes[i].tp,
						    probes[i].probe, NULL);
	tracepoint_synchronize_unregister();
}

static int probes_start(void)
{
	unsigned int i;
	int err;

	for_each_kernel_tracepoint(look_at, NULL);
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		err = -ENOENT;
		if (probes[i].tp)
			err = tracepoint_probe_register_prio(probes[i].tp,
							     probes[i].probe,
							     NULL,
							     probes[i].prio);
		if (err) {
			probes_stop();
			return err;
		}
		probes[i].registered = true;
	}
	return 0;
}

/* ------------------------------------------------ direct DMA functions */

static void *ops_alloc(struct device *dev, size_t size, dma_addr_t *handle,
		       gfp_t gfp, unsigned long attrs)
{
	struct page *page = alloc_pages(gfp | __GFP_ZERO, get_order(size));

	if (!page)
		return NULL;
	*handle = page_to_phys(page);
	return page_address(page);
}

static void ops_free(struct device *dev, size_t size, void *cpu,
		     dma_addr_t handle, unsigned long attrs)
{
	free_pages((unsigned long)cpu, get_order(size));
}

#ifdef SP_HAVE_DMA_OPS_PHYS
static dma_addr_t ops_map_phys(struct device *dev, phys_addr_t phys,
			       size_t size, enum dma_data_direction dir,
			       unsigned long attrs)
{
	return phys;
}
#else
static dma_addr_t ops_map_page(struct device *dev, struct page *page,
			       unsigned long offset, size_t size,
			       enum dma_data_direction dir,
			       unsigned long attrs)
{
	return page_to_phys(page) + offset;
}
#endif

static void ops_unmap_page(struct device *dev, dma_addr_t addr, size_t size,
			   enum dma_data_direction dir, unsigned long attrs)
{
	if (watched(dev, dir))
		clean(addr, size);
}

static int ops_map_sg(struct device *dev, struct scatterlist *sgl, int nents,
		      enum dma_data_direction dir, unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i) {
		sg_dma_address(sg) = sg_phys(sg);
		sg_dma_len(sg) = sg->length;
	}
	return nents;
}

static void ops_unmap_sg(struct device *dev, struct scatterlist *sgl,
			 int nents, enum dma_data_direction dir,
			 unsigned long attrs)
{
}

static void ops_sync(struct device *dev, dma_addr_t addr, size_t size,
		     enum dma_data_direction dir)
{
	if (watched(dev, dir))
		clean(addr, size);
}

static int ops_supported(struct device *dev, u64 mask)
{
	return 1;
}

static const struct dma_map_ops direct_ops = {
	.alloc = ops_alloc,
	.free = ops_free,
#ifdef SP_HAVE_DMA_OPS_PHYS
	.map_phys = ops_map_phys,
	.unmap_phys = ops_unmap_page,
#else
	.map_page = ops_map_page,
	.unmap_page = ops_unmap_page,
#endif
	.map_sg = ops_map_sg,
	.unmap_sg = ops_unmap_sg,
	.sync_single_for_cpu = ops_sync,
	.dma_supported = ops_supported,
};

static int pci_event(struct notifier_block *nb, unsigned long event,
		     void *data)
{
	if (event == BUS_NOTIFY_ADD_DEVICE && in_port(data))
		set_dma_ops(data, &direct_ops);
	return NOTIFY_DONE;
}

/* Before shadowport's. */
static struct notifier_block pci_notifier = {
	.notifier_call = pci_event,
	.priority = 1,
};

static int wrapped_get(char *buf, const struct kernel_param *kp)
{
	struct pci_dev *pdev = NULL;
	unsigned int n = 0;

	for_each_pci_dev(pdev)
		n += in_port(&pdev->dev) && pdev->dev.dma_ops &&
		     pdev->dev.dma_ops != &direct_ops;
	return sysfs_emit(buf, "%u\n", n);
}

static const struct kernel_param_ops wrapped_ops = { .get = wrapped_get };
module_param_cb(wrapped, &wrapped_ops, NULL, 0444);

/* ------------------------------------------------ life */

/*
 * Each page shall have an entry, and so a dirty bit, of its own. Whoever
 * changes how one page is cached gets the large ones split.
 */
static int split_direct_map(void)
{
	unsigned long pfn, end = MEMORY >> PAGE_SHIFT;
	unsigned int level;
	int err;

	for (pfn = 0; pfn < end; pfn += PTRS_PER_PTE) {
		unsigned long va = (unsigned long)__va(PFN_PHYS(pfn));

		if (!pfn_valid(pfn) || !lookup_address(va, &level) ||
		    level == PG_LEVEL_4K)
			continue;
		err = set_memory_uc(va, 1);
		if (!err)
			err = set_memory_wb(va, 1);
		if (err)
			return err;
	}
	return 0;
}

static int __init markcheck_init(void)
{
	int err;

	marked = vzalloc(BITS_TO_LONGS(GRAINS) * sizeof(long));
	if (!marked)
		return -ENOMEM;
	err = split_direct_map();
	if (err)
		goto err_free;
	err = probes_start();
	if (err)
		goto err_free;
	if (ops)
		bus_register_notifier(&pci_bus_type, &pci_notifier);
	return 0;

err_free:
	vfree(marked);
	return err;
}

static void __exit markcheck_exit(void)
{
	if (ops)
		bus_unregister_notifier(&pci_bus_type, &pci_notifier);
	probes_stop();
	vfree(marked);
}

module_init(markcheck_init);
module_exit(markcheck_exit);

MODULE_DESCRIPTION("Check of DMA-dirty marking");
MODULE_LICENSE("GPL");
