/* SPDX-License-Identifier: GPL-2.0-only */
/* rtnetlink messages about VFs. Pure: nothing is sent or received here. */
#ifndef BROKER_VF_MESSAGE_H
#define BROKER_VF_MESSAGE_H

#include "proto/vf_settings.h"

struct nl_msg;
struct nlmsghdr;

/* Ask for a PF with all its VFs; make one setting of one VF. The caller frees
 * with nlmsg_free. NULL: no memory, or the interface's name is too long. */
struct nl_msg *vf_message_ask(const char *pf_interface);
struct nl_msg *vf_message_set(const char *pf_interface, unsigned index,
                              enum vf_setting what,
                              const struct vf_settings *settings);

/*
 * The settings of VF `index` in a link message. 0, ENOENT (there is no such VF
 * in it), or EBADMSG (a part of it is shorter than it says or must be).
 */
int vf_message_read(struct nlmsghdr *hdr, unsigned index,
                    struct vf_settings *settings);

#endif
