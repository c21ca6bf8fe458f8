/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clock.h"
#include "sockets.h"

/* No outage that a run can see may end the connection from our side. */
#define USER_TIMEOUT_MS (6u * 3600 * 1000)
#define BACKLOG 16
/* Room for seconds of datagrams: being kept from the CPU isn't a loss. */
#define UDP_BUFFER (4 * 1024 * 1024)

static int close_keeping_errno(int fd)
{
    int err = errno;

    close(fd);
    errno = err;
    return -1;
}

static int set_flag(int fd, int level, int name, unsigned int value)
{
    return setsockopt(fd, level, name, &value, sizeof(value));
}

static int tune_tcp(int fd)
{
    if (set_flag(fd, IPPROTO_TCP, TCP_NODELAY, 1) ||
        set_flag(fd, SOL_SOCKET, SO_KEEPALIVE, 0))
        return -1;
    return set_flag(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
}

static int new_socket(const struct address *a, int type)
{
    return socket(a->sa.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int socket_listen(const struct address *at)
{
    int fd = new_socket(at, SOCK_STREAM);

    if (fd < 0)
        return -1;
    if (set_flag(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
        bind(fd, (const struct sockaddr *)&at->sa, at->len) ||
        listen(fd, BACKLOG))
        return close_keeping_errno(fd);
    return fd;
}

int socket_accept(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
        return -1;
    if (tune_tcp(fd))
        return close_keeping_errno(fd);
    return fd;
}

static bool wait_for(int fd, short events, uint64_t limit_ns)
{
    uint64_t end = clock_mono_ns() + limit_ns, now;
    struct pollfd p = { .fd = fd, .events = events };
    int r;

    do {
        now = clock_mono_ns();
        if (now >= end)
            break;
        r = poll(&p, 1, (int)((end - now) / NS_PER_MS) + 1);
    } while (r == 0 || (r < 0 && errno == EINTR));
    if (now < end)
        return r > 0;
    errno = ETIMEDOUT;
    return false;
}

bool socket_wait_readable(int fd, uint64_t limit_ns)
{
    return wait_for(fd, POLLIN, limit_ns);
}

static int finish_connect(int fd, uint64_t limit_ns)
{
    int err = 0;
    socklen_t len = sizeof(err);

    if (!wait_for(fd, POLLOUT, limit_ns))
        return -1;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len))
        return -1;
    errno = err;
    return err ? -1 : 0;
}

int socket_connect(const struct address *to, const struct address *from,
                   uint64_t limit_ns)
{
    int fd = new_socket(to, SOCK_STREAM);

    if (fd < 0)
        return -1;
    if (tune_tcp(fd) ||
        (from && bind(fd, (const struct sockaddr *)&from->sa, from->len)))
        return close_keeping_errno(fd);
    if (connect(fd, (const struct sockaddr *)&to->sa, to->len) &&
        (errno != EINPROGRESS || finish_connect(fd, limit_ns)))
        return close_keeping_errno(fd);
    return fd;
}

/* Beyond the system's limit only as root; less room is no error. */
static void widen_buffer(int fd)
{
    if (set_flag(fd, SOL_SOCKET, SO_RCVBUFFORCE, UDP_BUFFER))
        set_flag(fd, SOL_SOCKET, SO_RCVBUF, UDP_BUFFER);
}

int socket_udp(const struct address *local)
{
    struct address at = *local;
    int fd = new_socket(local, SOCK_DGRAM);

    if (fd < 0)
        return -1;
    widen_buffer(fd);
    address_set_port(&at, 0);
    if (bind(fd, (const struct sockaddr *)&at.sa, at.len))
        return close_keeping_errno(fd);
    return fd;
}

int socket_connect_udp(int fd, const struct address *peer)
{
    return connect(fd, (const struct sockaddr *)&peer->sa, peer->len);
}

int socket_local(int fd, struct address *a)
{
    memset(a, 0, sizeof(*a));
    a->len = sizeof(a->sa);
    return getsockname(fd, (struct sockaddr *)&a->sa, &a->len);
}

int socket_peer(int fd, struct address *a)
{
    memset(a, 0, sizeof(*a));
    a->len = sizeof(a->sa);
    return getpeername(fd, (struct sockaddr *)&a->sa, &a->len);
}

bool socket_unacked(int fd, uint64_t *bytes)
{
    int n;

    if (ioctl(fd, SIOCOUTQ, &n) || n < 0)
        return false;
    *bytes = (uint64_t)n;
    return true;
}

bool socket_retransmits(int fd, uint64_t *segments)
{
    struct tcp_info info;
    socklen_t len = sizeof(info);

    memset(&info, 0, sizeof(info));
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
        return false;
    *segments = info.tcpi_total_retrans;
    return true;
}
