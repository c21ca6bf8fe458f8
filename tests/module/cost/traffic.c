/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * traffic tx|rx udp|tcp SIZE COUNT
 *
 * Between here (on CPU 0) and the network namespace "peer" (on CPU 1), sends
 * COUNT packets of SIZE bytes of payload from here (tx) or to here (rx), after
 * as many as are needed for a steady state, with the instruction MARK executed
 * before and after. The receiver tells the sender through a pipe what it has,
 * so that never more than two windows are on their way and nothing is lost;
 * with UDP, that they are all there is checked by it, too.
 *
 * Exit codes: 0 done, 1 failed, 2 usage.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mark.h"

#define LOCAL "10.9.0.1"
#define PEER "10.9.0.2"
#define PEER_NETNS "/run/netns/peer"
#define PORT 5100
#define WINDOW 64           /* packets */
#define AHEAD 2             /* windows */
#define WARM_UP (16 * WINDOW)
#define ROOM (4 << 20)

static char buf[WINDOW * 1500];

struct job {
    bool tcp;
    size_t size;
    size_t windows;         /* with those of the warm-up */
};

static void die(const char *what)
{
    fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void mark(void)
{
    __asm__ volatile(MARK_ASM ::: "memory");
}

static void settle(bool peer)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(peer ? 1 : 0, &set);
    if (sched_setaffinity(0, sizeof(set), &set))
        die("affinity");
    if (peer && setns(open(PEER_NETNS, O_RDONLY), CLONE_NEWNET))
        die(PEER_NETNS);
}

static int socket_make(bool tcp)
{
    int room = ROOM, one = 1;
    int fd = socket(AF_INET, tcp ? SOCK_STREAM : SOCK_DGRAM, 0);

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
    if (tcp)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

static struct sockaddr_in address(const char *addr)
{
    struct sockaddr_in sin = {
        .sin_family = AF_INET,
        .sin_port = htons(PORT),
    };

    inet_pton(AF_INET, addr, &sin.sin_addr);
    return sin;
}

static void receive_window(const struct job *job, int fd)
{
    size_t want = WINDOW * job->size;
    ssize_t n;

    while (want) {
        n = recv(fd, buf, job->tcp ? want : sizeof(buf), 0);
        if (n <= 0 || (!job->tcp && n != (ssize_t)job->size))
            die("receive");
        want -= n;
    }
}

static void receive(const struct job *job, const char *addr, int report)
{
    struct sockaddr_in sin = address(addr);
    int fd = socket_make(job->tcp);
    size_t i;

    if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) ||
        (job->tcp && listen(fd, 1)))
        die("bind");
    if (write(report, "", 1) != 1)
        die("report");
    if (job->tcp)
        fd = accept(fd, NULL, NULL);
    for (i = 0; i < job->windows; i++) {
        receive_window(job, fd);
        if (write(report, "", 1) != 1)
            die("report");
    }
}

static void send_window(const struct job *job, int fd)
{
    ssize_t all = WINDOW * job->size;
    size_t i;

    if (job->tcp) {
        if (send(fd, buf, all, MSG_NOSIGNAL) != all)
            die("send");
        return;
    }
    for (i = 0; i < WINDOW; i++)
        if (send(fd, buf, job->size, 0) != (ssize_t)job->size)
            die("send");
}

static void await(int reports)
{
    char c;

    if (read(reports, &c, 1) != 1)
        die("the receiver went");
}

static void send_all(const struct job *job, const char *addr, int reports)
{
    struct sockaddr_in sin = address(addr);
    int fd = socket_make(job->tcp);
    size_t i, out = 0;

    await(reports);
    if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)))
        die("connect");
    for (i = 0; i < job->windows; i++) {
        if (i == WARM_UP / WINDOW) {
            for (; out; out--)
                await(reports);
            mark();
        }
        if (out == AHEAD) {
            await(reports);
            out--;
        }
        send_window(job, fd);
        out++;
    }
    for (; out; out--)
        await(reports);
    mark();
}

static int run(const struct job *job, bool tx)
{
    int report[2], status;
    pid_t child;

    if (pipe(report))
        die("pipe");
    child = fork();
    if (child < 0)
        die("fork");
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(report[0]);
        settle(tx);
        receive(job, tx ? PEER : LOCAL, report[1]);
        exit(0);
    }
    close(report[1]);
    settle(!tx);
    send_all(job, tx ? PEER : LOCAL, report[0]);
    waitpid(child, &status, 0);
    return status ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct job job;
    size_t count;

    if (argc != 5) {
        fprintf(stderr, "usage: see the top of traffic.c\n");
        return 2;
    }
    job.tcp = !strcmp(argv[2], "tcp");
    job.size = atoi(argv[3]);
    count = atoi(argv[4]);
    if (!job.size || job.size > 1500 || count % WINDOW)
        return 2;
    job.windows = (WARM_UP + count) / WINDOW;
    return run(&job, !strcmp(argv[1], "tx"));
}
