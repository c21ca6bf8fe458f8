/* SPDX-License-Identifier: GPL-2.0-only */
/* Numeric IPv4 and IPv6 addresses with a port: 10.0.0.1:77, [fe80::1]:77. */
#ifndef SP_ADDRESS_H
#define SP_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define ADDRESS_DEFAULT_PORT 7700
#define ADDRESS_TEXT_MAX     64

struct address {
    struct sockaddr_storage sa;
    socklen_t len;
};

/* Text without a port gets port; false if it isn't an address. */
bool address_parse(const char *text, uint16_t port, struct address *a);
void address_format(const struct address *a, char out[ADDRESS_TEXT_MAX]);
uint16_t address_port(const struct address *a);
void address_set_port(struct address *a, uint16_t port);

#endif
