/* SPDX-License-Identifier: GPL-2.0-only */
/* 'sp-probe endpoint': connect, run, report. */
#ifndef SP_ENDPOINT_COMMAND_H
#define SP_ENDPOINT_COMMAND_H

int endpoint_main(int argc, char **argv); /* returns an exit code */

#endif
