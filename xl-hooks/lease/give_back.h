/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of leases: devices go back to where they came from. */
#ifndef BROKER_GIVE_BACK_H
#define BROKER_GIVE_BACK_H

#include <stdbool.h>
#include <stddef.h>

#include "lease/done.h"

struct broker;
struct store_device;
struct lock;

/* Whether a device has to go back to a driver, or the PF be told to forget
 * the settings of a VF. */
bool give_back_is_owed(const struct store_device *sd);

/* Inside a transaction: a lease with no debt goes at once; one with a debt
 * becomes ours, so that nobody else sees it free meanwhile, and is made if
 * libxl has ended it. */
int give_back_claim(struct broker *b, uint32_t txn,
                    const struct store_device *sd, const struct lock *lock);
/* After it, with the same lock: pay the debts and remove those leases; but
 * leave alone what is not ours any more. Refusals are written to done[i]; the
 * rc is RC_REFUSED if there was one. */
int give_back_finish(struct broker *b, const struct lock *lock,
                     struct store_device *list, struct done *done,
                     size_t count);

#endif
