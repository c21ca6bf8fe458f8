/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_EVENT_H
#define SHADOWPORT_EVENT_H

/*
 * The only way upwards: a lower layer says that something has happened, and
 * knows nobody who might want to hear it. Any context. Nothing is passed along:
 * who hears it looks for itself, so that events may come twice.
 */
enum sp_event {
	SP_EVENT_COMMAND,	/* the host may have said something */
	SP_EVENT_DEVICES,	/* what the host is told of devices has changed */
	SP_EVENT_PROGRESS,	/* what a command waits for may be there */
};

typedef void (*sp_event_fn)(enum sp_event what);

void sp_event(enum sp_event what);
void sp_event_sink(sp_event_fn sink);

#endif
