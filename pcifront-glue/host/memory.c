// SPDX-License-Identifier: GPL-2.0
/*
 * Where a PV guest has memory, or what its map reserves. It sees BARs where the
 * firmware of the host of the day has put them, but its map is of the host where
 * it booted: a BAR there could not be claimed. The devices' own BARs do not
 * count, they go with them.
 */
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "commands.h"

#define MAX_RANGES	64U
#define RANGE_TEXT	34U	/* two numbers of 16 digits, '-', ' ' */

struct ranges {
	struct {
		u64 start, end;
	} list[MAX_RANGES];
	unsigned int count;
};

/* More than there is room for are taken as one: rather too much than too little. */
static int take_range(struct resource *res, void *arg)
{
	struct ranges *ranges = arg;
	unsigned int last = ranges->count - 1;

	if (!(res->flags & IORESOURCE_BUSY) &&
	    res->desc != IORES_DESC_RESERVED)
		return 0;
	if (ranges->count && (res->start <= ranges->list[last].end + 1 ||
			      ranges->count == MAX_RANGES)) {
		ranges->list[last].end = max_t(u64, res->end,
					       ranges->list[last].end);
		return 0;
	}
	ranges->list[ranges->count].start = res->start;
	ranges->list[ranges->count++].end = res->end;
	return 0;
}

/* NULL: not known. To be freed. */
char *sp_memory_text(void)
{
	struct ranges *ranges = kzalloc(sizeof(*ranges), GFP_KERNEL);
	char *text = kmalloc(MAX_RANGES * RANGE_TEXT + 1, GFP_KERNEL);
	unsigned int i;
	size_t len = 0;

	if (!ranges || !text)
		goto err;
	/*
	 * Of those in one another the outer one. Not to the last address: the walk
	 * would begin again after that.
	 */
	walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_MEM, 0, U64_MAX - 1,
			    ranges, take_range);
	if (!ranges->count)
		goto err;
	for (i = 0; i < ranges->count; i++)
		len += sprintf(text + len, "%s%llx-%llx", i ? " " : "",
			       ranges->list[i].start, ranges->list[i].end);
	kfree(ranges);
	return text;

err:
	kfree(ranges);
	kfree(text);
	return NULL;
}
