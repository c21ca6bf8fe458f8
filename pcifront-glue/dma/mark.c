// SPDX-License-Identifier: GPL-2.0
/*
 * DMA-dirty marking. While the host copies the memory of a running guest, it
 * sees what the guest's processors write, and not what a device writes. So
 * touch each page that a device has written when it is handed to the
 * processor: an atomic write of nothing, to a byte that is the processor's
 * now. It runs from "prepare" until the drivers are gone, and not otherwise.
 *
 * How we hear of DMA is a means' business: mark_trace.c, mark_ops.c.
 *
 * Tracked is every PCI device, announced or not: it costs little, and a device
 * that was left out would lose data. Not seen is memory that a device and its
 * driver share all the time (coherent memory: rings, completion queues): a
 * driver frees it when it is unbound, which comes before the suspend.
 */
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/memremap.h>
#include <linux/hashtable.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <xen/xen.h>
#include <asm/local64.h>
#include <asm/xen/page.h>

#include "mark_priv.h"

static bool marking = true;
module_param(marking, bool, 0444);
MODULE_PARM_DESC(marking, "mark what devices write, so that they can work until the last moment");

static bool mark_nothing;
module_param(mark_nothing, bool, 0400);
MODULE_PARM_DESC(mark_nothing, "only to show that a test finds lost pages: announce and count, mark nothing");

static char *marking_means = "";
module_param(marking_means, charp, 0444);
MODULE_PARM_DESC(marking_means, "for tests: tracepoints or dma_ops (default: what there is)");

static const struct sp_marking_means * const all_means[] = {
	&sp_marking_trace, &sp_marking_ops,
};

static DEFINE_MUTEX(lock);			/* on, broken, what is tracked */
static const struct sp_marking_means *means;	/* NULL: there is none */
static sp_marked_whose_fn whose;
static bool on;
static bool broken;

/* ------------------------------------------------ counting */

enum { PAGES, CALLS, TALLIES };

/* Each processor counts for itself: this is once for each buffer. */
struct tally {
	local64_t n[TALLIES];
};

/* A device that is followed: until marking ends, or it goes. */
struct followed {
	struct hlist_node node;		/* lock; read with RCU */
	const struct device *dev;	/* compared only */
	struct sp_marked *marked;	/* NULL: nobody's */
	struct tally __percpu *tally;
	struct rcu_head rcu;
};

static DEFINE_HASHTABLE(followed, 6);
static DEFINE_PER_CPU(struct tally, total);

static u64 tally_sum(struct tally __percpu *tally, unsigned int what)
{
	int cpu;
	u64 sum = 0;

	for_each_possible_cpu(cpu)
		sum += local64_read(&per_cpu_ptr(tally, cpu)->n[what]);
	return sum;
}

static int total_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%llu\n",
			  tally_sum(&total, (unsigned long)kp->arg));
}

static const struct kernel_param_ops total_ops = { .get = total_get };
module_param_cb(marked_pages, &total_ops, (void *)PAGES, 0444);
MODULE_PARM_DESC(marked_pages, "pages marked so far, of all devices");
module_param_cb(marked_calls, &total_ops, (void *)CALLS, 0444);
MODULE_PARM_DESC(marked_calls, "times that something was marked");

static struct followed *followed_find(const struct device *dev)
{
	struct followed *f;

	hash_for_each_possible_rcu(followed, f, node, (unsigned long)dev,
				   lockdep_is_held(&lock))
		if (f->dev == dev)
			return f;
	return NULL;
}

static void tally_add(struct tally __percpu *tally, unsigned int pages)
{
	struct tally *mine = get_cpu_ptr(tally);

	local64_add(pages, &mine->n[PAGES]);
	local64_inc(&mine->n[CALLS]);
	put_cpu_ptr(tally);
}

static void count(const struct device *dev, unsigned int pages)
{
	struct followed *f;

	tally_add(&total, pages);
	rcu_read_lock();
	f = followed_find(dev);
	if (f)
		tally_add(f->tally, pages);
	rcu_read_unlock();
}

/**
 * sp_marked_sum() - what was marked of somebody's devices
 * @marked: the devices that are not followed any more
 * @pages: the pages, also of those that are
 * @calls: the times
 */
void sp_marked_sum(const struct sp_marked *marked, u64 *pages, u64 *calls)
{
	struct followed *f;
	int bucket;

	*pages = atomic64_read(&marked->pages);
	*calls = atomic64_read(&marked->calls);
	rcu_read_lock();
	hash_for_each_rcu(followed, bucket, f, node) {
		if (f->marked != marked)
			continue;
		*pages += tally_sum(f->tally, PAGES);
		*calls += tally_sum(f->tally, CALLS);
	}
	rcu_read_unlock();
}

/* ------------------------------------------------ hot path */

/*
 * The processor's own write, changing nothing. Atomic, since another one may
 * be writing to that byte: the memory is in use already.
 */
static void touch(void *byte)
{
	asm volatile("lock orb $0, %0" : "+m" (*(u8 *)byte));
}

/* Memory of ours; not a device's, and not another guest's that is mapped. */
static bool pfn_ours(unsigned long pfn)
{
	if (pfn_valid(pfn) && !is_zone_device_page(pfn_to_page(pfn)))
		return true;
	pr_warn_once("a device wrote to memory that is not the guest's\n");
	return false;
}

static void mark_at(phys_addr_t pa)
{
	if (pfn_ours(PHYS_PFN(pa)) && !mark_nothing)
		touch(__va(pa));
}

/* What a device calls @addr. Under PV each page has an address of its own. */
static phys_addr_t dma_to_ram(struct device *dev, dma_addr_t addr)
{
	phys_addr_t pa = dma_to_phys(dev, addr);

	if (xen_pv_domain())
		pa = PFN_PHYS(bfn_to_local_pfn(PHYS_PFN(pa))) |
		     offset_in_page(pa);
	return pa;
}

static size_t step(u64 addr, size_t left)
{
	return min_t(size_t, left, PAGE_SIZE - offset_in_page(addr));
}

static unsigned int mark_ram(phys_addr_t pa, size_t size)
{
	unsigned int pages = 0;
	size_t n;

	for (; size; size -= n, pa += n, pages++) {
		n = step(pa, size);
		mark_at(pa);
	}
	return pages;
}

static bool written(enum dma_data_direction dir)
{
	return dir == DMA_FROM_DEVICE || dir == DMA_BIDIRECTIONAL;
}

/* Some drivers do their DMA in the name of a device below the PCI device. */
static struct device *pci_of(struct device *dev)
{
	while (dev && !dev_is_pci(dev))
		dev = dev->parent;
	return dev;
}

/**
 * sp_mark_dma() - a device has written, and the processor gets it now
 * @dev: the device, as the driver names it to the DMA API
 * @addr: where, as the device sees it
 * @size: bytes
 * @dir: what the mapping is for
 *
 * Any context. Called after the DMA, before the driver looks at the data.
 */
void sp_mark_dma(struct device *dev, dma_addr_t addr, size_t size,
		 enum dma_data_direction dir)
{
	unsigned int pages = 0;
	struct device *pci;
	size_t n;

	if (!written(dir))
		return;
	pci = pci_of(dev);
	if (!pci)
		return;
	for (; size; size -= n, addr += n, pages++) {
		n = step(addr, size);
		mark_at(dma_to_ram(dev, addr));
	}
	count(pci, pages);
}

/**
 * sp_mark_sg() - sp_mark_dma() for a list
 * @dev: as there
 * @sgl: the list
 * @nents: entries that were mapped: of the list, not of the mapping
 * @dir: what the mapping is for
 */
void sp_mark_sg(struct device *dev, struct scatterlist *sgl, int nents,
		enum dma_data_direction dir)
{
	struct scatterlist *sg;
	unsigned int pages = 0;
	struct device *pci;
	int i;

	if (!written(dir))
		return;
	pci = pci_of(dev);
	if (!pci)
		return;
	for_each_sg(sgl, sg, nents, i)
		pages += mark_ram(sg_phys(sg), sg->length);
	count(pci, pages);
}

/* ------------------------------------------------ which devices */

static void followed_free(struct rcu_head *rcu)
{
	struct followed *f = container_of(rcu, struct followed, rcu);

	free_percpu(f->tally);
	kfree(f);
}

static int followed_add(struct pci_dev *pdev, struct sp_marked *marked)
{
	struct followed *f = followed_find(&pdev->dev);

	if (f) {
		f->marked = marked ?: f->marked;
		return 0;
	}
	f = kzalloc(sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	f->tally = alloc_percpu(struct tally);
	if (!f->tally) {
		kfree(f);
		return -ENOMEM;
	}
	f->dev = &pdev->dev;
	f->marked = marked;
	hash_add_rcu(followed, &f->node, (unsigned long)f->dev);
	return 0;
}

/* What it counted stays with whose it was. */
static void followed_end(struct followed *f)
{
	hash_del_rcu(&f->node);
	if (f->marked) {
		atomic64_add(tally_sum(f->tally, PAGES), &f->marked->pages);
		atomic64_add(tally_sum(f->tally, CALLS), &f->marked->calls);
	}
	call_rcu(&f->rcu, followed_free);
}

static bool late(struct pci_dev *pdev)
{
	return means->late && means->late(pdev);
}

/* A device that a driver of ours could not follow must not be left working. */
static int track(struct pci_dev *pdev)
{
	struct sp_marked *marked = whose(pdev);
	int err;

	/* Nothing comes from it any more. */
	if (pci_dev_is_disconnected(pdev))
		return 0;
	err = means->track(pdev) ?: followed_add(pdev, marked);
	if (!err || !marked)
		return 0;
	pci_warn(pdev, "its DMA cannot be followed: %pe%s\n", ERR_PTR(err),
		 late(pdev) ? "; its driver was there before shadowport: unbind and bind it" :
			      "");
	return err;
}

static int track_all(void)
{
	struct pci_dev *pdev = NULL;
	int err;

	for_each_pci_dev(pdev) {
		err = track(pdev);
		if (err) {
			pci_dev_put(pdev);
			return err;
		}
	}
	return 0;
}

static void untrack_all(void)
{
	struct pci_dev *pdev = NULL;
	struct hlist_node *next;
	struct followed *f;
	int bucket;

	for_each_pci_dev(pdev)
		means->untrack(pdev);
	hash_for_each_safe(followed, bucket, next, f, node)
		followed_end(f);
}

/* It is on the bus, or has a driver now: which may have changed its DMA. */
void sp_marking_device_there(struct pci_dev *pdev)
{
	mutex_lock(&lock);
	if (on)
		track(pdev);
	mutex_unlock(&lock);
}

void sp_marking_device_gone(struct pci_dev *pdev)
{
	struct followed *f;

	mutex_lock(&lock);
	if (on)
		means->untrack(pdev);
	f = followed_find(&pdev->dev);
	if (f)
		followed_end(f);
	mutex_unlock(&lock);
	sp_marking_driver_gone(pdev);
}

/* A driver is about to be probed, or is gone. */
void sp_marking_driver_binds(struct pci_dev *pdev)
{
	if (means && means->binding)
		means->binding(pdev);
}

void sp_marking_driver_gone(struct pci_dev *pdev)
{
	if (means && means->unbound)
		means->unbound(pdev);
}

/* ------------------------------------------------ on and off */

static void stop(void)
{
	if (on)
		means->stop();
	on = false;
	untrack_all();
}

static int start(void)
{
	int err;

	err = track_all();
	if (!err && !on) {
		err = means->start();
		on = !err;
	}
	if (err)
		stop();
	return err;
}

/**
 * sp_marking_start() - mark from now on
 *
 * Harmless when it is on. May sleep.
 *
 * Return: 0, also if it was never announced; else it is not on, and is not
 * announced any more.
 */
int sp_marking_start(void)
{
	int err = 0;

	if (!means)
		return 0;
	mutex_lock(&lock);
	err = start();
	broken = err;
	mutex_unlock(&lock);
	if (err)
		pr_err("marking does not start: %pe\n", ERR_PTR(err));
	else
		/* Nobody is left who looked before it was on. */
		synchronize_net();
	return err;
}

/* Mark no more. Harmless when it is off. May sleep, but not for long. */
void sp_marking_stop(void)
{
	mutex_lock(&lock);
	if (on) {
		stop();
		pr_info("marked %llu pages in %llu calls so far\n",
			tally_sum(&total, PAGES), tally_sum(&total, CALLS));
	}
	mutex_unlock(&lock);
}

/* Is somebody's device one that cannot be followed before it is bound anew? */
static bool any_late(void)
{
	struct pci_dev *pdev = NULL;
	bool found = false;

	for_each_pci_dev(pdev)
		found |= late(pdev) && whose(pdev);
	return found;
}

/* Is it to be announced to the host? */
bool sp_marking_works(void)
{
	return means && !READ_ONCE(broken) && !any_late();
}

/* What the host is told of it: one word, PROTOCOL.md. */
const char *sp_marking_word(void)
{
	if (!marking)
		return "off";
	if (!means)
		return "no-means";
	if (any_late())
		return "late-driver";
	return READ_ONCE(broken) ? "failed" : means->name;
}

/* ------------------------------------------------ life */

static const struct sp_marking_means *means_choose(void)
{
	unsigned int i;

	/* All memory has an address in the kernel only there. */
	if (!IS_ENABLED(CONFIG_X86_64) || !marking)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(all_means); i++) {
		bool wanted = !strcmp(marking_means, all_means[i]->name);

		if (*marking_means && !wanted)
			continue;
		if (all_means[i]->present(wanted))
			return all_means[i];
	}
	return NULL;
}

void sp_marking_init(sp_marked_whose_fn fn)
{
	whose = fn;
	means = means_choose();
	if (means)
		pr_info("marking: %s\n", means->name);
	else
		pr_warn("marking: %s: the host takes devices away before it copies memory, which is a long outage\n",
			marking ? "this kernel has no means for it" : "off");
	if (mark_nothing)
		pr_warn("mark_nothing: WHAT DEVICES WRITE DURING A MIGRATION WILL BE LOST\n");
}

/*
 * Look after drivers that are bound from now on. sp_marking_driver_binds() is
 * called already.
 */
void sp_marking_watch(void)
{
	int err = means && means->watch ? means->watch() : 0;

	if (!err)
		return;
	pr_err("marking: drivers cannot be watched: %pe\n", ERR_PTR(err));
	means->quit();
	means = NULL;
}

/* Nothing of us is called by DMA any more when this returns. */
void sp_marking_exit(void)
{
	if (!means)
		return;
	sp_marking_stop();
	means->quit();
	/* Those that are to be freed. */
	rcu_barrier();
}
