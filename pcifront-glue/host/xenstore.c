// SPDX-License-Identifier: GPL-2.0
/*
 * The front end to the host: xenstore. Commands and descriptions are read
 * below control/pci-migrate, answers go below data/pci-migrate. The watch only
 * wakes the command worker; it fires once after every resume, when the tree
 * is a new one, and so finds both the new command and that all we said is gone.
 */
#include <linux/slab.h>
#include <xen/xen.h>
#include <xen/xenbus.h>

#include "core/event.h"
#include "ports.h"
#include "transport.h"

#define CONTROL		"control/pci-migrate"
#define CONTROL_DEVICES	CONTROL "/device"
#define DATA		"data/pci-migrate"
#define FRONTEND	"device/pci/0"

#define MAX_BACKEND_DEVS	32U

/* control/pci-migrate/device/<id>: what is read of it. */
static const char * const device_keys[] = {
	"handover", "mac", "name", "standby", "slot", "modalias", "want",
	"on_stuck",
};

bool sp_xenstore_present(void)
{
	return xen_domain() && !xen_initial_domain();
}

/* ------------------------------------------------ reading */

static int read_command(char *buf, size_t len)
{
	int err = 0;
	char *text;

	sp_doorbell_heard();
	text = xenbus_read(XBT_NIL, CONTROL, "", NULL);
	if (IS_ERR(text))
		return PTR_ERR(text);
	if (strscpy(buf, text, len) < 0)
		err = -E2BIG;
	kfree(text);
	return err;
}

static void read_key(struct sp_desc *desc, const char *dir, const char *key)
{
	char *value = xenbus_read(XBT_NIL, dir, key, NULL);

	if (IS_ERR(value))
		return;
	if (value[0] && sp_desc_set(desc, key, value))
		pr_warn_ratelimited("port %s: bad %s from the host\n",
				    desc->id, key);
	kfree(value);
}

static void read_device(const char *id)
{
	struct sp_desc desc = { .standby = SP_NO_STANDBY };
	char dir[sizeof(CONTROL_DEVICES) + SP_ID_LEN + 1];
	struct sp_port *port;
	unsigned int i;

	if (sp_id_parse(id, desc.id)) {
		pr_warn_ratelimited("bad device id from the host\n");
		return;
	}
	snprintf(dir, sizeof(dir), CONTROL_DEVICES "/%s", desc.id);
	for (i = 0; i < ARRAY_SIZE(device_keys); i++)
		read_key(&desc, dir, device_keys[i]);
	/* Under PV the backend says where it is, and nobody else. */
	if (xen_pv_domain())
		desc.has_slot = false;

	if (sp_port_describe(&desc))
		return;
	port = sp_port_find(desc.id);
	if (!xen_pv_domain())
		sp_port_set_slot(port, desc.has_slot ? &desc.slot : NULL);
}

static void read_devices(void)
{
	unsigned int i, n;
	char **ids;

	ids = xenbus_directory(XBT_NIL, CONTROL, "device", &n);
	if (!IS_ERR(ids)) {
		for (i = 0; i < n && i < SP_MAX_PORTS; i++)
			read_device(ids[i]);
		kfree(ids);
	}
	sp_xenstore_slots();
	sp_doorbell_update(xenbus_read_unsigned(CONTROL, "doorbell", 0));
}

/* ------------------------------------------------ PV: the backend's slots */

struct backend_slot {
	char id[SP_ID_LEN];
	struct sp_slot slot;
};

/* The token migrate_id=<id> among comma-separated options. */
static int options_id(char *options, char *id)
{
	static const char key[] = "migrate_id=";
	char *token;

	while ((token = strsep(&options, ",")))
		if (str_has_prefix(token, key))
			return sp_id_parse(token + strlen(key), id);
	return -ENOENT;
}

static char *read_indexed(const char *dir, const char *key, unsigned int i)
{
	char node[24];
	char *text;

	snprintf(node, sizeof(node), "%s-%u", key, i);
	text = xenbus_read(XBT_NIL, dir, node, NULL);
	return IS_ERR(text) ? NULL : text;
}

static bool backend_slot_read(const char *dir, unsigned int i,
			      struct backend_slot *out)
{
	char *options = read_indexed(dir, "opts", i);
	char *vdev = read_indexed(dir, "vdev", i);
	char node[24];
	bool ok;

	snprintf(node, sizeof(node), "state-%u", i);
	switch (xenbus_read_unsigned(dir, node, XenbusStateUnknown)) {
	case XenbusStateClosing:
	case XenbusStateClosed:
		ok = false;
		break;
	default:
		ok = options && vdev && !options_id(options, out->id) &&
		     !sp_slot_parse(vdev, &out->slot);
	}
	kfree(options);
	kfree(vdev);
	return ok;
}

static unsigned int backend_slots(struct backend_slot *slots)
{
	char *dir = xenbus_read(XBT_NIL, FRONTEND, "backend", NULL);
	unsigned int i, n, found = 0;

	if (IS_ERR(dir))
		return 0;
	n = xenbus_read_unsigned(dir, "num_devs", 0);
	n = min(n, MAX_BACKEND_DEVS);
	for (i = 0; i < n; i++)
		if (backend_slot_read(dir, i, &slots[found]))
			found++;
	kfree(dir);
	return found;
}

/*
 * Learn again which slot each port has. Called by the worker and, when a
 * device was found on the bus, before its driver is probed.
 */
void sp_xenstore_slots(void)
{
	struct backend_slot *slots;
	struct sp_port *port;
	unsigned int i, n;

	if (!xen_pv_domain() || !sp_xenstore_present())
		return;
	slots = kcalloc(MAX_BACKEND_DEVS, sizeof(*slots), GFP_KERNEL);
	if (!slots)
		return;
	n = backend_slots(slots);
	sp_for_each_port(port) {
		for (i = 0; i < n; i++)
			if (!strcmp(slots[i].id, port->id))
				break;
		sp_port_set_slot(port, i < n ? &slots[i].slot : NULL);
	}
	kfree(slots);
}

/* ------------------------------------------------ writing */

static void publish(const char *dir, const char *node, const char *value)
{
	int err = xenbus_printf(XBT_NIL, dir, node, "%s", value);

	if (err)
		pr_warn_ratelimited("%s/%s cannot be written: %pe\n", dir,
				    node, ERR_PTR(err));
}

static void publish_device(const char *id, const char *key, const char *value)
{
	char dir[sizeof(DATA "/device/") + SP_ID_LEN];

	snprintf(dir, sizeof(dir), DATA "/device/%s", id);
	publish(dir, key, value);
}

static void publish_timing(const char *phase, u64 us)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", us);
	publish(DATA "/timing", phase, text);
}

static void publish_feature(const char *words)
{
	publish(DATA, "feature", words);
}

static void publish_marking(const char *word)
{
	publish(DATA, "marking", word);
}

static void publish_memory(const char *ranges)
{
	publish(DATA, "memory", ranges);
}

static void publish_state(const char *answer)
{
	publish(DATA, "state", answer);
}

/* ------------------------------------------------ the watch */

static void control_changed(struct xenbus_watch *watch, const char *path,
			    const char *token)
{
	sp_event(SP_EVENT_COMMAND);
}

static struct xenbus_watch control_watch = {
	.node = CONTROL,
	.callback = control_changed,
};

static int start(void)
{
	return register_xenbus_watch(&control_watch);
}

static void stop(void)
{
	unregister_xenbus_watch(&control_watch);
}

static void cleanup(void)
{
	sp_doorbell_stop();
	xenbus_rm(XBT_NIL, DATA, "feature");
}

const struct sp_frontend sp_xenstore = {
	.start		 = start,
	.stop		 = stop,
	.cleanup	 = cleanup,
	.read_command	 = read_command,
	.read_devices	 = read_devices,
	.publish_device	 = publish_device,
	.publish_timing	 = publish_timing,
	.publish_feature = publish_feature,
	.publish_marking = publish_marking,
	.publish_memory	 = publish_memory,
	.publish_state	 = publish_state,
};
