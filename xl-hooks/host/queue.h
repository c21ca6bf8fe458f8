/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Those whose transaction was in vain try again one after the other: at the same
 * time, each who got through would cost all others another attempt. That is manners
 * and not safety: the transaction decides.
 */
#ifndef SP_QUEUE_H
#define SP_QUEUE_H

struct broker;

/*
 * Wait for one's turn until `end`, in ms of CLOCK_MONOTONIC.
 * Returns a descriptor for queue_leave(), or -1 without a turn: as good as one, but
 * slower. The turn ends with the process, too.
 */
int queue_enter(struct broker *b, long long end);
void queue_leave(int turn);

#endif
