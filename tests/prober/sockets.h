/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets as the prober wants them: non-blocking, and very patient. */
#ifndef SP_SOCKETS_H
#define SP_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"

/* All return a descriptor or -1 with errno. */
int socket_listen(const struct address *at);
int socket_accept(int listener);
int socket_connect(const struct address *to, const struct address *from,
                   uint64_t limit_ns); /* from: NULL for any */
/* UDP, bound to the address with a port of the kernel's choice. */
int socket_udp(const struct address *local);

int socket_connect_udp(int fd, const struct address *peer);
int socket_local(int fd, struct address *a);
int socket_peer(int fd, struct address *a);

/* Bytes given to the kernel that the peer has not acknowledged. */
bool socket_unacked(int fd, uint64_t *bytes);
bool socket_retransmits(int fd, uint64_t *segments);

/* Waits until fd can be read; false with errno when the time is over. */
bool socket_wait_readable(int fd, uint64_t limit_ns);

#endif
