/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel and the file systems of this host say. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/broker.h"
#include "doctor/gather.h"
#include "host/net.h"
#include "host/sysfs.h"

#define LIBRARY "libxenlight.so.4.20"
/* Only the patched one has it. */
#define SYMBOL "libxl_domain_pci_migrate_check"
#define LIBVIRT_DRIVER "/usr/lib/x86_64-linux-gnu/libvirt/" \
    "connection-driver/libvirt_driver_libxl.so"
#define LIBVIRT_STATE "/run/libvirt/libxl"
#define UNIT "/etc/systemd/system/multi-user.target.wants/pci-broker.service"

static char *path_of(struct doctor *d, const char *path)
{
    return arena_printf(d->b->arena, "%s%s", d->root, path);
}

/* Whether a file is there; what cannot be looked at is not known. */
static struct fact there(struct doctor *d, const char *path, int mode)
{
    if (!access(path_of(d, path), mode))
        return fact_number(1);
    if (errno == ENOENT || errno == ENOTDIR ||
        (errno == EACCES && mode != F_OK))
        return fact_number(0);
    return fact_unknown(arena_printf(d->b->arena, "%s: %s", path,
                                     strerror(errno)));
}

static struct fact either(struct fact a, struct fact b)
{
    if (a.kind == FACT_NUMBER && a.number)
        return a;
    return b.kind == FACT_NUMBER && b.number ? b
         : a.kind == FACT_UNKNOWN ? a : b;
}

static struct fact room(struct doctor *d, const char *path)
{
    struct statvfs fs;

    if (statvfs(path_of(d, path), &fs))
        return fact_unknown(arena_printf(d->b->arena, "%s: %s", path,
                                         strerror(errno)));
    return fact_number((long long)((unsigned long long)fs.f_bavail *
                                   fs.f_frsize >> 20));
}

static struct fact dom0(struct doctor *d)
{
    const char *path = arena_printf(d->b->arena, "%s/xen/capabilities",
                                    d->b->proc_root);
    char *text = sysfs_read_all(d->b, path);

    char *type;
    int error = errno;

    if (text)
        return fact_number(strstr(text, "control_d") != NULL);
    /* There is such a file only while xenfs is mounted. */
    type = sysfs_read(d->b, sysfs_path(d->b, "hypervisor/type"));
    return !type || strcmp(type, "xen") ? fact_number(0)
        : fact_unknown(arena_printf(d->b->arena, "%s: %s", path,
                                    strerror(error)));
}

static struct fact available(struct doctor *d)
{
    char *text = sysfs_read_all(d->b, arena_printf(d->b->arena, "%s/meminfo",
                                                   d->b->proc_root));
    char *at = text ? strstr(text, "MemAvailable:") : NULL;
    long long kib;

    if (!at || sscanf(at, "MemAvailable: %lld kB", &kib) != 1)
        return fact_unknown("the kernel does not say how much memory can be "
                            "used");
    return fact_number(kib / 1024);
}

static struct fact synchronised(void)
{
    struct timex t = { .modes = 0 };
    int r = adjtimex(&t);

    if (r < 0)
        return fact_unknown("the kernel does not say how right the clock is");
    return fact_number(r != TIME_ERROR && !(t.status & STA_UNSYNC));
}

static struct fact now_ms(void)
{
    struct timespec t;

    if (clock_gettime(CLOCK_REALTIME, &t))
        return fact_unknown("there is no clock");
    return fact_number((long long)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

/* Does that library know of migratable devices? What it needs besides was
 * loaded with this program. */
static struct fact knows(struct doctor *d, const char *library)
{
    void *handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
    struct fact fact;

    if (!handle)
        return fact_unknown(arena_printf(d->b->arena, "%s", dlerror()));
    fact = fact_number(dlsym(handle, SYMBOL) != NULL);
    dlclose(handle);
    return fact;
}

/* xl's own library is beside its programs, or the system's. */
static void look_at_tools(struct doctor *d, struct host_facts *facts)
{
    const char *own = path_of(d, XEN_LIBEXEC "/../lib/" LIBRARY);
    struct fact patched = knows(d, LIBRARY);

    facts->facts[HOST_tools] = access(own, F_OK) ? patched : knows(d, own);
    if (patched.kind == FACT_NUMBER)
        patched.number = !patched.number;
    facts->facts[HOST_system_library] = patched;
}

static struct fact libvirt_guests(struct doctor *d)
{
    const char *list = "", *dot;
    size_t i, count;
    bool is_there;
    char **names = sysfs_names(d->b, path_of(d, LIBVIRT_STATE), &count,
                               &is_there);

    if (!is_there && errno != ENOENT)
        return fact_unknown(arena_printf(d->b->arena, LIBVIRT_STATE ": %s",
                                         strerror(errno)));
    for (i = 0; i < count; i++) {
        dot = strrchr(names[i], '.');
        if (dot && !strcmp(dot, ".xml"))
            list = gather_word(d, list, arena_strndup(d->b->arena, names[i],
                                                      (size_t)(dot -
                                                               names[i])));
    }
    return fact_text(list);
}

static struct fact backend(struct doctor *d, const char *name)
{
    bool is_there;
    size_t count;

    sysfs_names(d->b, sysfs_path(d->b, "bus/xen-backend/drivers"), &count,
                &is_there);
    if (!is_there)
        return fact_unknown("the kernel has no backends of Xen");
    return fact_number(sysfs_exists(
        sysfs_path(d->b, "bus/xen-backend/drivers/%s", name)));
}

static void list_interfaces(struct doctor *d, struct host_facts *facts)
{
    struct interface_fact *f;
    struct net_state state;
    struct broker *b = d->b;
    size_t i, count;
    bool is_there;
    char **names = sysfs_names(b, sysfs_path(b, "class/net"), &count,
                               &is_there);

    if (!is_there) {
        facts->facts[HOST_interfaces_listed] =
            fact_unknown("the kernel lists no interfaces");
        return;
    }
    facts->facts[HOST_interfaces_listed] = fact_number(1);
    facts->interfaces = arena_alloc(b->arena,
                                    (count + 1) * sizeof(*facts->interfaces));
    for (i = 0; i < count; i++) {
        if (b->net->ops->state(b->net, names[i], &state))
            continue;
        f = &facts->interfaces[facts->interface_count++];
        f->name = names[i];
        f->up = state.up;
        f->bridge = sysfs_exists(sysfs_path(b, "class/net/%s/bridge",
                                            names[i]));
        f->mtu = sysfs_read_number(b, sysfs_path(b, "class/net/%s/mtu",
                                                 names[i]), -1);
    }
}

void gather_system(struct doctor *d, struct host_facts *facts)
{
    struct fact *f = facts->facts;

    f[HOST_administrator] = fact_number(geteuid() == 0);
    f[HOST_version] = fact_text(PACKAGE_VERSION);
    f[HOST_control_domain] = dom0(d);
    look_at_tools(d, facts);
    f[HOST_libvirt] = there(d, LIBVIRT_DRIVER, F_OK);
    f[HOST_libvirt_guests] = libvirt_guests(d);
    f[HOST_broker] = there(d, XEN_LIBEXEC "/pci-broker", X_OK);
    f[HOST_unit] = there(d, UNIT, F_OK);
    f[HOST_qemu] = either(there(d, "/usr/libexec/xen-qemu-system-i386", X_OK),
                          there(d, "/usr/lib/xen-4.20/bin/qemu-system-i386",
                                X_OK));
    f[HOST_vif_backend] = backend(d, "vif");
    f[HOST_vbd_backend] = backend(d, "vbd");
    f[HOST_lock_dir] = fact_number(!access(d->b->lock_dir, W_OK | X_OK));
    f[HOST_lib_mib] = room(d, "/var/lib/xen");
    f[HOST_log_mib] = room(d, "/var/log/xen");
    f[HOST_memory_mib] = available(d);
    f[HOST_clock_synchronised] = synchronised();
    f[HOST_clock_ms] = now_ms();
    list_interfaces(d, facts);
}
