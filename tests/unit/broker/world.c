/* SPDX-License-Identifier: GPL-2.0-only */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bdf.h"
#include "world.h"

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    perror(what);
    abort();
}

static void make_dirs(const char *path)
{
    char copy[512], *slash;

    snprintf(copy, sizeof(copy), "%s", path);
    for (slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1,
                                                              '/')) {
        *slash = '\0';
        check(!mkdir(copy, 0755) || errno == EEXIST, copy);
        *slash = '/';
    }
}

static void write_file(const char *path, const void *data, size_t len)
{
    FILE *f;

    make_dirs(path);
    f = fopen(path, "w");
    check(f != NULL, path);
    check(fwrite(data, 1, len, f) == len, path);
    check(!fclose(f), path);
}

static void __attribute__((format(printf, 2, 3)))
make_link(const char *target, const char *fmt, ...)
{
    char path[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(path, sizeof(path), fmt, ap);
    va_end(ap);
    make_dirs(path);
    check(!symlink(target, path), path);
}

void world_file(struct world *w, const char *path, const char *text)
{
    write_file(arena_printf(w->arena, "%s/%s", w->dir, path), text,
               strlen(text));
}

void world_device_file(struct world *w, const char *bdf, const char *name,
                       const char *text)
{
    world_file(w, arena_printf(w->arena, "sys/bus/pci/devices/%s/%s", bdf,
                               name), text);
}

void world_net_file(struct world *w, const char *bdf, const char *interface,
                    const char *name, const char *text)
{
    world_file(w, arena_printf(w->arena, "sys/devices/pci0000:00/%s/net/%s/"
                               "%s", bdf, interface, name), text);
}

/* A header with a chain of capabilities at 0x50 and 0x70. */
static void write_config(struct world *w, const char *bdf, unsigned vendor,
                         unsigned device, unsigned class, unsigned caps)
{
    uint8_t config[256] = { 0 };
    unsigned next = 0;
    char *path;

    config[0] = (uint8_t)vendor;
    config[1] = (uint8_t)(vendor >> 8);
    config[2] = (uint8_t)device;
    config[3] = (uint8_t)(device >> 8);
    config[9] = (uint8_t)class;
    config[10] = (uint8_t)(class >> 8);
    config[11] = (uint8_t)(class >> 16);
    config[0x0e] = caps & CAP_BRIDGE ? 1 : 0;
    if (caps & CAP_MSIX) {
        config[0x70] = 0x11;
        config[0x71] = (uint8_t)next;
        next = 0x70;
    }
    if (caps & CAP_MSI) {
        config[0x50] = 0x05;
        config[0x51] = (uint8_t)next;
        next = 0x50;
    }
    config[0x34] = (uint8_t)next;
    config[0x06] = next ? 0x10 : 0;
    if (caps & CAP_DEAD)
        memset(config, 0xff, sizeof(config));
    path = arena_printf(w->arena, "%s/sys/bus/pci/devices/%s/config", w->dir,
                        bdf);
    write_file(path, config, sizeof(config));
}

void world_add_driver(struct world *w, const char *driver)
{
    world_file(w, arena_printf(w->arena, "sys/bus/pci/drivers/%s/uevent",
                               driver), "");
    if (!strcmp(driver, "pciback"))
        world_file(w, "sys/bus/pci/drivers/pciback/slots", "");
}

static void bind_device(struct world *w, const char *bdf, const char *driver)
{
    make_link(arena_printf(w->arena, "../../../../bus/pci/drivers/%s",
                           driver),
              "%s/sys/bus/pci/devices/%s/driver", w->dir, bdf);
    make_link(arena_printf(w->arena, "../../../../devices/pci0000:00/%s",
                           bdf),
              "%s/sys/bus/pci/drivers/%s/%s", w->dir, driver, bdf);
}

static long world_number(struct world *w, const char *bdf, const char *file)
{
    char *path = arena_printf(w->arena, "%s/sys/bus/pci/devices/%s/%s",
                              w->dir, bdf, file);
    FILE *f = fopen(path, "r");
    long number = -1;

    if (f && fscanf(f, "%ld", &number) != 1)
        number = -1;
    if (f)
        fclose(f);
    return number;
}

void world_make_pf(struct world *w, const char *bdf, unsigned total)
{
    world_device_file(w, bdf, "sriov_numvfs", "0\n");
    world_device_file(w, bdf, "sriov_totalvfs",
                      arena_printf(w->arena, "%u\n", total));
}

static char *slots_path(struct world *w)
{
    return arena_printf(w->arena, "%s/sys/bus/pci/drivers/pciback/slots",
                        w->dir);
}

static void add_slot(struct world *w, const char *bdf)
{
    FILE *f = fopen(slots_path(w), "a");

    check(f && fprintf(f, "%s\n", bdf) > 0 && !fclose(f), slots_path(w));
}

static void remove_slot(struct world *w, const char *bdf)
{
    char line[64], *text = NULL;
    FILE *f, *out;
    size_t len;

    f = fopen(slots_path(w), "r");
    out = open_memstream(&text, &len);
    check(f && out, slots_path(w));
    while (fgets(line, sizeof(line), f))
        if (strncmp(line, bdf, strlen(bdf)))
            fputs(line, out);
    fclose(f);
    fclose(out);
    write_file(slots_path(w), text, len);
    free(text);
}

char *world_slots(struct world *w)
{
    char line[64], *text = arena_strdup(w->arena, "");
    FILE *f = fopen(slots_path(w), "r");

    check(f != NULL, slots_path(w));
    while (fgets(line, sizeof(line), f))
        text = arena_printf(w->arena, "%s%s", text, line);
    fclose(f);
    return text;
}

static bool has_slot(struct world *w, const char *bdf)
{
    return strstr(world_slots(w), bdf);
}

/* Drivers of NICs that show an interface for each. */
static bool makes_interface(const char *driver)
{
    static const char *const names[] = {
        "e1000", "e1000e", "igb", "igbvf", "ixgbevf", "mlx5_core", "r8169",
    };
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (!strcmp(names[i], driver))
            return true;
    return false;
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

/* Nobody has touched it: down, free, without address. */
static char *idle_interface(struct world *w, const char *bdf)
{
    return arena_printf(w->arena, "if%s", bdf);
}

static void remove_idle_interface(struct world *w, const char *bdf)
{
    char *dir = arena_printf(w->arena, "%s/sys/bus/pci/devices/%s/net",
                             w->dir, bdf);

    if (unlink(arena_printf(w->arena, "%s/sys/class/net/%s", w->dir,
                            idle_interface(w, bdf))))
        return;
    check(!nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), dir);
}

void world_add_device(struct world *w, const char *bdf, unsigned vendor,
                      unsigned device, unsigned class, const char *driver,
                      unsigned caps)
{
    char *text;

    text = arena_printf(w->arena, "0x%04x\n", vendor);
    world_device_file(w, bdf, "vendor", text);
    world_device_file(w, bdf, "subsystem_vendor", text);
    text = arena_printf(w->arena, "0x%04x\n", device);
    world_device_file(w, bdf, "device", text);
    world_device_file(w, bdf, "subsystem_device", "0x0000\n");
    text = arena_printf(w->arena, "0x%06x\n", class);
    world_device_file(w, bdf, "class", text);
    world_device_file(w, bdf, "revision", "0x01\n");
    world_device_file(w, bdf, "irq", "10\n");
    world_device_file(w, bdf, "resource", "");
    text = arena_printf(w->arena, "pci:v%08Xd%08Xsv%08Xsd%08Xbc%02Xsc%02Xi"
                        "%02X\n", vendor, device, vendor, 0, class >> 16,
                        class >> 8 & 0xff, class & 0xff);
    world_device_file(w, bdf, "modalias", text);
    write_config(w, bdf, vendor, device, class, caps);
    if (!driver)
        return;
    if (access(arena_printf(w->arena, "%s/sys/bus/pci/drivers/%s", w->dir,
                            driver), F_OK))
        world_add_driver(w, driver);
    bind_device(w, bdf, driver);
    if (!strcmp(driver, "pciback"))
        add_slot(w, bdf);
    if (class >> 16 == 2 && makes_interface(driver))
        world_add_member(w, "net", bdf, idle_interface(w, bdf));
}

void world_make_vf(struct world *w, const char *vf, const char *pf,
                   unsigned index)
{
    remove_idle_interface(w, pf);
    make_link(arena_printf(w->arena, "../%s", pf),
              "%s/sys/bus/pci/devices/%s/physfn", w->dir, vf);
    make_link(arena_printf(w->arena, "../%s", vf),
              "%s/sys/bus/pci/devices/%s/virtfn%u", w->dir, pf, index);
    world_device_file(w, pf, "sriov_numvfs", arena_printf(w->arena, "%u\n",
                                                    index + 1));
}

void world_add_member(struct world *w, const char *class, const char *bdf,
                      const char *name)
{
    make_link(arena_printf(w->arena, "../../devices/pci0000:00/%s/%s/%s",
                           bdf, class, name),
              "%s/sys/class/%s/%s", w->dir, class, name);
    world_device_file(w, bdf, arena_printf(w->arena, "%s/%s/uevent", class, name),
                "");
    world_file(w, arena_printf(w->arena, "sys/devices/pci0000:00/%s/%s/%s/"
                               "uevent", bdf, class, name), "");
}

struct world_interface *world_add_interface(struct world *w,
                                            const char *bdf,
                                            const char *name)
{
    struct world_interface *i = &w->interfaces[w->interface_count++];

    check(w->interface_count <= WORLD_INTERFACES, "too many interfaces");
    remove_idle_interface(w, bdf);
    memset(i, 0, sizeof(*i));
    snprintf(i->name, sizeof(i->name), "%s", name);
    snprintf(i->device, sizeof(i->device), "%s", bdf);
    i->mtu = (struct net_mtu){ .now = 1500, .most = 9000 };
    world_add_member(w, "net", bdf, name);
    return i;
}

static char *lock_path(struct world *w, const char *lock)
{
    return arena_printf(w->arena, "%s/pci-migrate-%s", w->lock_dir, lock);
}

int world_hold(struct world *w, const char *lock)
{
    char *path = lock_path(w, lock);
    int fd = open(path, O_RDWR | O_CREAT, 0600);

    check(fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB), path);
    return fd;
}

void world_begin_migration(struct world *w)
{
    w->owner = world_hold(w, WORLD_LOCK);
}

void world_end_migration(struct world *w)
{
    if (w->owner >= 0)
        close(w->owner);
    w->owner = -1;
}

void world_drop_locks(struct world *w)
{
    char *prefix = arena_printf(w->arena, "%s/", w->lock_dir);
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;
    char target[512];
    ssize_t n;

    check(dir != NULL, "/proc/self/fd");
    while ((entry = readdir(dir))) {
        n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target));
        if (n > (ssize_t)strlen(prefix) &&
            !strncmp(target, prefix, strlen(prefix)) &&
            atoi(entry->d_name) != w->owner)
            close(atoi(entry->d_name));
    }
    closedir(dir);
}

bool world_has_lock(struct world *w, const char *lock)
{
    return !access(lock_path(w, lock), F_OK);
}

unsigned world_locks(struct world *w)
{
    DIR *dir = opendir(w->lock_dir);
    struct dirent *entry;
    unsigned n = 0;

    check(dir != NULL, w->lock_dir);
    while ((entry = readdir(dir)))
        if (!strncmp(entry->d_name, "pci-migrate-", 12))
            n++;
    closedir(dir);
    return n;
}

void world_add_domain(struct world *w, unsigned domid, const char *uuid,
                      const char *name)
{
    struct domain *d = &w->domains[w->domain_count++];

    check(w->domain_count <= WORLD_DOMAINS, "too many domains");
    d->domid = domid;
    snprintf(d->uuid, sizeof(d->uuid), "%s", uuid);
    fake_store_put(&w->store, arena_printf(w->arena, "/local/domain/%u/name",
                                           domid), name);
}

void world_pools(struct world *w, const char *json)
{
    world_file(w, "pci-pools.json", json);
}

static char *device_path(struct world *w, const char *bdf, const char *name)
{
    return arena_printf(w->arena, "%s/sys/bus/pci/devices/%s/%s", w->dir,
                        bdf, name);
}

const char *world_driver(struct world *w, const char *bdf)
{
    char target[256];
    ssize_t n;

    n = readlink(device_path(w, bdf, "driver"), target, sizeof(target) - 1);
    if (n < 0)
        return "";
    target[n] = '\0';
    return arena_strdup(w->arena, strrchr(target, '/') + 1);
}

static int unbind_device(struct world *w, const char *driver,
                         const char *bdf)
{
    char *link = device_path(w, bdf, "driver");

    if (strcmp(world_driver(w, bdf), driver))
        return ENODEV;
    check(!unlink(link), link);
    link = arena_printf(w->arena, "%s/sys/bus/pci/drivers/%s/%s", w->dir,
                        driver, bdf);
    check(!unlink(link), link);
    return 0;
}

/* What the kernel does when these files are written. */
static int behave(struct world *w, const char *driver, const char *file,
                  const char *bdf)
{
    bool pciback = !strcmp(driver, "pciback");

    if (!strcmp(file, "unbind"))
        return unbind_device(w, driver, bdf);
    if (!strcmp(file, "bind")) {
        if (*world_driver(w, bdf))
            return EBUSY;
        if (pciback && !has_slot(w, bdf))
            return ENODEV;
        bind_device(w, bdf, driver);
        return 0;
    }
    if (pciback && !strcmp(file, "new_slot"))
        add_slot(w, bdf);
    else if (pciback && !strcmp(file, "remove_slot"))
        remove_slot(w, bdf);
    else
        return EACCES;
    return 0;
}

/* igb makes its VFs at slot 10, and igbvf takes them at once. */
static int make_vfs(struct world *w, const char *pf, long count)
{
    char vf[32];
    long i;

    if (world_number(w, pf, "sriov_numvfs") > 0)
        return EBUSY;
    if (count > world_number(w, pf, "sriov_totalvfs"))
        return ERANGE;
    for (i = 0; i < count; i++) {
        snprintf(vf, sizeof(vf), "%.8s10.%ld", pf, i);
        world_add_device(w, vf, 0x8086, 0x10ca, 0x020000, "igbvf", CAP_MSIX);
        world_make_vf(w, vf, pf, (unsigned)i);
    }
    for (i = 0; i < (long)w->interface_count; i++)
        if (!strcmp(w->interfaces[i].device, pf))
            world_set_vfs(&w->interfaces[i], (unsigned)count);
    return 0;
}

static int fake_write(struct sysfs *sysfs, const char *path,
                      const char *text)
{
    struct world *w = (struct world *)((char *)sysfs -
                                       offsetof(struct world, sysfs));
    char driver[64], file[64], *prefix;
    size_t len = strlen(path);

    if (w->before_write)
        w->before_write(w, path);
    if (w->fail_suffix && len >= strlen(w->fail_suffix) &&
        !strcmp(path + len - strlen(w->fail_suffix), w->fail_suffix))
        return w->fail_errno;
    prefix = arena_printf(w->arena, "%s/bus/pci/devices/", sysfs->root);
    if (!strncmp(path, prefix, strlen(prefix)) &&
        sscanf(path + strlen(prefix), "%63[^/]/%63s", driver, file) == 2 &&
        !strcmp(file, "sriov_numvfs"))
        return make_vfs(w, driver, strtol(text, NULL, 10));
    if (!strcmp(path, arena_printf(w->arena, "%s/bus/pci/drivers_probe",
                                   sysfs->root))) {
        if (w->prober && !*world_driver(w, text))
            bind_device(w, text, w->prober);
        return 0;
    }
    prefix = arena_printf(w->arena, "%s/bus/pci/drivers/", sysfs->root);
    if (strncmp(path, prefix, strlen(prefix)) ||
        sscanf(path + strlen(prefix), "%63[^/]/%63s", driver, file) != 2)
        return EACCES;
    if (access(arena_printf(w->arena, "%s%s", prefix, driver), F_OK))
        return ENOENT;
    return behave(w, driver, file, text);
}

static const struct sysfs_ops fake_sysfs_ops = { .write = fake_write };

static struct world *world_of_xen(struct xen *x)
{
    return (struct world *)((char *)x - offsetof(struct world, xen));
}

static int fake_domains(struct xen *x, struct arena *arena,
                        struct domain **domains, size_t *count)
{
    struct world *w = world_of_xen(x);

    *count = w->domain_count;
    *domains = arena_alloc(arena, sizeof(w->domains));
    memcpy(*domains, w->domains, sizeof(w->domains));
    return 0;
}

static int fake_test_assign(struct xen *x, const struct bdf *bdf)
{
    struct world *w = world_of_xen(x);
    unsigned i;

    if (w->no_iommu)
        return EOPNOTSUPP;
    for (i = 0; i < w->assigned_count; i++)
        if (!bdf_compare(&w->assigned[i], bdf))
            return EINVAL;
    return 0;
}

static bool is_in_group(const struct world *w, const struct bdf *bdf)
{
    unsigned i;

    for (i = 0; i < w->group_count; i++)
        if (!bdf_compare(&w->group[i].bdf, bdf))
            return true;
    return false;
}

static int fake_group(struct xen *x, struct arena *arena,
                      const struct bdf *bdf, struct group_member **members,
                      size_t *count)
{
    struct world *w = world_of_xen(x);
    unsigned i;

    *members = arena_alloc(arena, sizeof(w->group));
    *count = 0;
    if (w->group_errno)
        return w->group_errno;
    if (!is_in_group(w, bdf))
        return 0;
    for (i = 0; i < w->group_count; i++)
        if (bdf_compare(&w->group[i].bdf, bdf))
            (*members)[(*count)++] = w->group[i];
    return 0;
}

static int fake_quarantine(struct xen *x, const struct bdf *bdf, bool on)
{
    struct world *w = world_of_xen(x);
    unsigned i;

    if (w->before_write)
        w->before_write(w, "quarantine");
    for (i = 0; i < w->quarantined; i++)
        if (!bdf_compare(&w->quarantine[i], bdf))
            break;
    if (on) {
        check(i < WORLD_ASSIGNED, "too many in quarantine");
        w->quarantine[i] = *bdf;
        if (i == w->quarantined)
            w->quarantined++;
        return 0;
    }
    if (i == w->quarantined)
        return ENODEV;
    w->quarantine[i] = w->quarantine[--w->quarantined];
    return 0;
}

static const struct xen_ops fake_xen_ops = {
    .domains = fake_domains,
    .test_assign = fake_test_assign,
    .group = fake_group,
    .quarantine = fake_quarantine,
};

static struct world_interface *interface(struct net *net, const char *name)
{
    struct world *w = (struct world *)((char *)net -
                                       offsetof(struct world, net));
    unsigned i;

    for (i = 0; i < w->interface_count; i++)
        if (!strcmp(w->interfaces[i].name, name))
            return &w->interfaces[i];
    return NULL;
}

static int fake_net_state(struct net *net, const char *name,
                          struct net_state *state)
{
    struct world_interface *i = interface(net, name);

    if (!i)
        return ENODEV;
    *state = i->state;
    return 0;
}

static int fake_net_mtu(struct net *net, const char *name,
                        struct net_mtu *mtu)
{
    struct world_interface *i = interface(net, name);

    if (!i)
        return ENODEV;
    *mtu = i->mtu;
    return 0;
}

static int fake_vf_settings(struct net *net, const char *name,
                            unsigned index, struct vf_settings *settings)
{
    struct world_interface *i = interface(net, name);

    if (!i)
        return ENODEV;
    if (index >= i->vf_count)
        return ENOENT;
    *settings = i->vfs[index];
    return 0;
}

static void copy_setting(struct vf_settings *to,
                         const struct vf_settings *from,
                         enum vf_setting what)
{
    const struct vf_settings before = *to;

    *to = *from;
    to->known = before.known;
    if (what != VF_MAC)
        memcpy(to->mac, before.mac, sizeof(to->mac));
    if (what != VF_VLAN) {
        to->vlan = before.vlan;
        to->qos = before.qos;
        to->vlan_proto = before.vlan_proto;
    }
    if (what != VF_SPOOFCHK)
        to->spoofchk = before.spoofchk;
    if (what != VF_TRUST)
        to->trust = before.trust;
    if (what != VF_LINK_STATE)
        to->link_state = before.link_state;
    if (what != VF_RATE) {
        to->min_tx_rate = before.min_tx_rate;
        to->max_tx_rate = before.max_tx_rate;
    }
}

static int fake_vf_set(struct net *net, const char *name, unsigned index,
                       enum vf_setting what,
                       const struct vf_settings *settings)
{
    struct world *w = (struct world *)((char *)net -
                                       offsetof(struct world, net));
    struct world_interface *i = interface(net, name);

    if (w->before_write)
        w->before_write(w, "vf");
    if (!i)
        return ENODEV;
    if (index >= i->vf_count)
        return EINVAL;
    if (w->fail_vf & 1u << what)
        return w->fail_vf_errno;
    if (w->refuse_zero_mac && what == VF_MAC && vf_is_default(settings, what))
        return EINVAL;
    copy_setting(&i->vfs[index], settings, what);
    return 0;
}

void world_set_vfs(struct world_interface *i, unsigned count)
{
    i->vf_count = count;
    while (count--) {
        i->vfs[count] = vf_defaults();
        i->vfs[count].known = (1u << VF_SETTINGS) - 1;
    }
}

static const struct net_ops fake_net_ops = {
    .state = fake_net_state,
    .mtu = fake_net_mtu,
    .vf_settings = fake_vf_settings,
    .vf_set = fake_vf_set,
};

void world_open(struct world *w, char *dir)
{
    memset(w, 0, sizeof(*w));
    w->owner = -1;
    w->arena = arena_new();
    w->dir = arena_strdup(w->arena, dir);
    w->sysfs.ops = &fake_sysfs_ops;
    w->sysfs.root = arena_printf(w->arena, "%s/sys", w->dir);
    w->proc_root = arena_printf(w->arena, "%s/proc", w->dir);
    w->lock_dir = arena_printf(w->arena, "%s/lock", w->dir);
    w->dev_root = arena_printf(w->arena, "%s/dev", w->dir);
    w->pools_path = arena_printf(w->arena, "%s/pci-pools.json", w->dir);
    w->ids_path = arena_printf(w->arena, "%s/pci.ids", w->dir);
    w->modules_dir = arena_printf(w->arena, "%s/modules", w->dir);
    w->modprobe_dirs[0] = arena_printf(w->arena, "%s/modprobe.d", w->dir);
    w->xen.ops = &fake_xen_ops;
    w->net.ops = &fake_net_ops;
    fake_store_init(&w->store);
}

void world_init(struct world *w)
{
    const char *tmp = getenv("TMPDIR");
    char dir[256];

    snprintf(dir, sizeof(dir), "%.200s/broker.XXXXXX", tmp ? tmp : "/tmp");
    check(mkdtemp(dir) != NULL, dir);
    world_open(w, dir);
    world_file(w, "sys/bus/pci/devices/.keep", "");
    world_file(w, "lock/.keep", "");
    world_file(w, "proc/self/mountinfo", "");
    world_file(w, "proc/swaps", "");
    world_file(w, "pci.ids", "8086  Intel Corporation\n"
               "\t10d3  82574L Gigabit Network Connection\n");
    world_add_driver(w, "pciback");
}

void world_dispose(struct world *w)
{
    world_end_migration(w);
    fake_store_dispose(&w->store);
    nftw(w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    arena_free(w->arena);
}

struct broker world_broker(struct world *w)
{
    return (struct broker){
        .arena = arena_new(), .pools_path = w->pools_path,
        .proc_root = w->proc_root, .dev_root = w->dev_root,
        .lock_dir = w->lock_dir, .ids_path = w->ids_path,
        .modules_dir = w->modules_dir, .modprobe_dirs = w->modprobe_dirs,
        .sysfs = &w->sysfs, .store = &w->store.store, .xen = &w->xen,
        .net = &w->net, .transaction_limit_ms = 1000,
    };
}

/* Of this thread's world_run. */
static __thread struct world *logged;

static void keep_line(struct broker *b, const char *line)
{
    size_t len = strlen(logged->log);

    (void)b;
    snprintf(logged->log + len, sizeof(logged->log) - len, "%s\n", line);
}

static int run(struct world *w, struct store *store, verb_function *verb,
               const struct verb_input *input, char **answer, char **error)
{
    char *raw = NULL;
    struct broker b = world_broker(w);
    int rc;

    b.store = store;
    /* longer than a host's own: many race on one emulated processor */
    b.transaction_limit_ms = 300000;
    b.table = w->table;
    b.explain = w->explain;
    b.messages = w->messages;
    b.log = keep_line;
    logged = w;
    rc = verb(&b, input, &raw);
    *answer = raw ? strdup(raw) : NULL;
    *error = b.error ? strdup(b.error) : NULL;
    arena_free(b.arena);
    return rc;
}

int world_run(struct world *w, verb_function *verb, const char *request,
              const char *argument, bool force, char **answer, char **error)
{
    struct verb_input input = {
        .text = request, .len = request ? strlen(request) : 0,
        .argument = argument, .force = force, .like = w->like,
        .pool = w->pool, .attributes = w->attributes,
    };

    return run(w, &w->store.store, verb, &input, answer, error);
}

int world_run_in(struct world *w, struct store *store, verb_function *verb,
                 const char *request, char **answer, char **error)
{
    struct verb_input input = { .text = request, .len = strlen(request) };

    return run(w, store, verb, &input, answer, error);
}
