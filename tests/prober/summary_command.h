/* SPDX-License-Identifier: GPL-2.0-only */
/* 'sp-probe summary': what a report says, whole or between two marks. */
#ifndef SP_SUMMARY_COMMAND_H
#define SP_SUMMARY_COMMAND_H

int summary_main(int argc, char **argv); /* returns an exit code */

#endif
