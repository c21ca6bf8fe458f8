/* SPDX-License-Identifier: GPL-2.0-only */
/* What only the hypervisor knows. */
#ifndef BROKER_XEN_H
#define BROKER_XEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bdf.h"

#define UUID_TEXT_SIZE 37

struct arena;
struct broker;
struct xen;

struct domain {
    uint32_t domid;
    char uuid[UUID_TEXT_SIZE];
};

/* A device in the IOMMU group of another one, and the domain that has it. */
struct group_member {
    struct bdf bdf;
    uint32_t domid;
};

/* All return 0 or an errno. */
struct xen_ops {
    int (*domains)(struct xen *x, struct arena *arena,
                   struct domain **domains, size_t *count);
    /* EOPNOTSUPP: no IOMMU; EINVAL: assigned, or Xen knows no such device */
    int (*test_assign)(struct xen *x, const struct bdf *bdf);
    /* All others of its group that dom0 or a guest has, without those in
     * quarantine; none where Xen has no groups. */
    int (*group)(struct xen *x, struct arena *arena, const struct bdf *bdf,
                 struct group_member **members, size_t *count);
    /* Give an idle device to nobody (DOMID_IO), or back to dom0. */
    int (*quarantine)(struct xen *x, const struct bdf *bdf, bool on);
};

struct xen {
    const struct xen_ops *ops;
};

/* May a guest still reach the device, whatever xenstore says? Yes also where
 * that cannot be found out. */
bool xen_guest_may_have(struct broker *b, const struct bdf *bdf);

/* What test_assign returned: some domain has the device, or will not give it
 * back. */
bool xen_says_taken(int r);

#endif
