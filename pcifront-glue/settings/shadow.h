/* SPDX-License-Identifier: GPL-2.0-only */
/* Shadow devices, as the module shows them below /sys/class/net. */
#ifndef SETTINGS_SHADOW_H
#define SETTINGS_SHADOW_H

#include <stddef.h>

struct shadow {
    char *name;             /* of the network device */
    char *id;               /* the host's word for it */
};

/* Those that are there, to be freed. */
size_t shadows_find(struct shadow **out);
void shadows_free(struct shadow *shadows, size_t count);

/* ifindex of the card below it; 0: there is none, or it is about to go. */
unsigned shadow_card(const struct shadow *shadow);
/* The card did not take a setting: it is named to everybody, by the module. */
void shadow_tell(const struct shadow *shadow, unsigned card,
                 const char *setting, int error);

#endif
