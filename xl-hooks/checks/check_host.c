/* SPDX-License-Identifier: GPL-2.0-only */
/* Checks of one host that take more than one fact. */
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "checks/check.h"

/* Early detach works without, so it is no failure. */
void check_log_dirty(const struct view *v, struct finding *out)
{
    static const char cure[] =
        "sudo apt install ./shadowport-hypervisor_*.deb, and boot it";
    long long can;

    if (!check_number(&v->host->facts[HOST_log_dirty], out, &can))
        return;
    if (can == 1)
        check_say(out, STATE_OK, "the hypervisor logs dirty memory of guests "
                  "with devices: late detach", NULL);
    else if (can)
        check_say(out, STATE_WARN, "not asked, since an empty domain has to "
                  "be made for that", "sudo shadowport-doctor --probe");
    else
        check_say(out, STATE_WARN, "the hypervisor does not log dirty memory "
                  "of guests with devices: early detach, longer outages",
                  cure);
}

/* A guest's own setting, which xl makes right by itself, decides. */
void check_page_tables(const struct view *v, struct finding *out)
{
    long long shared;

    if (!check_number(&v->host->facts[HOST_shared_page_tables], out, &shared))
        return;
    if (shared)
        check_say(out, STATE_OK, "IOMMU and CPU can share page tables; guests "
                  "with pool= do not, unless passthrough= says share_pt",
                  NULL);
    else
        check_say(out, STATE_NA, "IOMMU and CPU never share page tables here",
                  NULL);
}

/* PV guests are migrated by it only, HVM ones by HAP or by it. */
void check_paging(const struct view *v, struct finding *out)
{
    long long hap, shadow;

    if (!check_number(&v->host->facts[HOST_hap], out, &hap) ||
        !check_number(&v->host->facts[HOST_shadow], out, &shadow))
        return;
    if (hap)
        check_say(out, STATE_OK, shadow ? "HAP for HVM guests, shadow paging "
                  "for PV guests" : "HAP for HVM guests; PV guests cannot be "
                  "live-migrated", NULL);
    else if (shadow)
        check_say(out, STATE_WARN, "shadow paging only, which Xen has "
                  "deprecated", "turn nested paging on in the firmware; hap=1 "
                  "on Xen's command line");
    else
        check_say(out, STATE_FAIL, "neither HAP nor shadow paging: no guest "
                  "can be live-migrated", "turn virtualization on in the "
                  "firmware");
}

/* False: what there is to say of that has been said. */
static bool has_libvirt(const struct view *v, struct finding *out)
{
    long long libvirt;

    if (!check_number(&v->host->facts[HOST_libvirt], out, &libvirt))
        return false;
    if (!libvirt)
        check_say(out, STATE_NA, "libvirt's Xen driver is not installed",
                  NULL);
    return libvirt;
}

/* It was built for other structs. */
void check_system_library(const struct view *v, struct finding *out)
{
    long long stock;

    if (!has_libvirt(v, out))
        return;
    if (!check_number(&v->host->facts[HOST_system_library], out, &stock))
        return;
    if (stock)
        check_say(out, STATE_OK, "libvirt has Debian's libxenlight", NULL);
    else
        check_say(out, STATE_FAIL, "libvirt loads the patched libxenlight, "
                  "which it was not built for",
                  "sudo apt install --reinstall libxenmisc4.20, and install "
                  "shadowport-dom0 beside it");
}

void check_libvirt_guests(const struct view *v, struct finding *out)
{
    const char *guests;

    if (!has_libvirt(v, out))
        return;
    if (!check_text(&v->host->facts[HOST_libvirt_guests], out, &guests))
        return;
    if (!*guests)
        check_say(out, STATE_OK, "libvirt runs no guest", NULL);
    else
        check_say(out, STATE_WARN,
                  arena_printf(v->arena, "libvirt runs guests, and does not "
                               "know what pci= asks for: %s", guests),
                  "start guests with migratable devices by xl");
}

void check_pools_file(const struct view *v, struct finding *out)
{
    const char *error;
    long long there;

    if (!check_number(&v->host->facts[HOST_pools_file], out, &there) ||
        !check_text(&v->host->facts[HOST_pools_error], out, &error))
        return;
    if (*error)
        check_say(out, STATE_FAIL, error, "pci-broker check-config");
    else if (!there)
        check_say(out, STATE_WARN, "there is no pools file: guests get "
                  "devices of the same model that pciback has",
                  "sudo cp /usr/share/doc/shadowport-dom0/examples/"
                  "pci-pools.json /etc/xen/");
    else
        check_say(out, STATE_OK, "the pools file is right", NULL);
}

void check_pools(const struct view *v, struct finding *out)
{
    const struct host_facts *f = v->host;
    const char *empty = "", *full = "";
    long long listed;
    size_t i;

    if (!check_number(&f->facts[HOST_pools_listed], out, &listed))
        return;
    for (i = 0; i < f->pool_count; i++) {
        const struct pool_fact *p = &f->pools[i];

        if (!p->free && !p->taken && !p->unfit)
            empty = arena_printf(v->arena, "%s %s", empty, p->name);
        else if (!p->free)
            full = arena_printf(v->arena, "%s %s", full, p->name);
    }
    if (!f->pool_count)
        check_say(out, STATE_NA, "there are no pools", NULL);
    else if (*empty)
        check_say(out, STATE_FAIL,
                  arena_printf(v->arena, "no device of this host is in%s",
                               empty), "pci-broker check-config");
    else if (*full)
        check_say(out, STATE_WARN,
                  arena_printf(v->arena, "no free device in%s", full),
                  "pci-broker check-config");
    else
        check_say(out, STATE_OK, "each pool has a free device", NULL);
}
