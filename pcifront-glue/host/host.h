/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_HOST_H
#define SHADOWPORT_HOST_H

/* What starts and stops; whoever may use it is above all folders. */
#include "buses.h"
#include "commands.h"
#include "ports.h"
#include "transport.h"

#endif
