/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of leases: devices go back to where they came from. */
#ifndef BROKER_GIVE_BACK_H
#define BROKER_GIVE_BACK_H

#include <stdbool.h>
#include <stddef.h>

#include "reply.h"

struct broker;
struct holding;
struct lock;

/* Whether a device has to go back to a driver, or the PF be told to forget
 * the settings of a VF. */
bool give_back_has_debt(const struct holding *h);

/* Inside a transaction: a lease with no debt goes at once; one with a debt
 * becomes ours, so that nobody else sees it free meanwhile, and is made if
 * libxl has ended it. */
int give_back_claim(struct broker *b, uint32_t txn,
                    const struct holding *h, const struct lock *lock);
/* After it, with the same lock: pay the debts and remove those leases; but
 * leave alone what is not ours any more. Refusals are written to done[i]; the
 * rc is RC_REFUSED if there was one. */
int give_back_finish(struct broker *b, const struct lock *lock,
                     struct holding *list, struct done *done, size_t count);

#endif
