/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest role: waits for endpoints and serves them. */
#ifndef SP_GUEST_H
#define SP_GUEST_H

/* argv[0] is the name of the command; returns an exit code. */
int guest_main(int argc, char **argv);

#endif
