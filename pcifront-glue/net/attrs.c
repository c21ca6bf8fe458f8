// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/class/net/<shadow>/shadowport: for people, and for the program that
 * carries the settings of a card from user space (settings/).
 */
#include <linux/rtnetlink.h>
#include <linux/sysfs.h>

#include "net_priv.h"

static struct sp_shadow *shadow_of(struct device *dev)
{
	return netdev_priv(to_net_dev(dev));
}

/* The host's word for it: the names of network devices change. */
static ssize_t id_show(struct device *dev, struct device_attribute *attr,
		       char *buf)
{
	return sysfs_emit(buf, "%s\n", shadow_of(dev)->id);
}
static DEVICE_ATTR_RO(id);

/* ifindex of the card; 0: there is none, or it is about to go. */
static ssize_t card_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	struct sp_shadow *shadow = shadow_of(dev);
	const struct sp_lower *card = &shadow->lower[SP_DIRECT];
	int ifindex = 0;

	mutex_lock(&shadow->switching);
	if (card->dev && !card->hangs && !shadow->quiesced)
		ifindex = card->dev->ifindex;
	mutex_unlock(&shadow->switching);
	return sysfs_emit(buf, "%d\n", ifindex);
}
static DEVICE_ATTR_RO(card);

static const char *const states[] = {
	[SP_NET_AWAY]    = "away",
	[SP_NET_DIRECT]  = "direct",
	[SP_NET_STANDBY] = "standby",
};

/* What carries its traffic. */
static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct sp_net_status status;

	sp_shadow_status(shadow_of(dev), &status);
	return sysfs_emit(buf, "%s\n", states[status.state]);
}
static DEVICE_ATTR_RO(state);

/* For how long, in milliseconds. */
static ssize_t state_ms_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct sp_shadow *shadow = shadow_of(dev);
	s64 ms;

	mutex_lock(&shadow->switching);
	ms = ktime_ms_delta(ktime_get(), shadow->since);
	mutex_unlock(&shadow->switching);
	return sysfs_emit(buf, "%lld\n", ms);
}
static DEVICE_ATTR_RO(state_ms);

static ssize_t lost_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	BUILD_BUG_ON(SP_NET_REFUSED_TEXT > PAGE_SIZE);
	sp_refused_text(shadow_of(dev), buf, '\n');
	return strlen(buf);
}

/* "<ifindex> <setting> <errno>": the card did not take it, says user space. */
static ssize_t lost_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	struct sp_shadow *shadow = shadow_of(dev);
	struct sp_lower *card = &shadow->lower[SP_DIRECT];
	char name[SP_REFUSED_NAME];
	unsigned int ifindex, err;
	ssize_t ret = count;

	BUILD_BUG_ON(SP_REFUSED_NAME != 40);
	if (sscanf(buf, "%u %39s %u", &ifindex, name, &err) != 3 ||
	    !err || err > MAX_ERRNO)
		return -EINVAL;
	/* Whoever takes the shadow away has the RTNL, and waits for us. */
	if (!rtnl_trylock())
		return restart_syscall();
	if (card->dev && card->dev->ifindex == ifindex)
		sp_refused_add(shadow, card, -(int)err, "%s", name);
	else
		ret = -ESTALE;
	rtnl_unlock();
	return ret;
}
static DEVICE_ATTR_RW(lost);

static struct attribute *shadow_attrs[] = {
	&dev_attr_card.attr,
	&dev_attr_id.attr,
	&dev_attr_lost.attr,
	&dev_attr_state.attr,
	&dev_attr_state_ms.attr,
	NULL
};

const struct attribute_group sp_sysfs_group = {
	.name = "shadowport",
	.attrs = shadow_attrs,
};
