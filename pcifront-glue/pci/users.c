// SPDX-License-Identifier: GPL-2.0
/*
 * Users of a device that a migration cannot carry: they hold on to the device
 * itself, below all that the kernel would carry.
 */
#include <linux/blkdev.h>
#include <linux/ctype.h>
#include <linux/pci.h>
#include <linux/string.h>

#include "core/compat_device.h"
#include "pci/pci.h"

/* Drivers that hand the device to user space. */
static bool driver_of_users(const char *name)
{
	static const char * const names[] = { "vfio", "uio", "igb_uio" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (str_has_prefix(name, names[i]))
			return true;
	return false;
}

/*
 * Nobody drives it, and yet it may write: somebody has mapped its registers, or
 * the firmware has left it so. One that we have unbound is beyond that.
 */
static bool writes_by_itself(struct sp_binding *binding, struct pci_dev *pdev)
{
	u16 command;

	return !sp_binding_left(binding, pdev) &&
	       !pci_read_config_word(pdev, PCI_COMMAND, &command) &&
	       !PCI_POSSIBLE_ERROR(command) && command & PCI_COMMAND_MASTER;
}

/* ------------------------------------------------ disks */

/*
 * The kernel lets a driver go whoever uses its disks. Whoever has claimed one for
 * himself (a file system, swap, LVM, RAID, dm-crypt) lives on it: he would lose
 * what he has not written yet, and stay, on a disk that is gone. So he is asked to
 * leave first. Who has merely opened it gets an error or the end of the disk from
 * his next read or write, within the time that a driver takes to let go, and is not
 * in the way: what he has written before goes to the disk when its driver does.
 */
enum claim { CLAIM_MOUNTED, CLAIM_SWAP, CLAIM_HELD, CLAIM_UNKNOWN };

static const struct {
	const char *word, *text;
} claims[] = {
	[CLAIM_MOUNTED] = { "mounted", "is mounted (umount it)" },
	[CLAIM_SWAP] = { "swap", "is used as swap (swapoff)" },
	[CLAIM_HELD] = { "held",
			 "is part of something (LVM, RAID, dm-crypt: see lsblk, stop it)" },
	[CLAIM_UNKNOWN] = { "unknown", "has users that cannot be found out" },
};

/* In what a host may be told: PROTOCOL.md. */
static void say_claim(struct sp_pci_user *user, enum claim claim,
		      const char *name)
{
	char *at;

	snprintf(user->text, sizeof(user->text), "%s %s", name,
		 claims[claim].text);
	snprintf(user->reason, sizeof(user->reason), "disk-%s-%s",
		 claims[claim].word, name);
	for (at = user->reason; *at; at++)
		if (!islower(*at) && !isdigit(*at))
			*at = '-';
}

static bool is_block(struct device *dev)
{
	return dev->class && !strcmp(dev->class->name, "block");
}

static int claimed(struct device *dev, void *arg)
{
	struct sp_pci_user *user = arg;
	struct block_device *bdev;
	enum claim claim;

	if (!is_block(dev))
		return 0;
	bdev = dev_to_bdev(dev);
	if (!READ_ONCE(bdev->bd_holder))
		return 0;
	if (sp_compat_bdev_mounted(bdev))
		claim = CLAIM_MOUNTED;
	else if (IS_SWAPFILE(sp_compat_bdev_inode(bdev)))
		claim = CLAIM_SWAP;
	else
		claim = CLAIM_HELD;
	say_claim(user, claim, dev_name(dev));
	return 1;
}

/* A claim of a partition is one of its disk, too: rather say the partition. */
static int disk_claimed(struct device *dev, struct sp_pci_user *user)
{
	return device_for_each_child(dev, user, claimed) ?: claimed(dev, user);
}

/*
 * A path of NVMe's multipath, which nobody can open: nvme0c1n1. Those who use the
 * disk have nvme0n1, which is no child of the controller's. Another path may be
 * left to them, or not: who knows which devices go with this one?
 */
static int path_claimed(struct device *dev, struct sp_pci_user *user)
{
	unsigned int subsystem, controller, instance;
	struct device *head = NULL;
	char name[DISK_NAME_LEN];
	int ret = 1;

	if (sscanf(dev_name(dev), "nvme%uc%un%u", &subsystem, &controller,
		   &instance) == 3) {
		snprintf(name, sizeof(name), "nvme%un%u", subsystem, instance);
		head = class_find_device_by_name(dev->class, name);
	}
	if (head)
		ret = disk_claimed(head, user);
	else
		say_claim(user, CLAIM_UNKNOWN, dev_name(dev));
	put_device(head);
	return ret;
}

/* Disks may be some levels below: behind a host adapter, a hub, virtio. */
static int any_disk_claimed(struct device *dev, void *user)
{
	if (!is_block(dev))
		return device_for_each_child(dev, user, any_disk_claimed);
	if (dev_to_disk(dev)->flags & GENHD_FL_HIDDEN)
		return path_claimed(dev, user);
	return disk_claimed(dev, user);
}

/* ------------------------------------------------ all of them */

/**
 * sp_pci_user() - who has a device, so that it cannot be taken
 * @binding: whose device it is
 * @pdev: the device
 * @user: told if there is one
 *
 * What user space has a device do goes by no driver: nothing of it is marked,
 * and nothing ends it. Not known: being probed, or unbound, by a driver of the
 * kernel's.
 *
 * Return: is there anybody?
 */
bool sp_pci_user(struct sp_binding *binding, struct pci_dev *pdev,
		 struct sp_pci_user *user)
{
	char name[SP_DRIVER_LEN];
	const char *who = NULL;
	int has;

	if (pci_dev_is_disconnected(pdev))
		return false;
	has = sp_driver_name(&pdev->dev, name, sizeof(name));
	if (has > 0 && driver_of_users(name))
		who = "a driver for user space has it (unbind it)";
	else if (!has && writes_by_itself(binding, pdev))
		who = "somebody without a driver has it (bus master: guest/README.md)";
	if (who) {
		strscpy(user->reason, SP_BUSY_USERS, sizeof(user->reason));
		strscpy(user->text, who, sizeof(user->text));
		return true;
	}
	return device_for_each_child(&pdev->dev, user, any_disk_claimed);
}
