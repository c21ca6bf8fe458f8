/* SPDX-License-Identifier: GPL-2.0-only */
/* pci-broker(8) has the same list, and a test holds one against the other. */
#include <stddef.h>

#include "base/broker.h"
#include "base/remedy.h"

static const char *const remedies[] = {
    [REASON_NO_FREE_DEVICE] = "wait until one is free, or put more devices "
                              "into the pool (pci-broker assignable --table)",
    [REASON_POOL_UNKNOWN] = "name the pool in pci-pools.json of this host, "
                            "or another one in the guest's configuration",
    [REASON_POOL_EMPTY] = "compare the pool's match with the devices of this "
                          "host (pci-broker check-config)",
    [REASON_NOT_ASSIGNABLE] = "give the device to pciback (xl "
                              "pci-assignable-add), or set bind in the pool",
    [REASON_IN_USE] = "stop what uses the device, or give it to pciback by "
                      "hand (xl pci-assignable-add)",
    [REASON_LEASED] = "wait for the other migration or guest; pci-broker list "
                      "tells who, and gc ends what is dead",
    [REASON_LEASE_BROKEN] = "look at the lease in xenstore, then end it with "
                            "pci-broker gc --force",
    [REASON_NOT_ALLOWED] = "add the guest to allow of the pool",
    [REASON_KEPT_LOCAL] = "lower reserve of the pool, or add devices",
    [REASON_NOT_ISOLATED] = "stop what uses the other device of the group, or "
                            "put the card into another slot",
    [REASON_NO_IOMMU] = "turn the IOMMU on in firmware and hypervisor",
    [REASON_RESET_FAILED] = "power-cycle the device, then pci-broker gc "
                            "--force",
    [REASON_NEEDS_MSI] = "use a device with MSI or MSI-X, or an HVM guest",
    [REASON_BAR_IN_MEMORY] = "start the guest on this host instead of moving "
                             "it (a PV guest's memory map is made when it "
                             "boots), or use an HVM guest",
    [REASON_CLASS_MISMATCH] =
        "have devices of the guest's class in the pool; "
        "for a guest without device name one class in each match",
    [REASON_PF_DOWN] = "bring the interface of the physical function up and "
                       "plug its cable in",
    [REASON_VF_SETTINGS] = "use a physical function whose driver has the "
                           "setting, or fix it in vf of the pool",
    [REASON_VF_MAC] = "give the guest that address (mac= of its pci= entry), or "
                      "take it from the VF on its physical function",
    [REASON_DEVICE_GONE] = "look at the kernel's log: the device was removed "
                           "or does not answer",
    [REASON_BROKER_FAILED] =
        "look at the messages before this one; pci-broker "
        "gc tries again what was not finished",
    [REASON_GUEST_NO_DRIVER] = "install the driver of the new device in the "
                               "guest, or use a pool of another model",
    [REASON_GUEST_AGENT_MISSING] = "load the module in the guest and look "
                                   "at its kernel's log",
    [REASON_GUEST_REFUSED] = "do what the guest's words ask for",
    [REASON_GUEST_STUCK] = "stop what uses the device in the guest, or set "
                           "on_stuck=force",
    [REASON_GUEST_STUCK_RTNL] = "stop what uses the device in the guest; if "
                                "that does not help, reboot it",
    [REASON_GUEST_BUSY_USERS] = "end the AF_XDP, RDMA or vfio programs in "
                                "the guest",
    [REASON_FEATURE_MISSING] = "use a pool whose devices have what the wish "
                               "needs; for an MTU raise that of the physical "
                               "function's interface",
    [REASON_ASSIGN_FAILED] = "look at the hypervisor's log (xl dmesg)",
    [REASON_ATTACH_FAILED] = "try again with xl pci-recover, or give the "
                             "device up with it",
    [REASON_RESTORE_FAILED] = "look at the messages of the destination",
    [REASON_NO_MEMORY] = "free memory on the destination (xl info)",
    [REASON_NAME_IN_USE] = "end or rename the other domain",
    [REASON_BAD_REQUEST] = "correct what the text names",
    [REASON_PEER_TOO_OLD] = "install the same version on both hosts",
    [REASON_NOT_MIGRATABLE] = "set migratable=1 for the device in the "
                              "guest's configuration, or detach it",
    [REASON_TYPE_UNSUPPORTED] = "detach the devices before, or migrate in "
                                "another way",
};

const char *remedy(enum reason reason)
{
    return remedies[reason];
}

void remedy_tell(struct broker *b, enum reason reason)
{
    if (!b->messages || reason == REASON_NONE || b->told >> reason & 1)
        return;
    b->told |= 1ull << reason;
    fprintf(b->messages, "pci-broker: %s: %s\n", reason_word(reason),
            remedy(reason));
}
