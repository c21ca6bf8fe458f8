/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known of a shadow device, in a file for each. */
#ifndef SETTINGS_STATE_H
#define SETTINGS_STATE_H

#include <stdbool.h>

#include "list.h"

#define STATE_RUN "/run/shadowport/settings"        /* since the boot */
#define STATE_LIB "/var/lib/shadowport/settings"    /* saved for the next */

struct state {
    struct list kept;       /* what is given to each card */
    unsigned card;          /* ifindex of the one that has it; 0: none had */
    struct list seen;       /* what that one had when it was looked at last */
};

/* NULL: it is no state, or of another version. */
struct state *state_parse(const char *json, size_t length);
char *state_text(const struct state *state);    /* to be freed */
void state_free(struct state *state);

/* That of a shadow device: of this boot, else what was saved, else nothing. */
struct state *state_load(const char *id);
/* 0 or an errno. */
int state_store(const char *id, const struct state *state);
int state_save(const char *id, const struct state *state);

/* Nobody else looks meanwhile. Ends with the program; < 0: -errno. */
int state_lock(void);
void state_unlock(int lock);

/* Ids become names of files. */
bool state_id_is_good(const char *id);

#endif
