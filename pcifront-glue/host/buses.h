/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_BUSES_H
#define SHADOWPORT_BUSES_H

int sp_buses_start(void);
void sp_buses_stop(void);

#endif
