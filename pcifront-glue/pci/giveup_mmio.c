// SPDX-License-Identifier: GPL-2.0
/*
 * A device that is no longer there, seen through mappings that still are: every
 * kernel mapping of its BARs (the MSI-X table is in one) is changed to one page
 * of ones, what reads of a PCI device that was pulled out give. A PV guest with
 * a mapping of the device itself cannot be saved.
 *
 * Writes go to that page too: read-only it would fault. It is filled with ones
 * again a moment later, so that a driver which waits for what it has written
 * to go away, or for a bit to be set, is not kept waiting. The page is behind
 * all pages of all BARs.
 */
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <asm/paravirt.h>
#include <asm/tlbflush.h>

#include "core/base.h"
#include "giveup.h"

#define REFILL_MS	20

struct walk {
	const struct pci_dev *pdev;	/* look for mappings of its BARs */
	pteval_t frame;			/* … or, without, for this frame */
	pteval_t new;			/* change them to this, unless zero */
	unsigned int pages;		/* that were found */
	unsigned int large;		/* in an entry for more than a page */
};

/* ------------------------------------------------ what to look for */

/* Whole pages: what shares a page with the device goes with it. */
static bool in_bar(const struct resource *res, phys_addr_t at, size_t size)
{
	return resource_type(res) == IORESOURCE_MEM && res->start &&
	       !(res->flags & (IORESOURCE_UNSET | IORESOURCE_ROM_SHADOW)) &&
	       at <= res->end && at + size > (res->start & PAGE_MASK);
}

static bool wanted(const struct walk *walk, pteval_t entry, size_t size)
{
	phys_addr_t at = entry & PTE_PFN_MASK & ~(phys_addr_t)(size - 1);
	int i;

	if (!(entry & _PAGE_PRESENT))
		return false;
	if (!walk->pdev)
		return at == walk->frame;
	for (i = 0; i <= PCI_ROM_RESOURCE; i++)
		if (in_bar(&walk->pdev->resource[i], at, size))
			return true;
	return false;
}

/* ------------------------------------------------ the kernel's page tables */

/*
 * The owner may unmap it just now: then it must not come back. Compared as
 * they stand in the table, which under PV are machine frames, as are the BARs.
 */
static void look_page(struct walk *walk, pte_t *pte)
{
	pteval_t old = READ_ONCE(pte->pte);

	do {
		if (!wanted(walk, old, PAGE_SIZE))
			return;
	} while (walk->new && !try_cmpxchg(&pte->pte, &old, walk->new));
	walk->pages++;
}

static void look_table(struct walk *walk, pmd_t *pmd, unsigned long addr)
{
	pte_t *pte = pte_offset_kernel(pmd, addr);
	unsigned int i;

	for (i = 0; i < PTRS_PER_PTE; i++)
		look_page(walk, pte + i);
}

/*
 * Look at what is mapped from @addr on, as far as one table of pages, which
 * begins there. Returns how far that was. Interrupts are off: before a table is
 * freed, every processor is made to flush, so these stay.
 */
static unsigned long look(struct walk *walk, unsigned long addr)
{
	pgd_t *pgd = pgd_offset_pgd(current->active_mm->pgd, addr);
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd;

	if (pgd_none(READ_ONCE(*pgd)))
		return PGDIR_SIZE;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(READ_ONCE(*p4d)))
		return P4D_SIZE;
	pud = pud_offset(p4d, addr);
	if (pud_none(READ_ONCE(*pud)))
		return PUD_SIZE;
	if (pud_leaf(READ_ONCE(*pud))) {
		walk->large += wanted(walk, native_pud_val(*pud), PUD_SIZE);
		return PUD_SIZE;
	}
	pmd = pmd_offset(pud, addr);
	if (pmd_none(READ_ONCE(*pmd)))
		return PMD_SIZE;
	if (pmd_leaf(READ_ONCE(*pmd)))
		walk->large += wanted(walk, native_pmd_val(*pmd), PMD_SIZE);
	else
		look_table(walk, pmd, addr);
	return PMD_SIZE;
}

/* All of ioremap()'s are there. Its tables are the same in every address space. */
static void walk_all(struct walk *walk)
{
	unsigned long addr = VMALLOC_START & PMD_MASK, end = VMALLOC_END, size;

	while (addr < end) {
		local_irq_disable();
		size = look(walk, addr);
		local_irq_enable();
		addr = (addr & ~(size - 1)) + size;
		cond_resched();
	}
}

/* __flush_tlb_all() is for KVM alone in newer kernels. */
static void flush(void *unused)
{
#ifdef CONFIG_PARAVIRT_XXL
	__flush_tlb_global();
#endif
}

/* ------------------------------------------------ the page */

static void refill(struct work_struct *work)
{
	struct sp_ones *ones = container_of(to_delayed_work(work),
					    struct sp_ones, refill);
	void *at = page_address(ones->page);

	/* Untouched it stays clean for a host that logs what is written. */
	if (memchr_inv(at, 0xff, PAGE_SIZE))
		memset(at, 0xff, PAGE_SIZE);
	queue_delayed_work(sp_wq, &ones->refill, msecs_to_jiffies(REFILL_MS));
}

static pteval_t page_entry(const struct page *page)
{
	return native_pte_val(pfn_pte(page_to_pfn(page), PAGE_KERNEL));
}

/* All that may fail. Nothing is changed yet; sp_ones_end() undoes it. */
int sp_ones_prepare(struct sp_ones *ones, struct pci_dev *pdev)
{
	struct walk walk = { .pdev = pdev };

	/* Not under PV, and HVM can do without all of this. */
	walk_all(&walk);
	if (walk.large) {
		pci_warn(pdev, "mapped with large pages, which cannot be changed\n");
		return -EOPNOTSUPP;
	}
	ones->page = alloc_page(GFP_KERNEL);
	if (!ones->page)
		return -ENOMEM;
	memset(page_address(ones->page), 0xff, PAGE_SIZE);
	INIT_DELAYED_WORK(&ones->refill, refill);
	return 0;
}

void sp_ones_map(struct sp_ones *ones, struct pci_dev *pdev)
{
	struct walk walk = {
		.pdev = pdev,
		.new = page_entry(ones->page),
	};

	walk_all(&walk);
	on_each_cpu(flush, NULL, 1);
	pci_info(pdev, "%u mapped pages are now ones\n", walk.pages);
	queue_delayed_work(sp_wq, &ones->refill, msecs_to_jiffies(REFILL_MS));
}

/* The driver is through: nothing should be mapped any more. */
void sp_ones_end(struct sp_ones *ones)
{
	struct walk walk = { };

	if (!ones->page)
		return;
	cancel_delayed_work_sync(&ones->refill);
	walk.frame = page_entry(ones->page) & PTE_PFN_MASK;
	walk_all(&walk);
	if (walk.pages)
		pr_warn("a driver left %u pages mapped: a page is not freed\n",
			walk.pages);
	else
		__free_page(ones->page);
	ones->page = NULL;
}
