/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_NIC_H
#define SHADOWPORT_NIC_H

/*
 * What the administrator changed of a NIC itself: asked of one, kept, and given
 * to the next. Only what was changed: the rest stays as the new driver likes
 * it. Nothing here knows why a NIC goes, or what is above it. All of it is
 * guarded by the RTNL. A NIC that is NULL is not there: -ENODEV.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

/* A NIC that is being told what is kept. */
struct sp_nic_replay {
	struct net_device *dev;
	/* It did not take the setting called @name, or not all of it. */
	void (*refused)(struct sp_nic_replay *replay, int err,
			const char *name);
};

__printf(3, 4)
void sp_nic_refused(struct sp_nic_replay *replay, int err,
		    const char *fmt, ...);

/* ---- numbers (numbers.c): rings, coalescing, channels, pause */

enum sp_numbers_group {
	SP_NUMBERS_CHANNELS,
	SP_NUMBERS_RING,
	SP_NUMBERS_COALESCE,
	SP_NUMBERS_PAUSE,
	SP_NUMBERS_GROUPS
};

#define SP_NUMBERS_MAX	22	/* fields of the largest group */

struct sp_numbers {
	u32 set;			/* bit per field: was changed */
	u32 value[SP_NUMBERS_MAX];
};

/* What the kernel passes around for a group; the rest is the kernel's own. */
struct sp_numbers_buf {
	union {
		struct ethtool_channels channels;
		struct ethtool_ringparam ring;
		struct ethtool_coalesce coalesce;
		struct ethtool_pauseparam pause;
	};
	union {
		struct kernel_ethtool_ringparam kernel_ring;
		struct kernel_ethtool_coalesce kernel_coalesce;
	};
};

#define SP_COALESCE_PARAMS	GENMASK(21, 0)	/* of the first structure */

int sp_numbers_get(struct net_device *dev, enum sp_numbers_group group,
		   struct sp_numbers_buf *buf);
int sp_numbers_set(struct net_device *dev, enum sp_numbers_group group,
		   const struct sp_numbers_buf *buf,
		   struct sp_numbers *kept);
void sp_numbers_replay(const struct sp_numbers *kept,
		       enum sp_numbers_group group,
		       struct sp_nic_replay *replay);

/* ---- private flags (flags.c), which drivers know by name */

#define SP_FLAGS_MAX	32

struct sp_flags {
	unsigned int count;
	struct {
		char name[ETH_GSTRING_LEN];
		bool on;
	} flag[SP_FLAGS_MAX];
};

int sp_flags_count(struct net_device *dev);
void sp_flags_strings(struct net_device *dev, u8 *data);
u32 sp_flags_get(struct net_device *dev);
int sp_flags_set(struct net_device *dev, u32 flags, struct sp_flags *kept);
void sp_flags_replay(const struct sp_flags *kept,
		     struct sp_nic_replay *replay);

/* ---- receive side scaling (rss.c) */

#define SP_HASH_TYPES	8	/* flow types whose hash fields can be set */

struct sp_rss {
	u32 *indir;		/* NULL: not changed */
	u32 indir_count;
	u8 *key;		/* NULL: not changed */
	u32 key_size;
	u8 function;		/* 0: not changed */
	u8 hash_set;		/* bit per flow type: was changed */
	u32 hash[SP_HASH_TYPES];
};

struct sp_rxfh {
	u32 *indir;
	u8 *key;
	u8 function;
};

u32 sp_rss_indir_count(struct net_device *dev);
u32 sp_rss_key_size(struct net_device *dev);
int sp_rss_get(struct net_device *dev, struct sp_rxfh *rxfh);
int sp_rss_set(struct net_device *dev, const struct sp_rxfh *rxfh,
	       struct sp_rss *kept);
int sp_rss_rings(struct net_device *dev, u64 *rings);
int sp_rss_hash_get(struct net_device *dev, u32 type, u64 *fields);
int sp_rss_hash_set(struct net_device *dev, u32 type, u64 fields,
		    struct sp_rss *kept);
void sp_rss_replay(const struct sp_rss *kept, struct sp_nic_replay *replay);
void sp_rss_free(struct sp_rss *kept);

/* ---- together (nic.c) */

struct sp_nic {
	struct sp_numbers numbers[SP_NUMBERS_GROUPS];
	struct sp_flags flags;
	struct sp_rss rss;
};

int sp_nic_begin(struct net_device *dev);
void sp_nic_end(struct net_device *dev);
void sp_nic_replay(const struct sp_nic *nic, struct sp_nic_replay *replay);
void sp_nic_opened(const struct sp_nic *nic, struct sp_nic_replay *replay);
void sp_nic_free(struct sp_nic *nic);

#endif
