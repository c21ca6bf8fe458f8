/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SP_CONTROL_SOCKET_H
#define SP_CONTROL_SOCKET_H

#include <sys/un.h>

/* An unconnected unix socket and the address for path; -1 with errno. */
int control_socket_open(const char *path, struct sockaddr_un *at, int flags);

#endif
