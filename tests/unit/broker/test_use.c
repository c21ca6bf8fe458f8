/* SPDX-License-Identifier: GPL-2.0-only */
/* What must not be given away, whole verbs: somebody uses it, or nobody can
 * tell that it is free, or it is not what the guest had. */
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
#include "world.h"

#define MIGRATION "3f0e5c9e-8d3b-4d7c-9a55-0d7c6a1b2c3d"
#define MIGRATION2 "4f0e5c9e-8d3b-4d7c-9a55-0d7c6a1b2c3d"
#define GUEST "7b1f2c44-5a0e-4f57-8b3e-2f6f0d4f9e11"
#define GUEST2 "8b1f2c44-5a0e-4f57-8b3e-2f6f0d4f9e11"
#define NIC "0000:01:00.0"
#define NIC2 "0000:02:00.0"
#define NVME "0000:03:00.0"
#define PF "0000:05:00.0"
#define VF "0000:05:10.0"

#define HOST(vendor, device, class) \
    "{\"vendor\":\"" vendor "\",\"device\":\"" device "\",\"class\":\"" \
    class "\",\"driver\":null,\"vf\":null}"
#define AN_E1000E HOST("8086", "10d3", "020000")
#define AN_NVME HOST("144d", "a808", "010802")

static char *answer, *error;

static char *request(struct world *w, const char *migration,
                     const char *guest, const char *handover,
                     const char *host)
{
    return arena_printf(w->arena,
        "{\"version\":1,\"owner\":{\"lock\":\"%s.destination\"},\"record\":{"
        "\"version\":1,\"migration\":\"%s\",\"dry_run\":false,\"domain\":{"
        "\"uuid\":\"%s\",\"name\":\"g\",\"type\":\"hvm\"},\"devices\":[{"
        "\"wish\":{\"id\":\"d0\",\"pool\":\"p\",\"handover\":\"%s\","
        "\"standby\":null,\"mac\":null,\"if_missing\":\"fail\"},\"bdf\":null,"
        "\"slot\":null,\"host\":%s}]}}", migration, migration, guest,
        handover, host);
}

static int run(struct world *w, verb_function *verb, const char *text)
{
    free(answer);
    free(error);
    return world_run(w, verb, text, NULL, false, &answer, &error);
}

static int reserve(struct world *w, const char *handover, const char *host)
{
    return run(w, verb_reserve, request(w, MIGRATION, GUEST, handover,
                                        host));
}

static const char lease_request[] =
    "{\"version\":1,\"migration\":\"" MIGRATION "\",\"domain\":\"" GUEST
    "\"}";

static void pool(struct world *w, const char *match)
{
    world_pools(w, arena_printf(w->arena, "{\"version\":1,\"pools\":{\"p\":{"
                                "\"match\":[%s],\"bind\":true}}}", match));
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));

    world_init(w);
    world_begin_migration(w);
    pool(w, "{\"bdf\":\"*\"}");
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    world_dispose(w);
    free(w);
    free(answer);
    free(error);
    answer = error = NULL;
    return 0;
}

static void refused(struct world *w, const char *handover, const char *host,
                    const char *reason, const char *text)
{
    if (reserve(w, handover, host) != 1 || !strstr(answer, reason) ||
        !strstr(answer, text))
        fail_msg("not %s, %s: %s %s", reason, text, answer ? answer : "",
                 error ? error : "");
}

static void taken(struct world *w, const char *handover, const char *host)
{
    if (reserve(w, handover, host) || run(w, verb_prepare, lease_request) ||
        run(w, verb_release, lease_request))
        fail_msg("%s %s", answer ? answer : "", error ? error : "");
}

/* ---- disks ---- */

static void add_nvme(struct world *w)
{
    world_add_device(w, NVME, 0x144d, 0xa808, 0x010802, "nvme", CAP_MSIX);
    world_add_member(w, "block", NVME, "nvme0n1");
    world_add_member(w, "block", NVME, "nvme0n1p2");
    world_file(w, "sys/devices/pci0000:00/" NVME "/block/nvme0n1/dev",
               "259:0\n");
    world_file(w, "sys/devices/pci0000:00/" NVME "/block/nvme0n1p2/dev",
               "259:18\n");
}

static void disk_refused(struct world *w, const char *text)
{
    refused(w, "plain", AN_NVME, "no-free-device", text);
}

static void test_disk_of_blkback(void **state)
{
    struct world *w = *state;

    add_nvme(w);
    taken(w, "plain", AN_NVME);
    world_dispose(w);
    world_init(w);
    world_begin_migration(w);
    pool(w, "{\"bdf\":\"*\"}");
    add_nvme(w);
    fake_store_put(&w->store, "/local/domain/0/backend/vbd/3/51712/"
                   "physical-device", "103:12");
    disk_refused(w, "disk nvme0n1p2 is the disk of domain 3");
    fake_store_put(&w->store, "/local/domain/0/backend/vbd/3/51712/"
                   "physical-device", "103:7");
    taken(w, "plain", AN_NVME);
}

/* It comes in use between reserve and prepare. */
static void test_disk_of_blkback_in_prepare(void **state)
{
    struct world *w = *state;

    add_nvme(w);
    assert_int_equal(reserve(w, "plain", AN_NVME), 0);
    fake_store_put(&w->store, "/local/domain/0/backend/vbd/3/51712/"
                   "physical-device", "103:0");
    assert_int_equal(run(w, verb_prepare, lease_request), 1);
    assert_non_null(strstr(answer, "\"in-use\""));
    assert_string_equal(world_driver(w, NVME), "nvme");
}

static void test_disk_of_a_program(void **state)
{
    struct world *w = *state;

    add_nvme(w);
    world_file(w, "proc/77/fd/.keep", "");
    assert_false(symlink(arena_printf(w->arena, "%s/nvme0n1", w->dev_root),
                         arena_printf(w->arena, "%s/77/fd/5",
                                      w->proc_root)));
    disk_refused(w, "nvme0n1 is open in process 77");
    world_dispose(w);
    world_init(w);
    world_begin_migration(w);
    pool(w, "{\"bdf\":\"*\"}");
    add_nvme(w);
    world_add_member(w, "nvme-generic", NVME, "ng0n1");
    taken(w, "plain", AN_NVME);
    world_file(w, "proc/78/fd/.keep", "");
    assert_false(symlink(arena_printf(w->arena, "%s/ng0n1", w->dev_root),
                         arena_printf(w->arena, "%s/78/fd/5",
                                      w->proc_root)));
    disk_refused(w, "ng0n1 is open in process 78");
}

static void test_disk_below_loop(void **state)
{
    struct world *w = *state;

    add_nvme(w);
    world_file(w, "sys/class/block/loop0/loop/backing_file",
               arena_printf(w->arena, "%s/nvme0n1\n", w->dev_root));
    disk_refused(w, "disk nvme0n1 is in use by loop0");
}

static void test_disk_that_is_exported(void **state)
{
    struct world *w = *state;

    add_nvme(w);
    world_file(w, "sys/kernel/config/nvmet/subsystems/nqn.x/namespaces/1/"
               "device_path", arena_printf(w->arena, "%s/nvme0n1p2\n",
                                           w->dev_root));
    disk_refused(w, "disk nvme0n1p2 is exported by nvmet (nqn.x)");
}

/* The node is there, and cannot be opened: no proof that it is free. */
static void test_disk_in_doubt(void **state)
{
    struct world *w = *state;

    add_nvme(w);
    world_file(w, "dev/.keep", "");
    assert_false(symlink("nvme0n1", arena_printf(w->arena, "%s/nvme0n1",
                                                 w->dev_root)));
    disk_refused(w, "whether disk nvme0n1 is in use cannot be found out");
    unlink(arena_printf(w->arena, "%s/sys/devices/pci0000:00/" NVME
                        "/block/nvme0n1/dev", w->dir));
    disk_refused(w, "disk nvme0n1 has no number");
}

/* ---- other devices that a driver has ---- */

static void driven(struct world *w, unsigned class, const char *driver,
                   const char *host)
{
    world_add_device(w, NIC, 0x8086, 0x10d3, class, driver, CAP_MSIX);
    refused(w, "plain", host, "no-free-device",
            arena_printf(w->arena, "driver %s has it, and who uses it cannot "
                         "be found out", driver));
}

static void test_user_space_nic(void **state)
{
    driven(*state, 0x020000, "igb_uio", AN_E1000E);
}

static void test_user_space_nvme(void **state)
{
    driven(*state, 0x010802, "uio_pci_generic", AN_NVME);
}

static void test_gpu(void **state)
{
    driven(*state, 0x030000, "i915", HOST("10de", "1234", "030000"));
}

static void test_usb(void **state)
{
    driven(*state, 0x0c0330, "xhci_hcd", HOST("10de", "1234", "0c0330"));
}

static void test_hca(void **state)
{
    driven(*state, 0x020700, "mlx4_core", HOST("15b3", "1003", "020700"));
}

static void test_rdma(void **state)
{
    struct world *w = *state;

    world_add_device(w, NIC, 0x15b3, 0x1017, 0x020000, "mlx5_core",
                     CAP_MSIX);
    taken(w, "shadow", AN_E1000E);
    world_dispose(w);
    world_init(w);
    world_begin_migration(w);
    pool(w, "{\"bdf\":\"*\"}");
    world_add_device(w, NIC, 0x15b3, 0x1017, 0x020000, "mlx5_core",
                     CAP_MSIX);
    world_device_file(w, NIC, "infiniband/mlx5_0/uevent", "");
    refused(w, "shadow", AN_E1000E, "no-free-device",
            "RDMA device mlx5_0 is on it");
}

static void test_boot_console(void **state)
{
    struct world *w = *state;

    world_add_device(w, NIC, 0x8086, 0x0102, 0x030000, NULL, CAP_MSIX);
    world_device_file(w, NIC, "boot_vga", "1\n");
    refused(w, "plain", HOST("8086", "0102", "030000"), "no-free-device",
            "it is the boot console");
}

/* ---- what pciback has is not simply free ---- */

static void test_bridge_on_pciback(void **state)
{
    struct world *w = *state;

    world_add_device(w, NIC, 0x8086, 0x0001, 0x060400, "pciback",
                     CAP_MSIX | CAP_BRIDGE);
    refused(w, "plain", HOST("8086", "0001", "060400"), "no-free-device",
            "it is a bridge");
}

static void add_pf(struct world *w, const char *pf_driver,
                   const char *vf_driver)
{
    world_add_device(w, PF, 0x8086, 0x10c9, 0x020000, pf_driver, CAP_MSIX);
    world_add_device(w, VF, 0x8086, 0x10ca, 0x020000, vf_driver, CAP_MSIX);
    world_make_vf(w, VF, PF, 0);
}

static void test_pf_whose_vf_a_guest_has(void **state)
{
    struct world *w = *state;

    pool(w, "{\"bdf\":\"" PF "\"}");
    add_pf(w, "pciback", "pciback");
    world_add_domain(w, 3, GUEST2, "g3");
    fake_store_put(&w->store, "/libxl/pci/0000-05-10-0/domid", "3");
    bdf_parse(VF, &w->assigned[w->assigned_count++]);
    refused(w, "shadow", AN_E1000E, "no-free-device",
            "it has 1 virtual function");
}

static void test_vf_whose_pf_a_guest_has(void **state)
{
    struct world *w = *state;

    pool(w, "{\"bdf\":\"" VF "\"}");
    add_pf(w, "pciback", "igbvf");
    world_add_domain(w, 3, GUEST2, "g3");
    fake_store_put(&w->store, "/libxl/pci/0000-05-00-0/domid", "3");
    bdf_parse(PF, &w->assigned[w->assigned_count++]);
    refused(w, "shadow", AN_E1000E, "pf-down",
            VF " is a VF of " PF ", which dom0 does not drive");
}

/* ---- groups ---- */

static void add_group(struct world *w)
{
    world_add_device(w, NIC, 0x8086, 0x10d3, 0x020000, "e1000e", CAP_MSIX);
    world_add_device(w, NIC2, 0x8086, 0x10d3, 0x020000, "e1000e", CAP_MSIX);
    bdf_parse(NIC, &w->group[0].bdf);
    bdf_parse(NIC2, &w->group[1].bdf);
    w->group_count = 2;
}

static void test_group_of_two_guests(void **state)
{
    struct world *w = *state;
    int other = world_hold(w, MIGRATION2 ".destination");

    add_group(w);
    assert_int_equal(reserve(w, "shadow", AN_E1000E), 0);
    assert_int_equal(run(w, verb_reserve, request(w, MIGRATION2, GUEST2,
                                                  "shadow", AN_E1000E)), 1);
    assert_non_null(strstr(answer, "shares its IOMMU group with " NIC
                           ": reserved for domain " GUEST));
    /* the same guest may have both */
    assert_int_equal(run(w, verb_reserve, request(w, MIGRATION2, GUEST,
                                                  "shadow", AN_E1000E)), 0);
    close(other);
}

static void test_group_in_prepare(void **state)
{
    struct world *w = *state;

    add_group(w);
    assert_int_equal(reserve(w, "shadow", AN_E1000E), 0);
    world_add_domain(w, 7, GUEST2, "g7");
    fake_store_put(&w->store, "/libxl/pci/0000-02-00-0/domid", "7");
    assert_int_equal(run(w, verb_prepare, lease_request), 1);
    assert_non_null(strstr(answer, "\"not-isolated\""));
    fake_store_remove(&w->store, "/libxl/pci/0000-02-00-0/domid");
    assert_int_equal(run(w, verb_prepare, lease_request), 0);
    w->group[1].domid = 7;
    assert_int_equal(run(w, verb_prepare, lease_request), 1);
    assert_non_null(strstr(answer, "\"not-isolated\""));
}

static void test_group_in_doubt(void **state)
{
    struct world *w = *state;

    add_group(w);
    w->group_errno = EPERM;
    refused(w, "shadow", AN_E1000E, "not-isolated",
            "is in an IOMMU group that cannot be found out");
}

/* ---- not what the guest had ---- */

/* The guest lost its device: of a pool by vendor anything would do. */
static void test_plain_wish_without_device(void **state)
{
    struct world *w = *state;

    pool(w, "{\"vendor\":\"8086\"}");
    world_add_device(w, NIC, 0x8086, 0x0102, 0x030000, "pciback", CAP_MSIX);
    world_add_device(w, NIC2, 0x8086, 0xa12f, 0x0c0330, NULL, CAP_MSIX);
    refused(w, "plain", "null", "class-mismatch", "may be of any class");
    pool(w, "{\"vendor\":\"8086\",\"class\":\"0c03\"}");
    assert_int_equal(reserve(w, "plain", "null"), 0);
    assert_non_null(strstr(answer, "\"bdf\":\"" NIC2 "\""));
}

static void test_wireless_is_no_ethernet(void **state)
{
    struct world *w = *state;

    world_add_device(w, NIC, 0x8086, 0x2723, 0x028000, "pciback", CAP_MSIX);
    world_add_device(w, NIC2, 0x15b3, 0x1003, 0x020700, "pciback", CAP_MSIX);
    refused(w, "shadow", AN_E1000E, "class-mismatch", "is of another class");
    refused(w, "bond", "null", "class-mismatch", "is of another class");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(test_disk_of_blkback),
        T(test_disk_of_blkback_in_prepare),
        T(test_disk_of_a_program),
        T(test_disk_below_loop),
        T(test_disk_that_is_exported),
        T(test_disk_in_doubt),
        T(test_user_space_nic),
        T(test_user_space_nvme),
        T(test_gpu),
        T(test_usb),
        T(test_hca),
        T(test_rdma),
        T(test_boot_console),
        T(test_bridge_on_pciback),
        T(test_pf_whose_vf_a_guest_has),
        T(test_vf_whose_pf_a_guest_has),
        T(test_group_of_two_guests),
        T(test_group_in_prepare),
        T(test_group_in_doubt),
        T(test_plain_wish_without_device),
        T(test_wireless_is_no_ethernet),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("use", tests, NULL, NULL);
}
