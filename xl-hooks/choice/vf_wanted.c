/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "choice/pools.h"
#include "choice/vf_wanted.h"
#include "proto/request.h"
#include "proto/vf_json.h"

struct vf_settings vf_wanted(const struct wanted *wanted,
                             const struct vf_settings *host,
                             const struct pool *pool)
{
    struct vf_settings settings = *host;
    int what;

    memset(settings.mac, 0, sizeof(settings.mac));
    if (wanted->host && wanted->host->vf)
        settings = *wanted->host->vf;
    for (what = 0; pool && what < VF_SETTINGS; what++)
        if (VF_KNOWS(&pool->vf, what))
            vf_copy(&settings, &pool->vf, what);
    /* A shadow device has a MAC of its own, whatever is below it. */
    if (wanted->wish.handover == HANDOVER_SHADOW && wanted->wish.mac)
        vf_mac_parse(wanted->wish.mac, settings.mac);
    return settings;
}
