/* SPDX-License-Identifier: GPL-2.0-only */
/* 'sp-probe mark' and 'sp-probe status': requests to a running endpoint. */
#ifndef SP_CONTROL_CLIENT_H
#define SP_CONTROL_CLIENT_H

/* Both return exit codes. */
int mark_main(int argc, char **argv);
int status_main(int argc, char **argv);

#endif
