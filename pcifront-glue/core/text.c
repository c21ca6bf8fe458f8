// SPDX-License-Identifier: GPL-2.0
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/etherdevice.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "core/compat.h"
#include "core/text.h"

static bool id_char(char c)
{
	return isalnum(c) || c == '_' || c == '.' || c == '-';
}

int sp_id_parse(const char *text, char *id)
{
	size_t i, len = strnlen(text, SP_ID_LEN);

	if (!len || len >= SP_ID_LEN || !isalnum(text[0]) || !isascii(text[0]))
		return -EINVAL;
	for (i = 0; i < len; i++)
		if (!isascii(text[i]) || !id_char(text[i]))
			return -EINVAL;
	memcpy(id, text, len + 1);
	return 0;
}

/* DDDD:BB:SS.F; pciback writes the function with two digits. */
int sp_slot_parse(const char *text, struct sp_slot *slot)
{
	unsigned int domain, bus, dev, fn;
	int end = 0;

	/* sscanf() would also take blanks and 0x. */
	if (text[strspn(text, "0123456789abcdefABCDEF:.")])
		return -EINVAL;
	if (sscanf(text, "%4x:%2x:%2x.%2x%n", &domain, &bus, &dev, &fn,
		   &end) != 4 || text[end] || dev > 31 || fn > 7)
		return -EINVAL;
	slot->domain = domain;
	slot->bus = bus;
	slot->devfn = PCI_DEVFN(dev, fn);
	return 0;
}

int sp_mac_parse(const char *text, u8 *mac)
{
	u8 parsed[ETH_ALEN];

	if (strlen(text) != 17 || !mac_pton(text, parsed) ||
	    !is_valid_ether_addr(parsed))
		return -EINVAL;
	ether_addr_copy(mac, parsed);
	return 0;
}

int sp_modalias_parse(const char *text, char *modalias)
{
	size_t i, len = strnlen(text, SP_MODALIAS_LEN);

	if (len >= SP_MODALIAS_LEN || strncmp(text, "pci:", 4))
		return -EINVAL;
	for (i = 4; i < len; i++)
		if (!isascii(text[i]) || !isalnum(text[i]))
			return -EINVAL;
	memcpy(modalias, text, len + 1);
	return 0;
}

bool sp_slot_is(const struct sp_slot *slot, const struct pci_dev *pdev)
{
	return slot->domain == pci_domain_nr(pdev->bus) &&
	       slot->bus == pdev->bus->number && slot->devfn == pdev->devfn;
}
