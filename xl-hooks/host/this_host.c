/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "host/this_host.h"

#define TRANSACTION_LIMIT_MS 20000

void this_host_init(struct this_host *h, const char *pools_path)
{
    h->sysfs = (struct sysfs){ .ops = &sysfs_real_ops, .root = "/sys" };
    h->broker = (struct broker){
        .arena = arena_new(),
        .pools_path = pools_path,
        .proc_root = "/proc",
        .dev_root = "/dev",
        .lock_dir = XEN_LOCK_DIR,
        .sysfs = &h->sysfs,
        .store = &h->store.store,
        .xen = &h->xen.xen,
        .net = &h->net.net,
        .transaction_limit_ms = TRANSACTION_LIMIT_MS,
    };
    store_xs_init(&h->store);
    xen_xc_init(&h->xen);
    net_netlink_init(&h->net);
}

void this_host_dispose(struct this_host *h)
{
    net_netlink_dispose(&h->net);
    xen_xc_dispose(&h->xen);
    store_xs_dispose(&h->store);
    arena_free(h->broker.arena);
}

int this_host_read_stdin(struct broker *b, size_t most, const char **text,
                         size_t *len)
{
    char *input = arena_alloc(b->arena, most + 1);
    ssize_t n;

    *text = input;
    *len = 0;
    while (*len <= most) {
        n = read(STDIN_FILENO, input + *len, most + 1 - *len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return broker_fail(b, RC_FAILED, "stdin: %s", strerror(errno));
        if (!n)
            break;
        *len += (size_t)n;
    }
    return RC_OK;
}
