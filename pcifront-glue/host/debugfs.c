// SPDX-License-Identifier: GPL-2.0
/*
 * A front end for test-beds without Xen: the same commands and descriptions
 * through debugfs, the same answers in a file. Nothing here decides anything.
 *
 *   device     write "<id> [key=value]…": the keys below control/…/device/<id>
 *              and slot; each write replaces what was said about <id>
 *   command    write "<uuid> <seq> <command>"
 *   published  read "<path> <value>" lines, as they would stand in xenstore
 */
#include <linux/debugfs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "core/event.h"
#include "ports.h"
#include "transport.h"

#define LINE_MAX_LEN	512

struct said {
	struct list_head node;
	struct sp_desc desc;
};

struct published {
	struct list_head node;
	char path[64];
	char *value;
};

static DEFINE_MUTEX(lock);		/* all below */
static LIST_HEAD(devices);
static LIST_HEAD(publications);
static char command[128];
static struct dentry *dir;

/* ------------------------------------------------ front end */

static int read_command(char *buf, size_t len)
{
	mutex_lock(&lock);
	strscpy(buf, command, len);
	mutex_unlock(&lock);
	return buf[0] ? 0 : -ENOENT;
}

static void read_devices(void)
{
	struct said *said;

	mutex_lock(&lock);
	list_for_each_entry(said, &devices, node) {
		const struct sp_desc *desc = &said->desc;

		if (sp_port_describe(desc))
			continue;
		sp_port_set_slot(sp_port_find(desc->id),
				 desc->has_slot ? &desc->slot : NULL);
	}
	mutex_unlock(&lock);
	sp_nets_look_soon();
}

static void publish(const char *path, const char *value)
{
	char *copy = kstrdup(value, GFP_KERNEL);
	struct published *p;

	if (!copy)
		return;
	mutex_lock(&lock);
	list_for_each_entry(p, &publications, node)
		if (!strcmp(p->path, path))
			goto found;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		goto out;
	strscpy(p->path, path, sizeof(p->path));
	list_add_tail(&p->node, &publications);
found:
	swap(p->value, copy);
out:
	mutex_unlock(&lock);
	kfree(copy);
}

static void publish_device(const char *id, const char *key, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), "device/%s/%s", id, key);
	publish(path, value);
}

static void publish_timing(const char *phase, u64 us)
{
	char path[64], value[24];

	snprintf(path, sizeof(path), "timing/%s", phase);
	snprintf(value, sizeof(value), "%llu", us);
	publish(path, value);
}

static void publish_feature(const char *words)
{
	publish("feature", words);
}

static void publish_marking(const char *word)
{
	publish("marking", word);
}

static void publish_memory(const char *ranges)
{
	publish("memory", ranges);
}

static void publish_state(const char *answer)
{
	publish("state", answer);
}

/* ------------------------------------------------ files */

static char *read_line(const char __user *from, size_t len)
{
	char *line;

	if (len >= LINE_MAX_LEN)
		return ERR_PTR(-E2BIG);
	line = memdup_user_nul(from, len);
	return IS_ERR(line) ? line : strim(line);
}

static ssize_t command_write(struct file *file, const char __user *from,
			     size_t len, loff_t *pos)
{
	char *line = read_line(from, len);

	if (IS_ERR(line))
		return PTR_ERR(line);
	mutex_lock(&lock);
	strscpy(command, line, sizeof(command));
	mutex_unlock(&lock);
	kfree(line);
	sp_event(SP_EVENT_COMMAND);
	return len;
}

static int desc_parse(char *line, struct sp_desc *desc)
{
	char *word = strsep(&line, " ");
	char *value;
	int err;

	memset(desc, 0, sizeof(*desc));
	desc->standby = SP_NO_STANDBY;
	err = sp_id_parse(word, desc->id);
	while (!err && (word = strsep(&line, " "))) {
		value = strchr(word, '=');
		if (!value)
			return -EINVAL;
		*value++ = '\0';
		err = sp_desc_set(desc, word, value);
	}
	return err;
}

static int device_say(const struct sp_desc *desc)
{
	struct said *said;
	int err = 0;

	mutex_lock(&lock);
	list_for_each_entry(said, &devices, node)
		if (!strcmp(said->desc.id, desc->id))
			goto found;
	said = kzalloc(sizeof(*said), GFP_KERNEL);
	if (!said) {
		err = -ENOMEM;
		goto out;
	}
	list_add_tail(&said->node, &devices);
found:
	said->desc = *desc;
out:
	mutex_unlock(&lock);
	return err;
}

static ssize_t device_write(struct file *file, const char __user *from,
			    size_t len, loff_t *pos)
{
	char *line = read_line(from, len);
	struct sp_desc desc;
	int err;

	if (IS_ERR(line))
		return PTR_ERR(line);
	err = desc_parse(line, &desc);
	kfree(line);
	if (!err)
		err = device_say(&desc);
	if (err)
		return err;
	sp_event(SP_EVENT_COMMAND);
	return len;
}

static int published_show(struct seq_file *seq, void *unused)
{
	struct published *p;

	mutex_lock(&lock);
	list_for_each_entry(p, &publications, node)
		seq_printf(seq, "%s %s\n", p->path, p->value);
	mutex_unlock(&lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(published);

static const struct file_operations command_fops = {
	.owner = THIS_MODULE,
	.write = command_write,
};

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.write = device_write,
};

static int start(void)
{
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	debugfs_create_file("command", 0200, dir, NULL, &command_fops);
	debugfs_create_file("device", 0200, dir, NULL, &device_fops);
	debugfs_create_file("published", 0400, dir, NULL, &published_fops);
	return 0;
}

static void stop(void)
{
	debugfs_remove_recursive(dir);
}

static void cleanup(void)
{
	struct published *p, *next_p;
	struct said *said, *next;

	list_for_each_entry_safe(said, next, &devices, node)
		kfree(said);
	list_for_each_entry_safe(p, next_p, &publications, node) {
		kfree(p->value);
		kfree(p);
	}
}

const struct sp_frontend sp_debugfs = {
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
