/* SPDX-License-Identifier: GPL-2.0-only */
/* What inventory.c and inventory_driver.c share. */
#ifndef BROKER_INVENTORY_DRIVER_H
#define BROKER_INVENTORY_DRIVER_H

struct inventory;

void inventory_forget_modules(struct inventory *inventory);

#endif
