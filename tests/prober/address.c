/* SPDX-License-Identifier: GPL-2.0-only */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"

static bool parse_port(const char *text, uint16_t *port)
{
    char *end;
    unsigned long v;

    if (*text < '0' || *text > '9')
        return false;
    v = strtoul(text, &end, 10);
    if (*end || v < 1 || v > UINT16_MAX)
        return false;
    *port = (uint16_t)v;
    return true;
}

/* Cuts text into host and port; an IPv6 host with a port is in brackets. */
static bool split(char *text, char **host, char **port)
{
    char *colon = strchr(text, ':');

    *host = text;
    *port = NULL;
    if (*text == '[') {
        char *end = strchr(text, ']');

        if (!end || (end[1] && end[1] != ':'))
            return false;
        *host = text + 1;
        if (end[1])
            *port = end + 2;
        *end = '\0';
    } else if (colon && colon == strrchr(text, ':')) {
        *colon = '\0';
        *port = colon + 1;
    }
    return true;
}

bool address_parse(const char *text, uint16_t port, struct address *a)
{
    char copy[ADDRESS_TEXT_MAX], *host, *port_text;
    struct sockaddr_in *in = (struct sockaddr_in *)&a->sa;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&a->sa;

    if (strlen(text) >= sizeof(copy))
        return false;
    strcpy(copy, text);
    if (!split(copy, &host, &port_text))
        return false;
    if (port_text && !parse_port(port_text, &port))
        return false;
    memset(a, 0, sizeof(*a));
    if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
        a->sa.ss_family = AF_INET;
        a->len = sizeof(*in);
    } else if (inet_pton(AF_INET6, host, &in6->sin6_addr) == 1) {
        a->sa.ss_family = AF_INET6;
        a->len = sizeof(*in6);
    } else {
        return false;
    }
    address_set_port(a, port);
    return true;
}

void address_format(const struct address *a, char out[ADDRESS_TEXT_MAX])
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)&a->sa;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a->sa;
    char host[INET6_ADDRSTRLEN] = "?";

    if (a->sa.ss_family == AF_INET6) {
        inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
        snprintf(out, ADDRESS_TEXT_MAX, "[%s]:%u", host, address_port(a));
    } else {
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
        snprintf(out, ADDRESS_TEXT_MAX, "%s:%u", host, address_port(a));
    }
}

uint16_t address_port(const struct address *a)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)&a->sa;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a->sa;

    return ntohs(a->sa.ss_family == AF_INET6 ? in6->sin6_port
                                             : in->sin_port);
}

void address_set_port(struct address *a, uint16_t port)
{
    struct sockaddr_in *in = (struct sockaddr_in *)&a->sa;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&a->sa;

    if (a->sa.ss_family == AF_INET6)
        in6->sin6_port = htons(port);
    else
        in->sin_port = htons(port);
}
