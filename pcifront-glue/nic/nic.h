/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_NIC_H
#define SHADOWPORT_NIC_H

/*
 * What the administrator changed of the NIC itself, through the shadow device
 * and ethtool: kept here, and given to each NIC that becomes the direct lower.
 * Only what was changed: the rest stays as the new driver likes it. All of it
 * is guarded by the RTNL.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

struct sp_shadow;
struct sp_lower;

/* ---- numbers (numbers.c): rings, coalescing, channels, pause */

enum sp_words_group {
	SP_WORDS_CHANNELS,
	SP_WORDS_RING,
	SP_WORDS_COALESCE,
	SP_WORDS_PAUSE,
	SP_WORDS_GROUPS
};

#define SP_WORDS_MAX	22	/* fields of the largest group */

struct sp_words {
	u32 set;			/* bit per field: was changed */
	u32 value[SP_WORDS_MAX];
};

/* What the kernel passes around for a group; the rest is the kernel's own. */
struct sp_words_buf {
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

int sp_words_get(struct sp_shadow *shadow, enum sp_words_group group,
		 struct sp_words_buf *buf);
int sp_words_set(struct sp_shadow *shadow, enum sp_words_group group,
		 const struct sp_words_buf *buf);
void sp_words_replay(struct sp_shadow *shadow, struct sp_lower *lower);

/* ---- private flags (flags.c), which drivers know by name */

#define SP_FLAGS_MAX	32

struct sp_flags {
	unsigned int count;
	struct {
		char name[ETH_GSTRING_LEN];
		bool on;
	} flag[SP_FLAGS_MAX];
};

int sp_flags_count(struct sp_shadow *shadow);
void sp_flags_strings(struct sp_shadow *shadow, u8 *data);
u32 sp_flags_get(struct sp_shadow *shadow);
int sp_flags_set(struct sp_shadow *shadow, u32 flags);
void sp_flags_replay(struct sp_shadow *shadow, struct sp_lower *lower);

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

u32 sp_rss_indir_count(struct sp_shadow *shadow);
u32 sp_rss_key_size(struct sp_shadow *shadow);
int sp_rss_get(struct sp_shadow *shadow, struct sp_rxfh *rxfh);
int sp_rss_set(struct sp_shadow *shadow, const struct sp_rxfh *rxfh);
int sp_rss_rings(struct sp_shadow *shadow, u64 *rings);
int sp_rss_hash_get(struct sp_shadow *shadow, u32 type, u64 *fields);
int sp_rss_hash_set(struct sp_shadow *shadow, u32 type, u64 fields);
void sp_rss_replay(struct sp_shadow *shadow, struct sp_lower *lower);
void sp_rss_free(struct sp_rss *rss);

/* ---- together (nic.c) */

struct sp_nic {
	struct sp_words words[SP_WORDS_GROUPS];
	struct sp_flags flags;
	struct sp_rss rss;
};

struct net_device *sp_nic_begin(struct sp_shadow *shadow);
void sp_nic_end(struct net_device *dev);
void sp_nic_replay(struct sp_shadow *shadow, struct sp_lower *lower);
void sp_nic_opened(struct sp_shadow *shadow, struct sp_lower *lower);

#endif
