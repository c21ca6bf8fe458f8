/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>

#include "base/broker.h"
#include "host/xen.h"

bool xen_says_taken(int r)
{
    return r == EINVAL || r == EBUSY || r == ENODEV;
}

/* ENODEV: Xen does not know it; EOPNOTSUPP, ENOSYS: no IOMMU, no guests. */
bool xen_guest_may_have(struct broker *b, const struct bdf *bdf)
{
    int r = b->xen->ops->test_assign(b->xen, bdf);

    return r && r != ENODEV && r != EOPNOTSUPP && r != ENOSYS;
}
