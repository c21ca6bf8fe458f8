/* SPDX-License-Identifier: GPL-2.0-only */
/* A setting of a VF in words. */
#ifndef BROKER_VF_TEXT_H
#define BROKER_VF_TEXT_H

#include "proto/vf_settings.h"

struct arena;

/* "VLAN 100 (QoS 0, 802.1q)", "trust on" … */
const char *vf_text(struct arena *arena, const struct vf_settings *settings,
                    enum vf_setting what);

#endif
