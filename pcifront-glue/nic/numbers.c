// SPDX-License-Identifier: GPL-2.0
/*
 * Settings of a NIC that are plain numbers: rings, coalescing, channels,
 * pause. The kernel's structures differ, their use does not: get all, change
 * some, set all. The table says what each number is called and where it is.
 */
#include "nic/nic.h"

struct field {
	const char *name;
	u16 at;			/* in struct sp_numbers_buf */
	u16 max;		/* where its limit is; 0: it has none */
	u32 needs;		/* bit in supported_coalesce_params */
};

struct group {
	const char *name;
	const struct field *fields;
	unsigned int count;
	bool whole;		/* the numbers only make sense together */
	int (*get)(struct net_device *dev, struct sp_numbers_buf *buf);
	int (*set)(struct net_device *dev, struct sp_numbers_buf *buf);
};

/* ------------------------------------------------ the four groups */

static int get_channels(struct net_device *dev, struct sp_numbers_buf *buf)
{
	if (!dev->ethtool_ops->get_channels)
		return -EOPNOTSUPP;
	dev->ethtool_ops->get_channels(dev, &buf->channels);
	return 0;
}

static int set_channels(struct net_device *dev, struct sp_numbers_buf *buf)
{
	if (!dev->ethtool_ops->set_channels)
		return -EOPNOTSUPP;
	buf->channels.cmd = ETHTOOL_SCHANNELS;
	return dev->ethtool_ops->set_channels(dev, &buf->channels);
}

static int get_ring(struct net_device *dev, struct sp_numbers_buf *buf)
{
	if (!dev->ethtool_ops->get_ringparam)
		return -EOPNOTSUPP;
	dev->ethtool_ops->get_ringparam(dev, &buf->ring, &buf->kernel_ring,
					NULL);
	return 0;
}

static int set_ring(struct net_device *dev, struct sp_numbers_buf *buf)
{
	if (!dev->ethtool_ops->set_ringparam)
		return -EOPNOTSUPP;
	buf->ring.cmd = ETHTOOL_SRINGPARAM;
	return dev->ethtool_ops->set_ringparam(dev, &buf->ring,
					       &buf->kernel_ring, NULL);
}

static int get_coalesce(struct net_device *dev, struct sp_numbers_buf *buf)
{
	if (!dev->ethtool_ops->get_coalesce)
		return -EOPNOTSUPP;
	return dev->ethtool_ops->get_coalesce(dev, &buf->coalesce,
					      &buf->kernel_coalesce, NULL);
}

static int set_coalesce(struct net_device *dev, struct sp_numbers_buf *buf)
{
	if (!dev->ethtool_ops->set_coalesce)
		return -EOPNOTSUPP;
	buf->coalesce.cmd = ETHTOOL_SCOALESCE;
	return dev->ethtool_ops->set_coalesce(dev, &buf->coalesce,
					      &buf->kernel_coalesce, NULL);
}

static int get_pause(struct net_device *dev, struct sp_numbers_buf *buf)
{
	if (!dev->ethtool_ops->get_pauseparam)
		return -EOPNOTSUPP;
	dev->ethtool_ops->get_pauseparam(dev, &buf->pause);
	return 0;
}

static int set_pause(struct net_device *dev, struct sp_numbers_buf *buf)
{
	if (!dev->ethtool_ops->set_pauseparam)
		return -EOPNOTSUPP;
	buf->pause.cmd = ETHTOOL_SPAUSEPARAM;
	return dev->ethtool_ops->set_pauseparam(dev, &buf->pause);
}

#define AT(member)	offsetof(struct sp_numbers_buf, member)

static const struct field channel_fields[] = {
	{ "rx",       AT(channels.rx_count),       AT(channels.max_rx) },
	{ "tx",       AT(channels.tx_count),       AT(channels.max_tx) },
	{ "other",    AT(channels.other_count),    AT(channels.max_other) },
	{ "combined", AT(channels.combined_count), AT(channels.max_combined) },
};

static const struct field ring_fields[] = {
	{ "rx",       AT(ring.rx_pending),       AT(ring.rx_max_pending) },
	{ "rx-mini",  AT(ring.rx_mini_pending),  AT(ring.rx_mini_max_pending) },
	{ "rx-jumbo", AT(ring.rx_jumbo_pending),
		      AT(ring.rx_jumbo_max_pending) },
	{ "tx",       AT(ring.tx_pending),       AT(ring.tx_max_pending) },
};

#define COALESCE(name, member, needs) \
	{ name, AT(coalesce.member), 0, ETHTOOL_COALESCE_ ## needs }

static const struct field coalesce_fields[] = {
	COALESCE("rx-usecs", rx_coalesce_usecs, RX_USECS),
	COALESCE("rx-frames", rx_max_coalesced_frames, RX_MAX_FRAMES),
	COALESCE("rx-usecs-irq", rx_coalesce_usecs_irq, RX_USECS_IRQ),
	COALESCE("rx-frames-irq", rx_max_coalesced_frames_irq,
		 RX_MAX_FRAMES_IRQ),
	COALESCE("tx-usecs", tx_coalesce_usecs, TX_USECS),
	COALESCE("tx-frames", tx_max_coalesced_frames, TX_MAX_FRAMES),
	COALESCE("tx-usecs-irq", tx_coalesce_usecs_irq, TX_USECS_IRQ),
	COALESCE("tx-frames-irq", tx_max_coalesced_frames_irq,
		 TX_MAX_FRAMES_IRQ),
	COALESCE("stats-block-usecs", stats_block_coalesce_usecs,
		 STATS_BLOCK_USECS),
	COALESCE("adaptive-rx", use_adaptive_rx_coalesce, USE_ADAPTIVE_RX),
	COALESCE("adaptive-tx", use_adaptive_tx_coalesce, USE_ADAPTIVE_TX),
	COALESCE("pkt-rate-low", pkt_rate_low, PKT_RATE_LOW),
	COALESCE("rx-usecs-low", rx_coalesce_usecs_low, RX_USECS_LOW),
	COALESCE("rx-frames-low", rx_max_coalesced_frames_low,
		 RX_MAX_FRAMES_LOW),
	COALESCE("tx-usecs-low", tx_coalesce_usecs_low, TX_USECS_LOW),
	COALESCE("tx-frames-low", tx_max_coalesced_frames_low,
		 TX_MAX_FRAMES_LOW),
	COALESCE("pkt-rate-high", pkt_rate_high, PKT_RATE_HIGH),
	COALESCE("rx-usecs-high", rx_coalesce_usecs_high, RX_USECS_HIGH),
	COALESCE("rx-frames-high", rx_max_coalesced_frames_high,
		 RX_MAX_FRAMES_HIGH),
	COALESCE("tx-usecs-high", tx_coalesce_usecs_high, TX_USECS_HIGH),
	COALESCE("tx-frames-high", tx_max_coalesced_frames_high,
		 TX_MAX_FRAMES_HIGH),
	COALESCE("sample-interval", rate_sample_interval,
		 RATE_SAMPLE_INTERVAL),
};

static const struct field pause_fields[] = {
	{ "autoneg", AT(pause.autoneg) },
	{ "rx",      AT(pause.rx_pause) },
	{ "tx",      AT(pause.tx_pause) },
};

static const struct group groups[SP_NUMBERS_GROUPS] = {
	[SP_NUMBERS_CHANNELS] = {
		.name = "channels",
		.fields = channel_fields,
		.count = ARRAY_SIZE(channel_fields),
		.get = get_channels,
		.set = set_channels,
	},
	[SP_NUMBERS_RING] = {
		.name = "ring",
		.fields = ring_fields,
		.count = ARRAY_SIZE(ring_fields),
		.get = get_ring,
		.set = set_ring,
	},
	[SP_NUMBERS_COALESCE] = {
		.name = "coalesce",
		.fields = coalesce_fields,
		.count = ARRAY_SIZE(coalesce_fields),
		.get = get_coalesce,
		.set = set_coalesce,
	},
	[SP_NUMBERS_PAUSE] = {
		.name = "pause",
		.fields = pause_fields,
		.count = ARRAY_SIZE(pause_fields),
		.whole = true,
		.get = get_pause,
		.set = set_pause,
	},
};

static_assert(ARRAY_SIZE(coalesce_fields) <= SP_NUMBERS_MAX);

static u32 *number(struct sp_numbers_buf *buf, u16 at)
{
	return (u32 *)((u8 *)buf + at);
}

static u32 number_of(const struct sp_numbers_buf *buf, u16 at)
{
	return *(const u32 *)((const u8 *)buf + at);
}

static bool has_field(const struct net_device *dev, const struct field *f)
{
	return !f->needs ||
	       dev->ethtool_ops->supported_coalesce_params & f->needs;
}

static int group_get(const struct group *g, struct net_device *dev,
		     struct sp_numbers_buf *buf)
{
	memset(buf, 0, sizeof(*buf));
	return g->get(dev, buf);
}

/* ------------------------------------------------ asked */

int sp_numbers_get(struct net_device *dev, enum sp_numbers_group group,
		   struct sp_numbers_buf *buf)
{
	int err = sp_nic_begin(dev);

	memset(buf, 0, sizeof(*buf));
	if (err)
		return err;
	err = groups[group].get(dev, buf);
	sp_nic_end(dev);
	return err;
}

/* Which fields of @buf differ from what the NIC has; < 0: not for this one. */
static int numbers_changed(const struct group *g, struct net_device *dev,
			   const struct sp_numbers_buf *buf, u32 *changed)
{
	struct sp_numbers_buf now;
	unsigned int i;
	int err;

	err = group_get(g, dev, &now);
	if (err)
		return err;
	*changed = 0;
	for (i = 0; i < g->count; i++) {
		const struct field *f = &g->fields[i];

		if (number_of(buf, f->at) == number_of(&now, f->at))
			continue;
		if (!has_field(dev, f))
			return -EOPNOTSUPP;
		*changed |= BIT(i);
	}
	if (g->whole && *changed)
		*changed = GENMASK(g->count - 1, 0);
	return 0;
}

static void numbers_record(const struct group *g, struct sp_numbers *kept,
			   const struct sp_numbers_buf *buf, u32 changed)
{
	unsigned int i;

	for (i = 0; i < g->count; i++)
		if (changed & BIT(i))
			kept->value[i] = number_of(buf, g->fields[i].at);
	kept->set |= changed;
}

/* The administrator changes it: the NIC has to agree, then it is kept. */
int sp_numbers_set(struct net_device *dev, enum sp_numbers_group group,
		   const struct sp_numbers_buf *buf,
		   struct sp_numbers *kept)
{
	const struct group *g = &groups[group];
	struct sp_numbers_buf request = *buf;
	u32 changed;
	int err = sp_nic_begin(dev);

	if (err)
		return err;
	err = numbers_changed(g, dev, buf, &changed);
	if (!err)
		err = g->set(dev, &request);
	sp_nic_end(dev);
	if (!err)
		numbers_record(g, kept, buf, changed);
	return err;
}

/* ------------------------------------------------ given to another NIC */

static void field_refused(struct sp_nic_replay *replay, const struct group *g,
			  unsigned int i, int err)
{
	sp_nic_refused(replay, err, "%s-%s", g->name, g->fields[i].name);
}

/* Put field @i into @buf, as far as the NIC goes. */
static int field_put(const struct group *g, struct net_device *dev,
		     const struct sp_numbers *kept, unsigned int i,
		     struct sp_numbers_buf *buf)
{
	const struct field *f = &g->fields[i];
	u32 max = f->max ? number_of(buf, f->max) : U32_MAX;

	if (!has_field(dev, f))
		return -EOPNOTSUPP;
	if (!max && kept->value[i])
		return -EOPNOTSUPP;
	*number(buf, f->at) = min(kept->value[i], max);
	return kept->value[i] > max ? -ERANGE : 0;
}

/* Set the fields in @which at once. What does not fit at all is named. */
static int numbers_try(struct sp_nic_replay *replay, const struct group *g,
		       const struct sp_numbers *kept, u32 which)
{
	struct sp_numbers_buf now, want;
	unsigned int i;
	int err;

	err = group_get(g, replay->dev, &now);
	if (err)
		return err;
	want = now;
	for (i = 0; i < g->count; i++) {
		if (!(which & BIT(i)))
			continue;
		err = field_put(g, replay->dev, kept, i, &want);
		if (err)
			field_refused(replay, g, i, err);
	}
	if (!memcmp(&now, &want, sizeof(now)))
		return 0;
	return g->set(replay->dev, &want);
}

void sp_numbers_replay(const struct sp_numbers *kept,
		       enum sp_numbers_group group,
		       struct sp_nic_replay *replay)
{
	const struct group *g = &groups[group];
	unsigned int i;
	int err;

	if (!kept->set)
		return;
	err = numbers_try(replay, g, kept, kept->set);
	if (!err)
		return;
	/* One of them is to blame: name that one, and keep the others. */
	for (i = 0; i < g->count; i++) {
		if (!(kept->set & BIT(i)))
			continue;
		if (!g->whole)
			err = numbers_try(replay, g, kept, BIT(i));
		if (err)
			field_refused(replay, g, i, err);
	}
}
