/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_BASE_H
#define SHADOWPORT_BASE_H

#include <linux/workqueue.h>

#define SP_ID_LEN	32	/* the host's name for a device, with its NUL */

/* Items must be short: a guest that is to be suspended waits for them. */
extern struct workqueue_struct *sp_wq;

int sp_wq_start(void);
void sp_wq_stop(void);

#endif
