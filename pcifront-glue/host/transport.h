/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_TRANSPORT_H
#define SHADOWPORT_TRANSPORT_H

#include <linux/types.h>
#include <xen/interface/event_channel.h>

/* A front end: where commands come from and answers go. May sleep. */
struct sp_frontend {
	int (*start)(void);	/* begin to say SP_EVENT_COMMAND */
	void (*stop)(void);	/* no more of that */
	void (*cleanup)(void);	/* the worker is gone */
	int (*read_command)(char *buf, size_t len);
	void (*read_devices)(void);
	void (*publish_device)(const char *id, const char *key,
			       const char *value);
	void (*publish_timing)(const char *phase, u64 us);
	void (*publish_feature)(const char *words);
	void (*publish_marking)(const char *word);
	void (*publish_memory)(const char *ranges);
	void (*publish_state)(const char *answer);
};

/* xenstore.c */
bool sp_xenstore_present(void);
extern const struct sp_frontend sp_xenstore;
void sp_xenstore_slots(void);

/* doorbell.c; the command worker's. */
void sp_doorbell_update(evtchn_port_t port);
void sp_doorbell_heard(void);
void sp_doorbell_stop(void);

/* debugfs.c: for test-beds without Xen. */
extern const struct sp_frontend sp_debugfs;

#endif
