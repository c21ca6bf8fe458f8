/* SPDX-License-Identifier: GPL-2.0-only */
/* Moving a device between its dom0 driver and pciback. */
#ifndef BROKER_BIND_H
#define BROKER_BIND_H

struct bdf;
struct broker;

/* In place of a driver's name: the device had none. */
#define BIND_NO_DRIVER "-"

/* Both may find some of the work done: a broker before may have been killed
 * on the way. *why says what went wrong; the rc is RC_OK or RC_REFUSED. */
int bind_to_pciback(struct broker *b, const struct bdf *bdf,
                    const char **why);
int bind_to_driver(struct broker *b, const struct bdf *bdf,
                   const char *driver, const char **why);

/* Why the kernel would bind it to no other driver than the one that an
 * administrator has named, if that is not this one; NULL: it would. */
const char *bind_obstacle(struct broker *b, const struct bdf *bdf,
                          const char *driver);

#endif
