// SPDX-License-Identifier: GPL-2.0
/*
 * Receive side scaling of a NIC: which of its queues a flow goes to. The
 * indirection table has another size on another model; it is carried if the
 * same spread can be said with the new size and the queues are there.
 */
#include <linux/slab.h>

#include "nic/nic.h"
#include "nic_compat.h"

static const struct {
	u32 type;
	const char *name;
} hash_types[SP_HASH_TYPES] = {
	{ TCP_V4_FLOW,	  "tcp4" },
	{ UDP_V4_FLOW,	  "udp4" },
	{ SCTP_V4_FLOW,	  "sctp4" },
	{ AH_ESP_V4_FLOW, "ah4" },
	{ TCP_V6_FLOW,	  "tcp6" },
	{ UDP_V6_FLOW,	  "udp6" },
	{ SCTP_V6_FLOW,	  "sctp6" },
	{ AH_ESP_V6_FLOW, "ah6" },
};

/* ------------------------------------------------ one NIC */

static u32 indir_count(struct net_device *dev)
{
	const struct ethtool_ops *ops = dev->ethtool_ops;

	return ops->get_rxfh && ops->get_rxfh_indir_size ?
	       ops->get_rxfh_indir_size(dev) : 0;
}

static u32 key_size(struct net_device *dev)
{
	const struct ethtool_ops *ops = dev->ethtool_ops;

	return ops->get_rxfh && ops->get_rxfh_key_size ?
	       ops->get_rxfh_key_size(dev) : 0;
}

static int rxfh_get(struct net_device *dev, struct sp_rxfh *rxfh)
{
	const struct ethtool_ops *ops = dev->ethtool_ops;

	if (!ops->get_rxfh)
		return -EOPNOTSUPP;
	return sp_compat_get_rxfh(dev, rxfh);
}

static int rxfh_set(struct net_device *dev, const struct sp_rxfh *rxfh)
{
	if (!dev->ethtool_ops->set_rxfh)
		return -EOPNOTSUPP;
	return sp_compat_set_rxfh(dev, rxfh);
}

/* ------------------------------------------------ asked */

u32 sp_rss_indir_count(struct net_device *dev)
{
	u32 n;

	if (sp_nic_begin(dev))
		return 0;
	n = indir_count(dev);
	sp_nic_end(dev);
	return n;
}

u32 sp_rss_key_size(struct net_device *dev)
{
	u32 n;

	if (sp_nic_begin(dev))
		return 0;
	n = key_size(dev);
	sp_nic_end(dev);
	return n;
}

int sp_rss_get(struct net_device *dev, struct sp_rxfh *rxfh)
{
	int err = sp_nic_begin(dev);

	if (err)
		return err;
	err = rxfh_get(dev, rxfh);
	sp_nic_end(dev);
	return err;
}

/* As the kernel would spread it by itself: then nothing was changed. */
static bool is_default(struct net_device *dev, const u32 *indir, u32 n)
{
	u64 rings;
	u32 i;

	if (sp_compat_get_rings(dev, &rings) || !rings)
		return false;
	for (i = 0; i < n; i++)
		if (indir[i] != ethtool_rxfh_indir_default(i, rings))
			return false;
	return true;
}

static void record_indir(struct sp_rss *rss, struct net_device *dev,
			 const u32 *indir)
{
	u32 n = indir_count(dev);

	kfree(rss->indir);
	rss->indir = NULL;
	rss->indir_count = 0;
	if (is_default(dev, indir, n))
		return;
	rss->indir = kmemdup(indir, array_size(n, sizeof(*indir)), GFP_KERNEL);
	if (rss->indir)
		rss->indir_count = n;
}

static void record_key(struct sp_rss *rss, struct net_device *dev,
		       const u8 *key)
{
	kfree(rss->key);
	rss->key_size = key_size(dev);
	rss->key = kmemdup(key, rss->key_size, GFP_KERNEL);
}

int sp_rss_set(struct net_device *dev, const struct sp_rxfh *rxfh,
	       struct sp_rss *kept)
{
	int err = sp_nic_begin(dev);

	if (err)
		return err;
	err = rxfh_set(dev, rxfh);
	if (err)
		goto out;
	if (rxfh->indir)
		record_indir(kept, dev, rxfh->indir);
	if (rxfh->key)
		record_key(kept, dev, rxfh->key);
	if (rxfh->function)
		kept->function = rxfh->function;
out:
	sp_nic_end(dev);
	return err;
}

int sp_rss_rings(struct net_device *dev, u64 *rings)
{
	int err = sp_nic_begin(dev);

	if (err)
		return err;
	err = sp_compat_get_rings(dev, rings);
	sp_nic_end(dev);
	return err;
}

int sp_rss_hash_get(struct net_device *dev, u32 type, u64 *fields)
{
	int err = sp_nic_begin(dev);

	if (err)
		return err;
	err = sp_compat_get_hash(dev, type, fields);
	sp_nic_end(dev);
	return err;
}

static void record_hash(struct sp_rss *rss, u32 type, u64 fields)
{
	unsigned int i;

	for (i = 0; i < SP_HASH_TYPES; i++) {
		if (hash_types[i].type != type)
			continue;
		rss->hash[i] = fields;
		rss->hash_set |= BIT(i);
	}
}

int sp_rss_hash_set(struct net_device *dev, u32 type, u64 fields,
		    struct sp_rss *kept)
{
	int err = sp_nic_begin(dev);

	if (err)
		return err;
	err = sp_compat_set_hash(dev, type, fields);
	sp_nic_end(dev);
	if (!err)
		record_hash(kept, type, fields);
	return err;
}

/* ------------------------------------------------ given to another NIC */

/* Does the table repeat itself every @period entries? */
static bool repeats(const struct sp_rss *rss, u32 period)
{
	u32 i;

	for (i = period; i < rss->indir_count; i++)
		if (rss->indir[i] != rss->indir[i - period])
			return false;
	return true;
}

/* The recorded table said with @n entries, to be freed, or an error. */
static u32 *table_for(const struct sp_rss *rss, u32 n, u64 rings)
{
	u32 i, *table;

	if (!n)
		return ERR_PTR(-EOPNOTSUPP);
	if (n % rss->indir_count &&
	    (rss->indir_count % n || !repeats(rss, n)))
		return ERR_PTR(-ERANGE);
	for (i = 0; i < rss->indir_count; i++)
		if (rss->indir[i] >= rings)
			return ERR_PTR(-ERANGE);
	table = kcalloc(n, sizeof(*table), GFP_KERNEL);
	if (!table)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < n; i++)
		table[i] = rss->indir[i % rss->indir_count];
	return table;
}

static int indir_replay(const struct sp_rss *rss, struct net_device *dev)
{
	struct sp_rxfh rxfh = { };
	u64 rings = 0;
	int err;

	err = sp_compat_get_rings(dev, &rings);
	if (err)
		return err;
	rxfh.indir = table_for(rss, indir_count(dev), rings);
	if (IS_ERR(rxfh.indir))
		return PTR_ERR(rxfh.indir);
	err = rxfh_set(dev, &rxfh);
	if (!err)
		sp_compat_keep_indir(dev, indir_count(dev));
	kfree(rxfh.indir);
	return err;
}

static int key_replay(const struct sp_rss *rss, struct net_device *dev)
{
	struct sp_rxfh rxfh = { .key = rss->key };

	if (!key_size(dev))
		return -EOPNOTSUPP;
	if (key_size(dev) != rss->key_size)
		return -ERANGE;
	return rxfh_set(dev, &rxfh);
}

static int function_replay(const struct sp_rss *rss, struct net_device *dev)
{
	struct sp_rxfh rxfh = { .function = rss->function };

	return rxfh_set(dev, &rxfh);
}

static int hash_replay(struct net_device *dev, u32 type, u32 fields)
{
	u64 now;

	if (!sp_compat_get_hash(dev, type, &now) && now == fields)
		return 0;
	return sp_compat_set_hash(dev, type, fields);
}

void sp_rss_replay(const struct sp_rss *kept, struct sp_nic_replay *replay)
{
	struct net_device *dev = replay->dev;
	unsigned int i;
	int err;

	err = kept->function ? function_replay(kept, dev) : 0;
	if (err)
		sp_nic_refused(replay, err, "rss-hash-function");
	err = kept->key ? key_replay(kept, dev) : 0;
	if (err)
		sp_nic_refused(replay, err, "rss-key");
	err = kept->indir ? indir_replay(kept, dev) : 0;
	if (err)
		sp_nic_refused(replay, err, "rss-indirection");
	for (i = 0; i < SP_HASH_TYPES; i++) {
		if (!(kept->hash_set & BIT(i)))
			continue;
		err = hash_replay(dev, hash_types[i].type, kept->hash[i]);
		if (err)
			sp_nic_refused(replay, err, "rss-hash-%s",
				       hash_types[i].name);
	}
}

void sp_rss_free(struct sp_rss *rss)
{
	kfree(rss->indir);
	kfree(rss->key);
	rss->indir = NULL;
	rss->key = NULL;
}
