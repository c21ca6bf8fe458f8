/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A host made of files: a sysfs that behaves when drivers are bound and
 * unbound, a proc, a store, a hypervisor and a network stack.
 */
#ifndef WORLD_H
#define WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/broker.h"
#include "fake_store.h"
#include "host/net.h"
#include "host/sysfs.h"
#include "host/xen.h"
#include "verbs/verbs.h"

/* The lock of the golden examples. */
#define WORLD_LOCK "3f0e5c9e-8d3b-4d7c-9a55-0d7c6a1b2c3d.destination"
#define WORLD_DOMAINS 8
#define WORLD_INTERFACES 8
#define WORLD_ASSIGNED 8

enum world_caps { CAP_NONE = 0, CAP_MSI = 1, CAP_MSIX = 2, CAP_DEAD = 4,
                  CAP_BRIDGE = 8 };

struct world_interface {
    char name[16], device[16];
    struct net_state state;
    struct net_mtu mtu;         /* 1500, and at most 9000 */
    struct vf_settings vfs[8];  /* none without world_set_vfs */
    unsigned vf_count;
};

struct world {
    struct arena *arena;
    char *dir;                  /* everything is below */
    char *proc_root, *dev_root, *lock_dir, *pools_path, *ids_path;
    char *modules_dir;
    const char *modprobe_dirs[2];

    struct sysfs sysfs;
    struct fake_store store;
    struct xen xen;
    struct net net;

    struct domain domains[WORLD_DOMAINS];
    unsigned domain_count;
    struct bdf assigned[WORLD_ASSIGNED];        /* as Xen sees it */
    unsigned assigned_count;
    struct group_member group[WORLD_ASSIGNED];  /* one IOMMU group */
    unsigned group_count;
    int group_errno;            /* asking for groups fails */
    bool no_iommu;
    struct bdf quarantine[WORLD_ASSIGNED];
    unsigned quarantined;
    struct world_interface interfaces[WORLD_INTERFACES];
    unsigned interface_count;

    int owner;                  /* descriptor of WORLD_LOCK, or -1 */

    /* making these settings of VFs (bits) fails */
    unsigned fail_vf;
    int fail_vf_errno;
    bool refuse_zero_mac;       /* as some drivers do */

    FILE *explain, *messages;   /* as in struct broker */
    char log[8192];             /* changes, a line each */
    const char *like, *pool;    /* as in struct verb_input */
    bool attributes, table;     /* as there, and in struct broker */

    /* the next write to a path that ends so fails */
    const char *fail_suffix;
    int fail_errno;
    /* who takes a device that is written to drivers_probe; or nobody does */
    const char *prober;
    /* called before every write to sysfs, to a PF, and before quarantine */
    void (*before_write)(struct world *w, const char *path);
    void *arg;
};

void world_init(struct world *w);
/* On files that another process made. */
void world_open(struct world *w, char *dir);
void world_dispose(struct world *w);
/* One that sees w as its host. The caller frees its arena. */
struct broker world_broker(struct world *w);

/* driver NULL: none. caps: enum world_caps. */
void world_add_device(struct world *w, const char *bdf, unsigned vendor,
                      unsigned device, unsigned class, const char *driver,
                      unsigned caps);
void world_add_driver(struct world *w, const char *driver);
/* A file in the device's folder. */
void world_device_file(struct world *w, const char *bdf, const char *name,
                       const char *text);
/* A file in the folder of one of its interfaces. */
void world_net_file(struct world *w, const char *bdf, const char *interface,
                    const char *name, const char *text);
void world_make_vf(struct world *w, const char *vf, const char *pf,
                   unsigned index);
/* One that has no VFs yet, but makes them when told. */
void world_make_pf(struct world *w, const char *bdf, unsigned total);
/* class: "net" or "block" */
void world_add_member(struct world *w, const char *class, const char *bdf,
                      const char *name);
struct world_interface *world_add_interface(struct world *w,
                                            const char *bdf,
                                            const char *name);
/* They start with the defaults, all of them known. */
void world_set_vfs(struct world_interface *i, unsigned count);
/* Hold a lock, as a process that the broker's inherits from; returns the
 * descriptor. Closing it is that process's end. */
int world_hold(struct world *w, const char *lock);
/* The same with WORLD_LOCK, and its end. */
void world_begin_migration(struct world *w);
void world_end_migration(struct world *w);
/* Close what a broker in this process that was "killed" has left open. */
void world_drop_locks(struct world *w);
/* Is its file there? */
bool world_has_lock(struct world *w, const char *lock);
/* How many there are. */
unsigned world_locks(struct world *w);
void world_add_domain(struct world *w, unsigned domid, const char *uuid,
                      const char *name);
void world_file(struct world *w, const char *path, const char *text);
void world_pools(struct world *w, const char *json);
/* Driver's name; "" if none. */
const char *world_driver(struct world *w, const char *bdf);

/* What pciback/slots holds. */
char *world_slots(struct world *w);

/* Run a verb as main() would; *answer and *error are to be freed. */
int world_run(struct world *w, verb_function *verb, const char *request,
              const char *argument, bool force, char **answer,
              char **error);
/* The same with another store than the world's. */
int world_run_in(struct world *w, struct store *store, verb_function *verb,
                 const char *request, char **answer, char **error);

#endif
