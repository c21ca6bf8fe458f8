/* SPDX-License-Identifier: GPL-2.0-only */
/* Facts about devices, from a sysfs made of files. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "use/device_use.h"
#include "host/inventory.h"
#include "world.h"

struct fixture {
    struct world w;
    struct broker b;
    struct inventory inventory;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    world_init(&f->w);
    f->b = (struct broker){
        .arena = arena_new(), .proc_root = f->w.proc_root,
        .dev_root = f->w.dev_root, .ids_path = f->w.ids_path,
        .sysfs = &f->w.sysfs, .net = &f->w.net, .xen = &f->w.xen,
        .store = &f->w.store.store, .transaction_limit_ms = 1000,
    };
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    inventory_close(&f->inventory);
    arena_free(f->b.arena);
    world_dispose(&f->w);
    free(f);
    return 0;
}

static struct device *find(struct fixture *f, const char *text)
{
    struct device *device;
    struct bdf bdf;

    if (!f->inventory.access)
        assert_int_equal(inventory_open(&f->b, &f->inventory), RC_OK);
    assert_true(bdf_parse(text, &bdf));
    device = inventory_find(&f->inventory, &bdf);
    assert_non_null(device);
    assert_int_equal(inventory_detail(&f->b, &f->inventory, device), RC_OK);
    return device;
}

static void test_facts(void **state)
{
    struct fixture *f = *state;
    struct device *device;
    const char *model;

    world_add_device(&f->w, "0000:01:00.0", 0x8086, 0x10d3, 0x020000,
                     "e1000e", CAP_MSI | CAP_MSIX);
    world_add_device(&f->w, "0001:7f:1f.7", 0x1234, 0x0001, 0x030001, NULL,
                     CAP_MSI);
    world_add_device(&f->w, "0000:00:02.0", 0x8086, 0x100e, 0x020000, NULL,
                     CAP_NONE);
    world_add_device(&f->w, "0000:00:01.0", 0x8086, 0x1, 0x060400,
                     "pcieport", CAP_BRIDGE);
    world_add_device(&f->w, "0000:05:00.0", 0x8086, 0x10d3, 0x020000, NULL,
                     CAP_DEAD);
    device = find(f, "0000:01:00.0");
    assert_int_equal(f->inventory.count, 5);
    assert_true(f->inventory.pciback);
    assert_string_equal(f->inventory.devices[0].text, "0000:00:01.0");
    assert_int_equal(device->vendor, 0x8086);
    assert_int_equal(device->device, 0x10d3);
    assert_int_equal(device->class, 0x020000);
    assert_string_equal(device->driver, "e1000e");
    assert_true(device->msi && device->msix && device->answers);
    assert_false(device->vf || device->bridge);
    assert_string_equal(device->modalias,
                        "pci:v00008086d000010D3sv00008086sd00000000bc02sc00"
                        "i00");
    assert_int_equal(inventory_model(&f->b, &f->inventory, device, &model),
                     RC_OK);
    assert_string_equal(model, "Intel Corporation 82574L Gigabit Network "
                               "Connection");
    device = find(f, "0001:7f:1f.7");
    assert_int_equal(device->class, 0x030001);
    assert_true(device->msi && !device->msix && !device->driver);
    device = find(f, "0000:00:02.0");
    assert_false(device->msi || device->msix);
    assert_true(find(f, "0000:00:01.0")->bridge);
    assert_false(find(f, "0000:05:00.0")->answers);
}

static void test_virtual_functions(void **state)
{
    struct fixture *f = *state;
    struct device *vf;

    world_add_device(&f->w, "0000:01:00.0", 0x8086, 0x10c9, 0x020000, "igb",
                     CAP_MSIX);
    world_add_device(&f->w, "0000:01:10.0", 0x8086, 0x10ca, 0x020000,
                     "igbvf", CAP_MSIX);
    world_add_device(&f->w, "0000:01:10.2", 0x8086, 0x10ca, 0x020000,
                     "pciback", CAP_MSIX);
    world_make_vf(&f->w, "0000:01:10.0", "0000:01:00.0", 0);
    world_make_vf(&f->w, "0000:01:10.2", "0000:01:00.0", 1);
    vf = find(f, "0000:01:10.2");
    assert_true(vf->vf);
    assert_string_equal(bdf_text(f->b.arena, &vf->pf), "0000:01:00.0");
    assert_int_equal(inventory_vf_index(&f->b, vf), 1);
    assert_int_equal(find(f, "0000:01:00.0")->vfs, 2);
    assert_string_equal(vf->driver, "pciback");
}

/* libpci's own handler would have ended the process. */
static void test_no_bus(void **state)
{
    struct fixture *f = *state;

    f->w.sysfs.root = "/nonexistent";
    assert_int_equal(inventory_open(&f->b, &f->inventory), RC_FAILED);
    assert_non_null(strstr(f->b.error, "libpci: "));
    assert_non_null(strstr(f->b.error, "/nonexistent/bus/pci/devices"));
}

struct use {
    const struct device *device;
    const char *why;
};

static int ask(struct broker *b, uint32_t txn, void *arg)
{
    struct use *use = arg;

    return device_use(b, txn, use->device, &use->why);
}

static const char *use(struct fixture *f, const char *bdf)
{
    struct use use = { .device = find(f, bdf) };

    assert_int_equal(store_transaction(&f->b, ask, &use), RC_OK);
    return use.why ? use.why : "";
}

static void test_network_use(void **state)
{
    struct world_interface *i;
    struct fixture *f = *state;
    const char *why;

    world_add_device(&f->w, "0000:01:00.0", 0x8086, 0x10d3, 0x020000,
                     "e1000e", CAP_MSIX);
    world_add_device(&f->w, "0000:02:00.0", 0x8086, 0x10d3, 0x020000,
                     "e1000e", CAP_MSIX);
    world_add_device(&f->w, "0000:06:00.0", 0x14e4, 0x1657, 0x020000, "tg3",
                     CAP_MSIX);
    i = world_add_interface(&f->w, "0000:01:00.0", "eth1");
    assert_string_equal(use(f, "0000:01:00.0"), "");
    i->state.up = true;
    assert_string_equal(use(f, "0000:01:00.0"), "interface eth1 is up");
    i->state.addressed = true;
    assert_string_equal(use(f, "0000:01:00.0"),
                        "interface eth1 has an address");
    i->state.enslaved = true;
    assert_string_equal(use(f, "0000:01:00.0"), "interface eth1 is enslaved");
    find(f, "0000:01:00.0")->vf = true;
    assert_string_equal(use(f, "0000:01:00.0"), "interface eth1 is enslaved");
    i->state.enslaved = false;
    assert_string_equal(use(f, "0000:01:00.0"),
                        "interface eth1 has an address; dom0's network "
                        "manager is to keep off VFs: pci-pools.json(5)");
    assert_string_equal(use(f, "0000:02:00.0"), "");
    /* gone between the look at sysfs and the question */
    i->name[0] = 'x';
    assert_string_equal(use(f, "0000:01:00.0"), "");
    /* "net" without anything in it: it is elsewhere */
    world_file(&f->w, "sys/bus/pci/devices/0000:06:00.0/net/x", "");
    assert_int_equal(unlink(arena_printf(
        f->b.arena, "%s/sys/bus/pci/devices/0000:06:00.0/net/x", f->w.dir)),
        0);
    why = use(f, "0000:06:00.0");
    assert_string_equal(why, "its interface is in another network namespace");
}

static void test_disk_use(void **state)
{
    struct fixture *f = *state;
    const char *nvme = "0000:03:00.0";

    world_add_device(&f->w, nvme, 0x8086, 0x5845, 0x010802, "nvme",
                     CAP_MSIX);
    world_add_member(&f->w, "block", nvme, "nvme0n1");
    world_add_member(&f->w, "block", nvme, "nvme0n1p1");
    world_file(&f->w, "sys/class/block/nvme0n1/dev", "259:0\n");
    world_file(&f->w, "sys/class/block/nvme0n1p1/dev", "259:1\n");
    world_file(&f->w, "proc/self/mountinfo", "36 35 259:11 / /x rw - ext4 "
               "/dev/nvme0n1p11 rw\n");
    assert_string_equal(use(f, nvme), "");
    world_file(&f->w, "proc/self/mountinfo", "35 1 8:1 / / rw - ext4 "
               "/dev/sda1 rw\n36 35 259:1 / /x rw - ext4 /dev/mapper/x rw\n");
    assert_string_equal(use(f, nvme), "disk nvme0n1p1 is mounted");
    /* btrfs invents numbers, but names the node */
    world_file(&f->w, "proc/self/mountinfo", "36 35 0:42 / /x rw - btrfs "
               "/dev/nvme0n1 rw\n");
    assert_string_equal(use(f, nvme), "disk nvme0n1 is mounted");
    world_file(&f->w, "proc/self/mountinfo", "");
    world_file(&f->w, "proc/swaps", "Filename Type Size Used Priority\n"
               "/dev/nvme0n1p1 partition 1 0 -2\n");
    assert_string_equal(use(f, nvme), "disk nvme0n1p1 is swap space");
    world_file(&f->w, "proc/swaps", "");
    world_file(&f->w, "sys/class/block/nvme0n1/holders/dm-0/x", "");
    assert_string_equal(use(f, nvme), "disk nvme0n1 is in use by dm-0");
}

/* What is mounted is below no controller. */
static void test_multipath_disk_use(void **state)
{
    struct fixture *f = *state;
    const char *nvme = "0000:03:00.0";

    world_add_device(&f->w, nvme, 0x8086, 0x5845, 0x010802, "nvme",
                     CAP_MSIX);
    world_add_member(&f->w, "block", nvme, "nvme0c1n1");
    world_file(&f->w, "sys/class/block/nvme0c1n1/hidden", "1\n");
    world_file(&f->w, "sys/class/block/nvme0n1/dev", "259:0\n");
    world_file(&f->w, "sys/class/block/nvme0n1p1/dev", "259:1\n");
    world_file(&f->w, "sys/class/block/nvme0n12/dev", "259:2\n");
    world_file(&f->w, "sys/class/block/nvme1n1/dev", "259:3\n");
    world_file(&f->w, "proc/self/mountinfo", "36 35 259:2 / /x rw - ext4 "
               "/dev/nvme0n12 rw\n36 35 259:3 / /y rw - ext4 /dev/nvme1n1 "
               "rw\n");
    assert_string_equal(use(f, nvme), "");
    world_file(&f->w, "proc/self/mountinfo", "36 35 259:1 / /x rw - ext4 "
               "/dev/nvme0n1p1 rw\n");
    assert_string_equal(use(f, nvme), "disk nvme0n1p1 is mounted");
}

static void test_other_use(void **state)
{
    struct fixture *f = *state;

    world_add_device(&f->w, "0000:00:01.0", 0x8086, 0x1, 0x060400,
                     "pcieport", CAP_BRIDGE);
    world_add_device(&f->w, "0000:00:00.0", 0x8086, 0x29c0, 0x060000, NULL,
                     CAP_NONE);
    world_add_device(&f->w, "0000:01:00.0", 0x8086, 0x10c9, 0x020000, "igb",
                     CAP_MSIX);
    world_add_device(&f->w, "0000:01:10.0", 0x8086, 0x10ca, 0x020000,
                     "igbvf", CAP_MSIX);
    world_make_vf(&f->w, "0000:01:10.0", "0000:01:00.0", 0);
    world_add_device(&f->w, "0000:04:00.0", 0x8086, 0x10d3, 0x020000,
                     "vfio-pci", CAP_MSIX);
    assert_string_equal(use(f, "0000:00:01.0"), "it is a bridge");
    assert_string_equal(use(f, "0000:00:00.0"), "it is a bridge");
    assert_string_equal(use(f, "0000:01:00.0"),
                        "it has 1 virtual function");
    assert_string_equal(use(f, "0000:01:10.0"), "");
    assert_string_equal(use(f, "0000:04:00.0"), "driver vfio-pci has it, and "
                        "who uses it cannot be found out");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(test_facts),
        T(test_virtual_functions),
        T(test_no_bus),
        T(test_network_use),
        T(test_disk_use),
        T(test_multipath_disk_use),
        T(test_other_use),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("inventory", tests, NULL, NULL);
}
