/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <xenctrl.h>

#include "base/arena.h"
#include "host/xen_xc.h"

#define DOMAINS_AT_ONCE 256

static int open_xc(struct xen *x, xc_interface **xch)
{
    struct xen_xc *xc = (struct xen_xc *)x;

    if (!xc->xch)
        xc->xch = xc_interface_open(NULL, NULL, 0);
    *xch = xc->xch;
    return *xch ? 0 : (errno ? errno : ENODEV);
}

static void uuid_text(const uint8_t *handle, char *text)
{
    int i, at = 0;

    for (i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text[at++] = '-';
        at += sprintf(text + at, "%02x", handle[i]);
    }
}

static int xc_domains(struct xen *x, struct arena *arena,
                      struct domain **domains, size_t *count)
{
    xc_domaininfo_t *info;
    xc_interface *xch;
    uint32_t first = 0;
    int i, n, r;

    *domains = NULL;
    *count = 0;
    r = open_xc(x, &xch);
    if (r)
        return r;
    info = arena_alloc(arena, DOMAINS_AT_ONCE * sizeof(*info));
    do {
        n = xc_domain_getinfolist(xch, first, DOMAINS_AT_ONCE, info);
        if (n < 0)
            return errno;
        for (i = 0; i < n; i++) {
            if (info[i].flags & XEN_DOMINF_dying)
                continue;
            *domains = arena_extend(arena, *domains, *count,
                                    sizeof(**domains));
            (*domains)[*count].domid = info[i].domain;
            uuid_text(info[i].handle, (*domains)[*count].uuid);
            (*count)++;
        }
        if (n)
            first = info[n - 1].domain + 1u;
    } while (n == DOMAINS_AT_ONCE);
    return 0;
}

static int xc_test(struct xen *x, const struct bdf *bdf)
{
    xc_interface *xch;
    int r;

    r = open_xc(x, &xch);
    if (r)
        return r;
    return xc_test_assign_device(xch, DOMID_INVALID, bdf_encode(bdf))
           ? errno : 0;
}

#define GROUP_AT_MOST 64

/* What one domain has of the group; 0 or an errno. Hypervisors without IOMMU
 * or without groups answer with none, and test_assign judges them; a domain
 * may have gone meanwhile. */
static int add_members(xc_interface *xch, struct arena *arena,
                        uint32_t domid, const struct bdf *bdf,
                        struct group_member **members, size_t *count)
{
    uint32_t found[GROUP_AT_MOST], n = 0, i;
    struct group_member *member;

    if (xc_get_device_group(xch, domid, bdf_encode(bdf), GROUP_AT_MOST, &n,
                            found))
        return errno == ESRCH || errno == EOPNOTSUPP || errno == ENOSYS
               ? 0 : errno;
    for (i = 0; i < n && i < GROUP_AT_MOST; i++) {
        *members = arena_extend(arena, *members, *count, sizeof(**members));
        member = &(*members)[(*count)++];
        bdf_decode(found[i], &member->bdf);
        member->domid = domid;
    }
    return 0;
}

static int xc_group(struct xen *x, struct arena *arena,
                    const struct bdf *bdf, struct group_member **members,
                    size_t *count)
{
    struct domain *domains;
    xc_interface *xch;
    size_t i, n;
    int r;

    *members = NULL;
    *count = 0;
    r = open_xc(x, &xch);
    if (!r)
        r = xc_domains(x, arena, &domains, &n);
    if (r)
        return r;
    for (i = 0; !r && i < n; i++)
        r = add_members(xch, arena, domains[i].domid, bdf, members, count);
    return r;
}

static int xc_quarantine(struct xen *x, const struct bdf *bdf, bool on)
{
    xc_interface *xch;
    int r;

    r = open_xc(x, &xch);
    if (r)
        return r;
    /* DOMID_IO maps nothing: reserved regions must not stand in the way. */
    if (on)
        r = xc_assign_device(xch, DOMID_IO, bdf_encode(bdf),
                             XEN_DOMCTL_DEV_RDM_RELAXED);
    else
        r = xc_deassign_device(xch, DOMID_IO, bdf_encode(bdf));
    return r ? errno : 0;
}

static const struct xen_ops xc_ops = {
    .domains = xc_domains,
    .test_assign = xc_test,
    .group = xc_group,
    .quarantine = xc_quarantine,
};

void xen_xc_init(struct xen_xc *xc)
{
    xc->xen.ops = &xc_ops;
    xc->xch = NULL;
}

void xen_xc_dispose(struct xen_xc *xc)
{
    if (xc->xch)
        xc_interface_close(xc->xch);
}
