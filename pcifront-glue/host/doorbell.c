// SPDX-License-Identifier: GPL-2.0
/*
 * The doorbell: an event channel that the host allocated in our port space
 * for dom0 to bind. It says "look again" and nothing else, so that spurious
 * and lost events do no harm.
 */
#include <linux/interrupt.h>
#include <xen/events.h>
#include <xen/interface/xen.h>
#include <xen/xen.h>

#include "core/event.h"
#include "transport.h"

#define NOT_BOUND	(-1)

static evtchn_port_t bound_port;
static int bound_irq = NOT_BOUND;
static int cookie;

static atomic_t rung;

/* It rings again only when the worker has looked: no faster than that. */
static irqreturn_t ring(int irq, void *data)
{
	atomic_set(&rung, 1);
	sp_event(SP_EVENT_COMMAND);
	return IRQ_HANDLED;
}

/* The worker is about to look: let it ring. */
void sp_doorbell_heard(void)
{
	if (bound_irq != NOT_BOUND && atomic_xchg(&rung, 0))
		xen_irq_lateeoi(bound_irq, 0);
}

/*
 * A node may name a port that was closed (by us, when the module was unloaded)
 * and serves something else by now. Binding that would steal its events.
 */
static bool port_is_ours(evtchn_port_t port)
{
	struct evtchn_status status = { .dom = DOMID_SELF, .port = port };

	if (HYPERVISOR_event_channel_op(EVTCHNOP_status, &status))
		return false;
	if (status.status == EVTCHNSTAT_unbound)
		return status.u.unbound.dom == 0;
	return status.status == EVTCHNSTAT_interdomain &&
	       status.u.interdomain.dom == 0 &&
	       (int)irq_from_evtchn(port) < 0;
}

/* After a restore the kernel has forgotten the port, though not the irq. */
static bool still_bound(evtchn_port_t port)
{
	return bound_irq != NOT_BOUND && port == bound_port &&
	       (int)irq_from_evtchn(port) == bound_irq;
}

static void unbind(void)
{
	if (bound_irq == NOT_BOUND)
		return;
	unbind_from_irqhandler(bound_irq, &cookie);
	bound_irq = NOT_BOUND;
}

/* @port: 0 if the host published none. */
void sp_doorbell_update(evtchn_port_t port)
{
	int irq;

	if (still_bound(port))
		return;
	unbind();
	if (!port)
		return;
	if (!port_is_ours(port)) {
		pr_warn_ratelimited("doorbell: port %u is not for us\n", port);
		return;
	}
	atomic_set(&rung, 0);
	irq = bind_evtchn_to_irqhandler_lateeoi(port, ring, 0, KBUILD_MODNAME,
						&cookie);
	if (irq < 0) {
		pr_warn_ratelimited("doorbell: port %u does not bind: %pe\n",
				    port, ERR_PTR(irq));
		return;
	}
	bound_port = port;
	bound_irq = irq;
	/* The host may have rung before. */
	sp_event(SP_EVENT_COMMAND);
}

void sp_doorbell_stop(void)
{
	unbind();
}
