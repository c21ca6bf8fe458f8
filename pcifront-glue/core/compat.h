/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_COMPAT_H
#define SHADOWPORT_COMPAT_H

/*
 * Kernel differences. SP_HAVE_* comes from sp_config.h, which configure makes
 * by compiling probes.c for the kernel at hand. More: compat_netdev.h and
 * compat_device.h.
 */
#include "sp_config.h"

#ifdef SP_HAVE_HEX_HEADER
#include <linux/hex.h>
#endif
#if !defined(CONFIG_DEBUG_FS)
#undef SP_HAVE_IO_TLB_USED		/* there, and not counted */
#endif
#if defined(SP_HAVE_DMA_OPS_PAGE) || defined(SP_HAVE_DMA_OPS_PHYS)
#define SP_HAVE_DMA_OPS
#endif
#if defined(SP_HAVE_DMA_EVENTS_PAGE) || defined(SP_HAVE_DMA_EVENTS_PHYS)
#define SP_HAVE_DMA_EVENTS
#endif

#endif
