/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libpci lists the bus and reads config space, sysfs has the rest.
 *
 * libpci's own error handler ends the process, so every call into it goes
 * through guarded(): the handler here jumps back there. It gets no argument
 * of ours, hence the thread's state.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pci/pci.h>

#include "base/arena.h"
#include "base/broker.h"
#include "host/inventory.h"
#include "host/inventory_driver.h"
#include "host/sysfs.h"

static __thread jmp_buf escape;
static __thread char complaint[256];

static void __attribute__((noreturn, format(printf, 1, 2)))
on_error(char *msg, ...)
{
    va_list ap;

    va_start(ap, msg);
    vsnprintf(complaint, sizeof(complaint), msg, ap);
    va_end(ap);
    longjmp(escape, 1);
}

static void __attribute__((format(printf, 1, 2))) on_warning(char *msg, ...)
{
    (void)msg;                  /* the facts it warns of are seen as such */
}

struct query {
    struct broker *b;
    struct inventory *inventory;
    struct device *device;
    const char *model;
};

static int guarded(void (*body)(struct query *), struct query *query)
{
    if (setjmp(escape))
        return broker_fail(query->b, RC_FAILED, "libpci: %s", complaint);
    body(query);
    return RC_OK;
}

static int compare_devices(const void *a, const void *b)
{
    return bdf_compare(&((const struct device *)a)->bdf,
                       &((const struct device *)b)->bdf);
}

static void fill_ids(struct query *q)
{
    struct pci_dev *handle = q->device->handle;

    pci_fill_info(handle, PCI_FILL_IDENT | PCI_FILL_CLASS |
                          PCI_FILL_CLASS_EXT);
    q->device->modalias = "";
    q->device->vendor = handle->vendor_id;
    q->device->device = handle->device_id;
    q->device->class = (uint32_t)handle->device_class << 8 |
                       handle->prog_if;
}

static bool read_ids(struct device *device)
{
    unsigned vendor, id, base, sub, interface;

    if (sscanf(device->modalias, "pci:v%8xd%8xsv%*8xsd%*8xbc%2xsc%2xi%2x",
               &vendor, &id, &base, &sub, &interface) != 5)
        return false;
    device->vendor = (uint16_t)vendor;
    device->device = (uint16_t)id;
    device->class = base << 16 | sub << 8 | interface;
    return true;
}

/* One file has all that libpci would read four for; and thousands of devices are
 * of a few models. */
static bool read_modalias(struct broker *b, struct inventory *inventory,
                          struct device *device)
{
    char path[BDF_TEXT_SIZE + sizeof("/modalias")], modalias[256];
    const struct device *last = inventory->last;

    strcpy(stpcpy(path, device->text), "/modalias");
    if (!sysfs_read_line_at(inventory->devices_dir, path, modalias,
                            sizeof(modalias)))
        return false;
    if (!last || strcmp(last->modalias, modalias)) {
        device->modalias = arena_strdup(b->arena, modalias);
        return read_ids(device);
    }
    device->modalias = last->modalias;
    device->vendor = last->vendor;
    device->device = last->device;
    device->class = last->class;
    return true;
}

bool inventory_identify(struct broker *b, struct inventory *inventory,
                        struct device *device)
{
    struct broker side = *b;    /* that one has gone is no failure */
    struct query q = { .b = &side, .device = device };

    if (!device->identified && !read_modalias(b, inventory, device) &&
        guarded(fill_ids, &q))
        return false;
    device->identified = true;
    inventory->last = device;
    return true;
}

void inventory_identify_all(struct broker *b, struct inventory *inventory)
{
    size_t i, n = 0;

    for (i = 0; i < inventory->count; i++) {
        if (!inventory_identify(b, inventory, &inventory->devices[i]))
            continue;
        inventory->devices[n] = inventory->devices[i];
        inventory->last = &inventory->devices[n++];
    }
    inventory->count = n;
}

static void add_device(struct query *q, struct pci_dev *handle)
{
    struct inventory *inv = q->inventory;
    struct device *device;

    inv->devices = arena_extend(q->b->arena, inv->devices, inv->count,
                                sizeof(*inv->devices));
    device = &inv->devices[inv->count++];
    device->handle = handle;
    device->bdf.domain = (uint16_t)handle->domain;
    device->bdf.bus = handle->bus;
    device->bdf.dev = handle->dev;
    device->bdf.func = handle->func;
    bdf_write(&device->bdf, device->text);
}

static void scan(struct query *q)
{
    pci_init(q->inventory->access);
    pci_scan_bus(q->inventory->access);
}

static void add_devices(struct query *q)
{
    struct pci_dev *handle = q->inventory->access->devices;

    for (; handle; handle = handle->next) {
        /* xl, libxl and Xen know 16 bit domains only (VMD has more) */
        if (handle->domain >= 0 && handle->domain <= 0xffff)
            add_device(q, handle);
    }
}

struct device *inventory_find(const struct inventory *inventory,
                              const struct bdf *bdf)
{
    struct device key = { .bdf = *bdf };

    if (!inventory->count)
        return NULL;
    return bsearch(&key, inventory->devices, inventory->count,
                   sizeof(*inventory->devices), compare_devices);
}

/* The driver's own list, in place of a look at every device. */
static void mark_pciback(struct broker *b, struct inventory *inventory)
{
    struct device *device;
    struct bdf bdf;
    char **names;
    size_t i, count;

    names = sysfs_names(b, sysfs_path(b, "bus/pci/drivers/" PCIBACK),
                        &count, &inventory->pciback);
    for (i = 0; i < count; i++) {
        if (!bdf_parse(names[i], &bdf))
            continue;
        device = inventory_find(inventory, &bdf);
        if (device)
            device->pciback = true;
    }
}

int inventory_open(struct broker *b, struct inventory *inventory)
{
    struct query q = { .b = b, .inventory = inventory };
    struct pci_access *access;
    int rc;

    memset(inventory, 0, sizeof(*inventory));
    inventory->devices_dir = open(sysfs_path(b, "bus/pci/devices"),
                                  O_PATH | O_DIRECTORY | O_CLOEXEC);
    access = pci_alloc();
    inventory->access = access;
    access->error = on_error;
    access->warning = on_warning;
    access->debug = on_warning;
    access->method = PCI_ACCESS_SYS_BUS_PCI;
    access->id_lookup_mode = 0; /* no cache of root's in ~ */
    pci_set_param(access, "sysfs.path", sysfs_path(b, "bus/pci"));
    if (b->ids_path)
        pci_set_name_list_path(access, (char *)b->ids_path, 0);
    rc = guarded(scan, &q);
    if (rc)
        return rc;
    add_devices(&q);
    if (inventory->count)
        qsort(inventory->devices, inventory->count,
              sizeof(*inventory->devices), compare_devices);
    mark_pciback(b, inventory);
    return RC_OK;
}

void inventory_close(struct inventory *inventory)
{
    inventory_forget_modules(inventory);
    if (!inventory->access)
        return;
    if (inventory->devices_dir >= 0)
        close(inventory->devices_dir);
    pci_cleanup(inventory->access);
    inventory->access = NULL;
}

static void read_config(struct query *q)
{
    struct device *device = q->device;
    uint8_t header;

    /* Not the vendor: a VF answers 0xffff there. */
    header = pci_read_byte(device->handle, PCI_HEADER_TYPE);
    device->answers = header != 0xff;
    if (!device->answers)
        return;
    device->bridge = (header & 0x7f) != PCI_HEADER_TYPE_NORMAL;
    pci_fill_info(device->handle, PCI_FILL_CAPS);
    device->msi = pci_find_cap(device->handle, PCI_CAP_ID_MSI,
                               PCI_CAP_NORMAL);
    device->msix = pci_find_cap(device->handle, PCI_CAP_ID_MSIX,
                                PCI_CAP_NORMAL);
}

const char *inventory_driver_now(struct broker *b, const struct bdf *bdf)
{
    return sysfs_link_name(b, sysfs_device_path(b, bdf, "driver"));
}

void inventory_driver(struct broker *b, struct device *device)
{
    if (!device->driver_known)
        device->driver = device->pciback ? PCIBACK
                         : inventory_driver_now(b, &device->bdf);
    device->driver_known = true;
}

void inventory_physfn(struct broker *b, struct device *device)
{
    const char *pf;

    if (device->physfn_known)
        return;
    pf = sysfs_link_name(b, sysfs_device_path(b, &device->bdf, "physfn"));
    device->vf = pf && bdf_parse(pf, &device->pf);
    device->physfn_known = true;
}

/* The kernel takes the node from the bus, so one device tells it for all. */
long inventory_numa(struct broker *b, struct inventory *inventory,
                    const struct device *device)
{
    const struct bdf *last = &inventory->numa_bus, *bdf = &device->bdf;

    if (!inventory->numa_known || last->domain != bdf->domain ||
        last->bus != bdf->bus)
        inventory->numa = sysfs_read_number(
            b, sysfs_device_path(b, bdf, "numa_node"), -1);
    inventory->numa_known = true;
    inventory->numa_bus = *bdf;
    return inventory->numa;
}

/* Linux before 5.15 has no list, only `reset` for devices with any method. */
enum reset inventory_reset(struct broker *b, const struct device *device)
{
    char *methods, *word, *rest;
    enum reset best = RESET_NONE;

    methods = sysfs_read(b, sysfs_device_path(b, &device->bdf,
                                              "reset_method"));
    if (!methods)
        return sysfs_exists(sysfs_device_path(b, &device->bdf, "reset"))
               ? RESET_BUS : RESET_NONE;
    for (word = strtok_r(methods, " ", &rest); word;
         word = strtok_r(NULL, " ", &rest)) {
        if (strcmp(word, "bus") && strcmp(word, "cxl_bus"))
            return RESET_ALONE;
        best = RESET_BUS;
    }
    return best;
}

int inventory_detail(struct broker *b, struct inventory *inventory,
                     struct device *device)
{
    struct query q = { .b = b, .inventory = inventory, .device = device };
    int rc;

    inventory_driver(b, device);
    inventory_physfn(b, device);
    if (device->detailed)
        return RC_OK;
    if (!inventory_identify(b, inventory, device))
        device->modalias = "";  /* nor will its config space answer */
    rc = guarded(read_config, &q);
    if (rc)
        return rc;
    device->vfs = sysfs_read_number(
        b, sysfs_device_path(b, &device->bdf, "sriov_numvfs"), 0);
    if (device->class >> 16 == PCI_BASE_CLASS_BRIDGE)
        device->bridge = true;
    device->reset = inventory_reset(b, device);
    device->detailed = true;
    return RC_OK;
}

#define NAMES (PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE)

/* udev's hwdb answers at once; pci.ids is read as a whole, which takes longer
 * than all the rest. */
static void look_up_model(struct query *q)
{
    struct pci_access *access = q->inventory->access;
    const struct device *device = q->device;
    char name[256];

    q->model = NULL;
    if (!q->b->ids_path)
        q->model = pci_lookup_name(access, name, sizeof(name), NAMES |
                                   PCI_LOOKUP_SKIP_LOCAL |
                                   PCI_LOOKUP_NO_NUMBERS,
                                   device->vendor, device->device);
    if (!q->model)
        q->model = pci_lookup_name(access, name, sizeof(name), NAMES |
                                   PCI_LOOKUP_NO_HWDB,
                                   device->vendor, device->device);
    q->model = arena_strdup(q->b->arena, q->model ? q->model : "");
}

int inventory_model(struct broker *b, struct inventory *inventory,
                    struct device *device, const char **model)
{
    struct query q = { .b = b, .inventory = inventory, .device = device };
    int rc = guarded(look_up_model, &q);

    *model = q.model;
    return rc;
}

bool inventory_virtfn(struct broker *b, const struct bdf *pf, long index,
                      struct bdf *vf)
{
    const char *name = arena_printf(b->arena, "virtfn%ld", index);

    name = sysfs_link_name(b, sysfs_device_path(b, pf, name));
    return name && bdf_parse(name, vf);
}

long inventory_vf_index(struct broker *b, const struct device *device)
{
    struct bdf vf;
    long i;

    for (i = 0; inventory_virtfn(b, &device->pf, i, &vf); i++)
        if (!bdf_compare(&vf, &device->bdf))
            return i;
    return -1;
}
