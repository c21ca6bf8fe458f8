/* SPDX-License-Identifier: GPL-2.0-only */
/* All checks, in the order in which they are told. */
#include "checks/check.h"

#define S(word) (1u << STATE_##word)
#define ALL_BUT_WARN (S(NA) | S(OK) | S(UNKNOWN) | S(FAIL))
#define ALL_BUT_FAIL (S(NA) | S(OK) | S(UNKNOWN) | S(WARN))
#define ALL (ALL_BUT_WARN | S(WARN))

/* A fact that has to be a yes, a list that has to be empty, so many MiB. */
#define FACT(rule_, fact_, least_, bad_, right_, wrong_, cure_) \
    .states = S(OK) | S(UNKNOWN) | S(bad_), .rule = rule_, \
    .fact = HOST_##fact_, .least = least_, .bad = STATE_##bad_, \
    .right = right_, .wrong = wrong_, .cure = cure_
#define YES(fact_, bad_, right_, wrong_, cure_) \
    FACT(RULE_YES, fact_, 0, bad_, right_, wrong_, cure_)
#define EMPTY(fact_, bad_, right_, wrong_, cure_) \
    FACT(RULE_EMPTY, fact_, 0, bad_, right_, wrong_, cure_)
#define AT_LEAST(fact_, least_, bad_, right_, wrong_, cure_) \
    FACT(RULE_AT_LEAST, fact_, least_, bad_, right_, wrong_, cure_)
#define JUDGE(function, states_) .states = states_, .judge = function

#define FIRMWARE "turn VT-d or AMD-Vi on in the firmware; iommu=1 on Xen's " \
    "command line"

const struct check checks[] = {
    { "answers", SCOPE_PAIR, "ssh reaches the other host's doctor",
      JUDGE(check_contact, S(NA) | S(OK) | S(FAIL)) },

    /* hypervisor */
    { "root", SCOPE_HOST, "the doctor may look at everything",
      YES(administrator, FAIL, "runs as root", "does not run as root",
          "sudo shadowport-doctor") },
    { "dom0", SCOPE_HOST, "the host is Xen's control domain",
      YES(control_domain, FAIL, "Xen's control domain",
          "not Xen's control domain",
          "sudo apt install xen-system-amd64, and boot it") },
    { "hvm", SCOPE_HOST, "HVM guests can run",
      YES(hvm, FAIL, "HVM guests can run", "HVM guests cannot run",
          "turn virtualization on in the firmware") },
    { "paging", SCOPE_HOST, "memory of running guests can be logged",
      JUDGE(check_paging, ALL & ~S(NA)) },
    { "iommu", SCOPE_HOST, "there is an IOMMU for guests",
      YES(iommu, FAIL, "there is an IOMMU", "there is no IOMMU", FIRMWARE) },
    { "page-tables", SCOPE_HOST, "IOMMU and CPU have page tables of their own",
      JUDGE(check_page_tables, S(NA) | S(OK) | S(UNKNOWN)) },
    { "log-dirty", SCOPE_HOST, "a device can stay while memory is sent",
      JUDGE(check_log_dirty, S(OK) | S(UNKNOWN) | S(WARN)) },

    /* tools */
    { "tools", SCOPE_HOST, "xl knows of migratable devices",
      YES(tools, FAIL, "xl's libxenlight knows migratable devices",
          "xl's libxenlight does not know migratable devices",
          "sudo apt install ./shadowport-dom0_*.deb") },
    { "broker", SCOPE_HOST, "pci-broker is where xl looks for it",
      YES(broker, FAIL, "pci-broker is where xl looks for it",
          "pci-broker is not where xl looks for it",
          "sudo apt install --reinstall ./shadowport-dom0_*.deb") },
    { "broker-unit", SCOPE_HOST, "pci-broker clears up at boot",
      YES(unit, WARN, "pci-broker.service runs at boot",
          "pci-broker.service does not run at boot",
          "sudo systemctl enable pci-broker") },
    { "xenstore", SCOPE_HOST, "xenstore answers",
      YES(xenstore, FAIL, "xenstore answers", "xenstore does not answer",
          "sudo systemctl start xen") },
    { "qemu", SCOPE_HOST, "the device model of HVM guests is there",
      YES(qemu, FAIL, "QEMU for Xen is there", "QEMU for Xen is missing",
          "sudo apt install qemu-system-xen") },
    { "vif-backend", SCOPE_HOST, "PV NICs have a backend",
      YES(vif_backend, WARN, "xen-netback is loaded",
          "xen-netback is not loaded", "sudo modprobe xen-netback") },
    { "vbd-backend", SCOPE_HOST, "PV disks have a backend",
      YES(vbd_backend, WARN, "xen-blkback is loaded",
          "xen-blkback is not loaded", "sudo modprobe xen-blkback") },
    { "libvirt-library", SCOPE_HOST, "libvirt has the library it was built "
      "for", JUDGE(check_system_library, ALL_BUT_WARN) },
    { "libvirt-guests", SCOPE_HOST, "no guest is run by libvirt",
      JUDGE(check_libvirt_guests, ALL_BUT_FAIL) },

    /* room and time */
    { "lock-folder", SCOPE_HOST, "locks of migrations can be made",
      YES(lock_dir, FAIL, "locks can be made", "locks cannot be made",
          "mount | grep /run/lock") },
    { "state-space", SCOPE_HOST, "there is room for the state of guests",
      AT_LEAST(lib_mib, 64, FAIL, "free in /var/lib/xen",
               "too little free in /var/lib/xen", "df /var/lib/xen") },
    { "log-space", SCOPE_HOST, "there is room for logs",
      AT_LEAST(log_mib, 16, WARN, "free in /var/log/xen",
               "little free in /var/log/xen", "df /var/log/xen") },
    { "dom0-memory", SCOPE_HOST, "dom0 has memory for what a migration runs",
      AT_LEAST(memory_mib, 128, WARN, "dom0 can use",
               "little memory that dom0 can use",
               "dom0_mem= on Xen's command line") },
    { "clock", SCOPE_HOST, "the clock is kept right",
      YES(clock_synchronised, WARN, "the clock is synchronised",
          "the clock is not synchronised",
          "sudo apt install systemd-timesyncd") },

    /* devices */
    { "pciback", SCOPE_HOST, "devices can be given to guests",
      YES(pciback, FAIL, "xen-pciback is loaded", "xen-pciback is not loaded",
          "sudo modprobe xen-pciback") },
    { "pools-file", SCOPE_HOST, "the pools file is right",
      JUDGE(check_pools_file, ALL & ~S(NA)) },
    { "pools", SCOPE_HOST, "each pool has a free device",
      JUDGE(check_pools, ALL) },
    { "pf-link", SCOPE_HOST, "PFs of the pools' VFs are up and have a link",
      EMPTY(pf_down, FAIL, "all PFs of VFs in pools are up",
            "down or without a link",
            "ip link set INTERFACE up; look at the cable") },
    { "pf-vfs", SCOPE_HOST, "PFs that pools name have VFs",
      EMPTY(pf_without_vfs, WARN, "all PFs that pools name have VFs",
            "have no VFs", "echo N | sudo tee /sys/bus/pci/devices/PF/"
            "sriov_numvfs; or create_vfs in the pool") },
    { "isolation", SCOPE_HOST, "devices of pools share no IOMMU group",
      EMPTY(not_isolated, WARN, "all devices of pools are isolated",
            "share their IOMMU group",
            "give the others of the group to pciback, or use another slot") },
    { "device-iommu", SCOPE_HOST, "the IOMMU has the devices of pools",
      EMPTY(no_iommu, FAIL, "the IOMMU has all devices of pools",
            "no IOMMU for", FIRMWARE) },
    { "msi", SCOPE_HOST, "devices of pools have MSI or MSI-X",
      EMPTY(no_msi, WARN, "all devices of pools have MSI or MSI-X",
            "INTx only, not for PV guests", "leave them out of the pool") },
    { "config-space", SCOPE_HOST, "devices of pools answer",
      EMPTY(no_answer, FAIL, "all devices of pools answer", "do not answer",
            "power-cycle the host, and look at dmesg") },

    /* what was left over */
    { "leases", SCOPE_HOST, "no lease is left of who is dead",
      EMPTY(leases_dead, WARN, "no lease is left over",
            "leases without a living owner", "sudo pci-broker gc --table") },
    { "broken-leases", SCOPE_HOST, "all leases can be read",
      EMPTY(leases_broken, FAIL, "all leases can be read", "cannot be read",
            "sudo pci-broker gc --force BDF") },
    { "resets", SCOPE_HOST, "no device failed its reset",
      EMPTY(resets_failed, WARN, "no device failed its reset", "failed",
            "power-cycle it, then sudo pci-broker gc --force BDF") },
    { "orphans", SCOPE_HOST, "all devices went back to their drivers",
      EMPTY(orphans, WARN, "all devices went back to their drivers",
            "could not be given back",
            "modprobe their driver, then sudo pci-broker gc --table") },
    { "nobodys", SCOPE_HOST, "no device is given to a domain that is gone",
      EMPTY(nobodys, WARN, "no device is given to a domain that is gone",
            "given to a domain that is gone",
            "sudo pci-broker gc --force BDF") },
    { "vf-settings", SCOPE_HOST, "no VF has settings of a guest that is gone",
      EMPTY(vfs_set, WARN, "no VF has settings of a guest that is gone",
            "have settings of a guest that is gone",
            "sudo pci-broker gc --table") },
    { "locks", SCOPE_HOST, "no lock file is left over",
      EMPTY(locks_dead, WARN, "no lock file is left over",
            "that nobody holds", "sudo pci-broker gc --table") },
    { "journals", SCOPE_HOST, "no migration ended in the middle",
      EMPTY(journals_dead, FAIL, "no migration ended in the middle",
            "ended in the middle, of domain", "sudo xl pci-recover DOMAIN") },

    /* both hosts */
    { "same-version", SCOPE_PAIR, "both hosts have the same version",
      JUDGE(check_versions, ALL_BUT_FAIL) },
    { "xen-versions", SCOPE_PAIR, "the other host's Xen is not older",
      JUDGE(check_xen_versions, ALL) },
    { "cpu-hvm", SCOPE_PAIR, "HVM guests find their CPU features there",
      JUDGE(check_features_hvm, ALL_BUT_FAIL) },
    { "cpu-pv", SCOPE_PAIR, "PV guests find their CPU features there",
      JUDGE(check_features_pv, ALL_BUT_FAIL) },
    { "clocks", SCOPE_PAIR, "the clocks agree",
      JUDGE(check_clocks, ALL_BUT_FAIL) },
    { "same-pools", SCOPE_PAIR, "both hosts have the same pools",
      JUDGE(check_pools_there, ALL_BUT_FAIL) },

    /* guests */
    { "guest-type", SCOPE_GUEST, "guests of its type can be migrated",
      JUDGE(check_guest_type, ALL & ~S(NA)) },
    { "guest-paging", SCOPE_GUEST, "its memory can be logged here",
      JUDGE(check_guest_paging, ALL_BUT_WARN & ~S(NA)) },
    { "guest-devices", SCOPE_GUEST, "all of its devices are migratable",
      JUDGE(check_guest_devices, ALL_BUT_WARN & ~S(NA)) },
    { "guest-journal", SCOPE_GUEST, "no migration of it is unfinished",
      JUDGE(check_guest_journal, ALL & ~S(NA)) },
    { "guest-agent", SCOPE_GUEST, "the module is in the guest",
      JUDGE(check_guest_agent, ALL_BUT_WARN) },
    { "guest-marking", SCOPE_GUEST, "the guest marks what devices write",
      JUDGE(check_guest_marking, ALL_BUT_FAIL) },
    { "guest-late", SCOPE_GUEST, "its page tables are not shared",
      JUDGE(check_guest_late, ALL_BUT_FAIL) },
    { "guest-balloon", SCOPE_GUEST, "it has all of its memory",
      JUDGE(check_guest_balloon, ALL_BUT_WARN) },
    { "guest-memory", SCOPE_GUEST, "there is memory for it there",
      JUDGE(check_guest_memory, ALL) },
    { "guest-name", SCOPE_GUEST, "its name is free there",
      JUDGE(check_guest_name, ALL_BUT_WARN) },
    { "guest-device", SCOPE_GUEST, "there is a free device for each wish",
      JUDGE(check_guest_device_there, ALL) },
    { "guest-bridges", SCOPE_GUEST, "the bridges of its vifs are there",
      JUDGE(check_guest_bridges, ALL) },
    { "guest-mtu", SCOPE_GUEST, "its bridges' MTU is not smaller there",
      JUDGE(check_guest_mtu, ALL_BUT_FAIL) },
    { "guest-disks", SCOPE_GUEST, "its disks are there",
      JUDGE(check_guest_disks, ALL) },
};

const size_t check_count = sizeof(checks) / sizeof(*checks);
