/* SPDX-License-Identifier: GPL-2.0-only */
/* What only the hypervisor and libxl know, by Debian's libraries. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libxl.h>
#include <xenctrl.h>
#include <xenguest.h>

#include "base/arena.h"
#include "base/broker.h"
#include "doctor/gather.h"

/* A mode that no hypervisor knows, of one that has the flag and looks. */
#define NO_SUCH_MODE (1u << 31)

static struct fact failed(struct doctor *d, const char *what)
{
    return fact_unknown(arena_printf(d->b->arena, "hypervisor: %s: %s", what,
                                     strerror(errno)));
}

static void ask_version(struct doctor *d, xc_interface *xch, struct fact *f)
{
    int r = xc_version(xch, XENVER_version, NULL);

    f[HOST_xen_version] = r < 0 ? failed(d, "version")
        : fact_text(arena_printf(d->b->arena, "%d.%d", r >> 16, r & 0xffff));
}

static void ask_machine(struct doctor *d, xc_interface *xch, struct fact *f)
{
    xc_physinfo_t info;
    uint64_t free;

    memset(&info, 0, sizeof(info));
    if (xc_physinfo(xch, &info)) {
        f[HOST_hvm] = f[HOST_hap] = f[HOST_shadow] = f[HOST_iommu] =
            f[HOST_shared_page_tables] = f[HOST_free_mib] =
                failed(d, "physical information");
        return;
    }
#define HAS(word) \
    fact_number(!!(info.capabilities & XEN_SYSCTL_PHYSCAP_##word))
    f[HOST_hvm] = HAS(hvm);
    f[HOST_hap] = HAS(hap);
    f[HOST_shadow] = HAS(shadow);
    f[HOST_iommu] = HAS(directio);
    f[HOST_shared_page_tables] = HAS(iommu_hap_pt_share);
#undef HAS
    free = info.free_pages;
    free -= info.outstanding_pages < free ? info.outstanding_pages : free;
    f[HOST_free_mib] = fact_number((long long)(free >> (20 - XC_PAGE_SHIFT)));
}

static struct fact features(struct doctor *d, xc_interface *xch,
                            uint32_t which)
{
    uint32_t i, count = xc_get_cpu_featureset_size(), *words;
    const char *text = "";

    words = arena_alloc(d->b->arena, (count + 1) * sizeof(*words));
    if (xc_get_cpu_featureset(xch, which, &count, words))
        return failed(d, "CPU features");
    for (i = 0; i < count; i++)
        text = gather_word(d, text, arena_printf(d->b->arena, "%08x",
                                                 words[i]));
    return fact_text(text);
}

/* An empty HVM domain with one processor that never runs. */
static int make_domain(xc_interface *xch, uint32_t *domid)
{
    struct xen_domctl_createdomain config = {
        .flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
        .max_vcpus = 1,
        .max_evtchn_port = 1023,
        .max_grant_frames = -1,
        .max_maptrack_frames = -1,
        .grant_opts = XEN_DOMCTL_GRANT_version(1),
        .arch = { .emulation_flags = XEN_X86_EMU_LAPIC },
    };

    memset(config.handle, 0x5d, sizeof(config.handle));
    *domid = 0;
    if (xc_domain_create(xch, domid, &config))
        return -1;
    return xc_domain_max_vcpus(xch, *domid, 1);
}

static int log_dirty(xc_interface *xch, uint32_t domid, unsigned int mode)
{
    return xc_shadow_control(xch, domid, XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY,
                             NULL, mode);
}

/*
 * The flag cannot be asked for. But a hypervisor that has it refuses modes
 * that it does not know, and one without it looks at none: on an empty domain
 * neither hurts. That nothing else was refused is seen by asking again with no
 * mode at all.
 */
static struct fact probe_log_dirty(struct doctor *d, xc_interface *xch)
{
    struct fact fact;
    uint32_t domid;

    if (make_domain(xch, &domid))
        fact = failed(d, "making a domain");
    else if (!log_dirty(xch, domid, NO_SUCH_MODE))
        fact = fact_number(0);
    else if (errno == EINVAL && !log_dirty(xch, domid, 0))
        fact = fact_number(1);
    else
        fact = failed(d, "log-dirty");
    if (domid && xc_domain_destroy(xch, domid))
        fact = failed(d, "ending a domain");
    return fact;
}

static void xen_ask(struct doctor *d, struct host_facts *facts)
{
    struct fact *f = facts->facts;
    xc_interface *xch = xc_interface_open(NULL, NULL, 0);

    if (!xch) {
        f[HOST_xen_version] = failed(d, "interface");
        f[HOST_hvm] = f[HOST_hap] = f[HOST_shadow] = f[HOST_iommu] =
            f[HOST_shared_page_tables] = f[HOST_free_mib] =
            f[HOST_log_dirty] = f[HOST_features_hvm] =
            f[HOST_features_hvm_most] = f[HOST_features_pv] =
            f[HOST_features_pv_most] = f[HOST_xen_version];
        return;
    }
    ask_version(d, xch, f);
    ask_machine(d, xch, f);
    f[HOST_features_hvm] = features(d, xch, XEN_SYSCTL_cpu_featureset_hvm);
    f[HOST_features_hvm_most] =
        features(d, xch, XEN_SYSCTL_cpu_featureset_hvm_max);
    f[HOST_features_pv] = features(d, xch, XEN_SYSCTL_cpu_featureset_pv);
    f[HOST_features_pv_most] =
        features(d, xch, XEN_SYSCTL_cpu_featureset_pv_max);
    f[HOST_log_dirty] = d->probe ? probe_log_dirty(d, xch) : fact_number(2);
    xc_interface_close(xch);
}

/* As text: what other versions of libxl have in it is no hindrance. */
static const char *libxl_configuration(struct doctor *d, uint32_t domid,
                                       const char **why)
{
    xentoollog_logger *logger = (xentoollog_logger *)
        xtl_createlogger_stdiostream(stderr, XTL_ERROR, 0);
    libxl_ctx *ctx = NULL;
    const char *text = NULL;
    uint8_t *data = NULL;
    int len = 0;

    *why = "libxl does not start";
    if (logger && !libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, logger)) {
        *why = "libxl has none";
        if (!libxl_userdata_retrieve(ctx, domid, "libxl-json", &data, &len) &&
            data && len > 0)
            text = arena_strndup(d->b->arena, (const char *)data, (size_t)len);
    }
    free(data);
    libxl_ctx_free(ctx);
    xtl_logger_destroy(logger);
    return text;
}

const struct doctor_ops doctor_real_ops = {
    .ask_xen = xen_ask,
    .configuration = libxl_configuration,
};
