// SPDX-License-Identifier: GPL-2.0
/*
 * What the host is told: of each device, of the guest, and how long things took.
 * Whoever sees the last word of it sees the rest.
 */
#include <linux/mutex.h>
#include <linux/slab.h>

#include "commands.h"
#include "xenfix/fix.h"

static const char * const phase_names[SP_PHASES] = {
	[SP_PHASE_PREPARE] = "prepare",
	[SP_PHASE_UNBIND]  = "unbind",
	[SP_PHASE_QUIESCE] = "quiesce",
	[SP_PHASE_REPAIR]  = "repair",
	[SP_PHASE_JOIN]    = "join",
	[SP_PHASE_RECOVER] = "recover",
};

static const char * const state_names[] = {
	[SP_NET_AWAY]    = "away",
	[SP_NET_DIRECT]  = "direct",
	[SP_NET_STANDBY] = "standby",
};

static const struct sp_frontend *frontend;
static u64 took_us[SP_PHASES];
static bool took[SP_PHASES];
static bool stopping;
static DEFINE_MUTEX(publish_lock);

static void publish_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(publish, publish_work);

void sp_publish_took(enum sp_phase phase, u64 us)
{
	WRITE_ONCE(took_us[phase], us);
	WRITE_ONCE(took[phase], true);
}

/* ------------------------------------------------ devices */

static void refused_publish(struct sp_port *port)
{
	char *text = kmalloc(SP_NET_REFUSED_TEXT, GFP_KERNEL);

	if (!text)
		return;
	sp_net->refused(port->shadow, text, ' ');
	frontend->publish_device(port->id, "lost", strim(text));
	kfree(text);
}

/* User space may drive a plain device, or nobody may. */
bool sp_port_needs_driver(struct sp_port *port)
{
	return port->desc.handover != SP_HANDOVER_PLAIN ||
	       sp_binding_had_driver(port->binding);
}

static const char *net_publish(struct sp_port *port)
{
	struct sp_net_status status;
	char mtu[sizeof("4294967295")];

	sp_net->status(port->shadow, &status);
	frontend->publish_device(port->id, "netdev", status.name);
	snprintf(mtu, sizeof(mtu), "%u", status.mtu);
	frontend->publish_device(port->id, "mtu", mtu);
	refused_publish(port);
	if (status.join_us)
		sp_publish_took(SP_PHASE_JOIN, status.join_us);
	return state_names[status.state];
}

#define BUSY_RETRY	msecs_to_jiffies(100)

static void port_publish(struct sp_port *port)
{
	struct pci_dev *pdev = sp_port_pci_dev(port);
	const char *state = "away";
	char driver[SP_DRIVER_LEN] = "";
	bool there = pdev;

	/* Said now, and once more when it can be known. */
	if (pdev && sp_driver_name(&pdev->dev, driver, sizeof(driver)) ==
		    -EAGAIN)
		queue_delayed_work(sp_wq, &publish, BUSY_RETRY);
	pci_dev_put(pdev);

	frontend->publish_device(port->id, "driver", driver);
	frontend->publish_device(port->id, "abandoned",
				 sp_port_given_up(port) ? "1" : "0");
	if (port->shadow)
		state = net_publish(port);
	else if (driver[0] || (there && !sp_port_needs_driver(port)))
		state = "direct";
	/* Last: whoever sees it sees the rest. */
	frontend->publish_device(port->id, "state", state);
}

static void ports_publish(void)
{
	struct sp_port *port;
	unsigned int i;

	mutex_lock(&publish_lock);
	sp_for_each_port(port)
		port_publish(port);
	for (i = 0; i < SP_PHASES; i++)
		if (READ_ONCE(took[i]))
			frontend->publish_timing(phase_names[i],
						 READ_ONCE(took_us[i]));
	mutex_unlock(&publish_lock);
}

static void publish_work(struct work_struct *work)
{
	if (!READ_ONCE(stopping))
		ports_publish();
}

/* Any context. */
void sp_publish_soon(void)
{
	mod_delayed_work(sp_wq, &publish, 0);
}

/* ------------------------------------------------ the guest */

static void memory_publish(void)
{
	char *ranges = sp_fix_needed() ? sp_memory_text() : NULL;

	if (ranges)
		frontend->publish_memory(ranges);
	kfree(ranges);
}

static void feature_publish(void)
{
	char words[64];

	snprintf(words, sizeof(words), "1%s%s%s%s",
		 sp_net ? " shadow hold standby" : "",
		 sp_marking_works() ? " marking" : "",
		 sp_giveup_possible() ? " force" : "",
		 sp_fix_swiotlb_possible() ? " fixups" : "");
	frontend->publish_marking(sp_marking_word());
	memory_publish();
	/* Last: whoever sees it sees the rest. */
	frontend->publish_feature(words);
}

void sp_publish_all(const char *answer)
{
	ports_publish();
	feature_publish();
	/* Last: whoever sees it sees the rest. */
	frontend->publish_state(answer);
}

/* ------------------------------------------------ life */

void sp_publish_start(const struct sp_frontend *fe)
{
	frontend = fe;
}

/* Nothing is published after this, whoever asks. */
void sp_publish_stop(void)
{
	WRITE_ONCE(stopping, true);
	cancel_delayed_work_sync(&publish);
}
