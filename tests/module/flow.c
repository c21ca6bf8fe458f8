/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flow: checked traffic for the module's test-bed.
 *
 *   flow serve PORT              answer every TCP connection (in the peer)
 *   flow stream ADDR PORT STOP   one TCP connection, both ways, until the file
 *                                STOP exists; then close in order. The file
 *                                STOP.progress says how far it is
 *   flow count PORT STOP         receive numbered datagrams until STOP exists
 *   flow number ADDR PORT N MS   send N numbered datagrams, one each MS
 *   flow announced IF STOP       name the MACs that announce themselves by
 *                                reverse ARP on IF, until STOP exists
 *
 *   flow tap IF STOP             count what IF sends, as a capture sees it
 *
 *   flow lend ADDR PORT MS       send a datagram out of memory that is lent to
 *                                the kernel; exit 1 if it is not given back
 *                                within MS
 *
 *   flow queues TAP QUEUES Q N GO
 *                                N frames come into the kernel by the queue Q of
 *                                the QUEUES of TAP, when the file GO exists
 *
 *   flow socket IF STOP          have an AF_XDP socket on the first queue of IF,
 *                                until STOP exists
 *
 *   flow drop IF STOP            drop all that IF receives, by a generic XDP
 *                                program, until STOP exists
 *
 * Both ends of a stream send the same endless pattern, whose period has no
 * common factor with any buffer size, and check every byte. Each command ends
 * with one line "key=value …" on stdout; exit 1 if a byte was wrong or the
 * connection broke.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/if_xdp.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PERIOD 65521
#define CHUNK 16384
#define PACE_MS 5
#define STOP_POLL_MS 50

static unsigned char pattern[PERIOD + CHUNK];

static void pattern_fill(void)
{
    uint32_t x = 1;
    size_t i;

    for (i = 0; i < PERIOD; i++) {
        x = x * 1103515245u + 12345u;
        pattern[i] = x >> 16;
    }
    memcpy(pattern + PERIOD, pattern, CHUNK);
}

static uint64_t now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

static void die(const char *what)
{
    fprintf(stderr, "flow: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct sockaddr_in address(const char *addr, const char *port)
{
    struct sockaddr_in sin = {
        .sin_family = AF_INET,
        .sin_port = htons(atoi(port)),
    };

    if (inet_pton(AF_INET, addr, &sin.sin_addr) != 1) {
        fprintf(stderr, "flow: bad address %s\n", addr);
        exit(2);
    }
    return sin;
}

struct stream {
    int fd;
    uint64_t sent, received, bad;
    uint64_t last_rx, stall;
    bool sending, closed, broken;
};

static void stream_send(struct stream *s)
{
    ssize_t n = send(s->fd, pattern + s->sent % PERIOD, CHUNK, MSG_NOSIGNAL);

    if (n > 0)
        s->sent += n;
    else if (n < 0 && errno != EAGAIN)
        s->broken = true;
}

static void stream_check(struct stream *s, const unsigned char *buf, size_t n)
{
    const unsigned char *want = pattern + s->received % PERIOD;
    size_t i;

    if (memcmp(buf, want, n))
        for (i = 0; i < n; i++)
            s->bad += buf[i] != want[i];
    s->received += n;
}

static void stream_receive(struct stream *s)
{
    unsigned char buf[CHUNK];
    ssize_t n = recv(s->fd, buf, sizeof(buf), 0);
    uint64_t t = now_ms();

    if (n > 0) {
        if (t - s->last_rx > s->stall)
            s->stall = t - s->last_rx;
        s->last_rx = t;
        stream_check(s, buf, n);
    } else if (!n) {
        s->closed = true;
    } else if (errno != EAGAIN) {
        s->broken = true;
    }
}

static void stream_progress(const struct stream *s, const char *stop)
{
    static uint64_t next;
    static int fd = -1;
    char path[256], text[64];

    if (!stop || now_ms() < next)
        return;
    next = now_ms() + STOP_POLL_MS;
    if (fd < 0) {
        snprintf(path, sizeof(path), "%s.progress", stop);
        fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    }
    /* One width, so that what is read is never of two writes. */
    snprintf(text, sizeof(text), "sent=%020llu received=%020llu\n",
             (unsigned long long)s->sent, (unsigned long long)s->received);
    if (pwrite(fd, text, strlen(text), 0) < 0)
        die("progress");
}

/* Until the other side has closed, or the connection broke. */
static int stream_run(struct stream *s, const char *stop)
{
    uint64_t next = 0;

    fcntl(s->fd, F_SETFL, O_NONBLOCK);
    s->last_rx = now_ms();
    s->sending = true;
    while (!s->closed && !s->broken) {
        struct pollfd pfd = { .fd = s->fd, .events = POLLIN };
        uint64_t t = now_ms();

        if (s->sending && t >= next) {
            stream_send(s);
            next = t + PACE_MS;
        }
        if (poll(&pfd, 1, s->sending ? PACE_MS : STOP_POLL_MS) > 0)
            stream_receive(s);
        stream_progress(s, stop);
        if (stop && s->sending && !access(stop, F_OK)) {
            s->sending = false;
            shutdown(s->fd, SHUT_WR);
        }
    }
    printf("sent=%llu received=%llu bad=%llu stall_ms=%llu broken=%d\n",
           (unsigned long long)s->sent, (unsigned long long)s->received,
           (unsigned long long)s->bad, (unsigned long long)s->stall,
           s->broken);
    return s->bad || s->broken;
}

static int cmd_serve(const char *port)
{
    struct sockaddr_in sin = address("0.0.0.0", port);
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) || listen(fd, 8))
        die("serve");
    for (;;) {
        struct stream s = { .fd = accept(fd, NULL, NULL) };

        if (s.fd < 0)
            die("accept");
        if (!fork())
            exit(stream_run(&s, NULL));
        close(s.fd);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
}

static int cmd_stream(const char *addr, const char *port, const char *stop)
{
    struct sockaddr_in sin = address(addr, port);
    struct stream s = { .fd = socket(AF_INET, SOCK_STREAM, 0) };

    if (connect(s.fd, (struct sockaddr *)&sin, sizeof(sin)))
        die("connect");
    return stream_run(&s, stop);
}

/* Tell whoever waits for the file STOP.ready that datagrams are counted now. */
static void say_ready(const char *stop)
{
    char path[256];
    int fd;

    snprintf(path, sizeof(path), "%s.ready", stop);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    if (fd < 0)
        die(path);
    close(fd);
}

static int cmd_count(const char *port, const char *stop)
{
    struct sockaddr_in sin = address("0.0.0.0", port);
    struct timeval tv = { .tv_usec = STOP_POLL_MS * 1000 };
    unsigned received = 0, reordered = 0, duplicate = 0;
    uint32_t n, first = 0, last = 0;
    int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 4 << 20;

    /* What was held comes at once, and must not be lost here. */
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
    if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)))
        die("count");
    say_ready(stop);
    for (;;) {
        /* What has come before the stop counts, however late it is read. */
        if (recv(fd, &n, sizeof(n), 0) != sizeof(n)) {
            if (!access(stop, F_OK))
                break;
            continue;
        }
        n = ntohl(n);
        if (!received++)
            first = n;
        else if (n == last)
            duplicate++;
        else if (n < last)
            reordered++;
        if (n > last)
            last = n;
    }
    printf("received=%u first=%u last=%u reordered=%u duplicate=%u\n",
           received, first, last, reordered, duplicate);
    return 0;
}

static int cmd_number(const char *addr, const char *port, unsigned count,
                      unsigned ms)
{
    struct sockaddr_in sin = address(addr, port);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    unsigned i, refused = 0;

    for (i = 1; i <= count; i++) {
        uint32_t n = htonl(i);

        if (sendto(fd, &n, sizeof(n), 0, (struct sockaddr *)&sin,
                   sizeof(sin)) != sizeof(n))
            refused++;
        if (ms)
            usleep(ms * 1000);
    }
    printf("sent=%u refused=%u\n", count, refused);
    return 0;
}

#define ANNOUNCED_MAX 64

static int cmd_announced(const char *name, const char *stop)
{
    struct sockaddr_ll sll = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_RARP),
        .sll_ifindex = if_nametoindex(name),
    };
    struct timeval tv = { .tv_usec = STOP_POLL_MS * 1000 };
    unsigned char seen[ANNOUNCED_MAX][ETH_ALEN], frame[128];
    int i, n = 0, fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_RARP));

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
    if (bind(fd, (struct sockaddr *)&sll, sizeof(sll)))
        die("announced");
    say_ready(stop);
    while (access(stop, F_OK)) {
        const unsigned char *mac = frame + ETH_ALEN;

        if (recv(fd, frame, sizeof(frame), 0) < (ssize_t)ETH_HLEN)
            continue;
        for (i = 0; i < n && memcmp(seen[i], mac, ETH_ALEN); i++)
            ;
        if (i == n && n < ANNOUNCED_MAX)
            memcpy(seen[n++], mac, ETH_ALEN);
    }
    for (i = 0; i < n; i++)
        printf("%02x:%02x:%02x:%02x:%02x:%02x\n", seen[i][0], seen[i][1],
               seen[i][2], seen[i][3], seen[i][4], seen[i][5]);
    return 0;
}

static int cmd_tap(const char *name, const char *stop)
{
    struct sockaddr_ll from, sll = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = if_nametoindex(name),
    };
    struct timeval tv = { .tv_usec = STOP_POLL_MS * 1000 };
    int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    socklen_t length;
    unsigned out = 0;
    char frame[64];

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
    if (bind(fd, (struct sockaddr *)&sll, sizeof(sll)))
        die("tap");
    say_ready(stop);
    while (access(stop, F_OK)) {
        length = sizeof(from);
        if (recvfrom(fd, frame, sizeof(frame), 0, (struct sockaddr *)&from,
                     &length) >= 0 && from.sll_pkttype == PACKET_OUTGOING)
            out++;
    }
    printf("out=%u\n", out);
    return 0;
}

static int cmd_lend(const char *addr, const char *port, int limit)
{
    struct sockaddr_in sin = address(addr, port);
    static char lent[8192] __attribute__((aligned(4096)));
    struct pollfd pfd = { .fd = socket(AF_INET, SOCK_DGRAM, 0) };
    char control[256];
    struct msghdr msg = { .msg_control = control,
                          .msg_controllen = sizeof(control) };
    int one = 1;
    uint64_t start = now_ms();

    if (setsockopt(pfd.fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)) ||
        sendto(pfd.fd, lent, 1400, MSG_ZEROCOPY, (struct sockaddr *)&sin,
               sizeof(sin)) != 1400)
        die("lend");
    if (poll(&pfd, 1, limit) != 1 ||
        recvmsg(pfd.fd, &msg, MSG_ERRQUEUE) < 0) {
        printf("back=never\n");
        return 1;
    }
    printf("back_ms=%llu\n", (unsigned long long)(now_ms() - start));
    return 0;
}

#define QUEUES_MAX 16

/* One flow: to nobody in particular, of a protocol that is for experiments. */
static int cmd_queues(const char *name, int queues, int queue, int count,
                      const char *go)
{
    unsigned char frame[60] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };
    struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE };
    int fd[QUEUES_MAX], i;

    if (queues > QUEUES_MAX || queue >= queues)
        return 2;
    strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
    for (i = 0; i < queues; i++) {
        fd[i] = open("/dev/net/tun", O_RDWR);
        if (fd[i] < 0 || ioctl(fd[i], TUNSETIFF, &ifr))
            die("queues");
    }
    while (access(go, F_OK))
        usleep(STOP_POLL_MS * 1000);
    for (i = 0; i < count; i++)
        if (write(fd[queue], frame, sizeof(frame)) != sizeof(frame))
            die("write");
    return 0;
}

#define UMEM_FRAMES 16
#define UMEM_FRAME 4096

/* By copies: any driver can do that. */
static int cmd_socket(const char *name, const char *stop)
{
    static char umem[UMEM_FRAMES * UMEM_FRAME] __attribute__((aligned(4096)));
    struct xdp_umem_reg reg = {
        .addr = (uintptr_t)umem,
        .len = sizeof(umem),
        .chunk_size = UMEM_FRAME,
    };
    struct sockaddr_xdp sxdp = {
        .sxdp_family = AF_XDP,
        .sxdp_flags = XDP_COPY,
        .sxdp_ifindex = if_nametoindex(name),
    };
    int rings[] = { XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_RX_RING };
    int fd = socket(AF_XDP, SOCK_RAW, 0), size = UMEM_FRAMES;
    size_t i;

    if (fd < 0 || setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)))
        die("socket");
    for (i = 0; i < sizeof(rings) / sizeof(rings[0]); i++)
        if (setsockopt(fd, SOL_XDP, rings[i], &size, sizeof(size)))
            die("ring");
    if (bind(fd, (struct sockaddr *)&sxdp, sizeof(sxdp)))
        die("bind");
    say_ready(stop);
    while (access(stop, F_OK))
        usleep(STOP_POLL_MS * 1000);
    return 0;
}

static int bpf(int cmd, union bpf_attr *attr)
{
    return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* The kernel takes it off when this ends. */
static int cmd_drop(const char *name, const char *stop)
{
    struct bpf_insn program[] = {
        { .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_DROP },
        { .code = BPF_JMP | BPF_EXIT },
    };
    union bpf_attr load = {
        .prog_type = BPF_PROG_TYPE_XDP,
        .insn_cnt = sizeof(program) / sizeof(program[0]),
        .insns = (uintptr_t)program,
        .license = (uintptr_t)"GPL",
    };
    union bpf_attr link = { };
    int prog = bpf(BPF_PROG_LOAD, &load);

    if (prog < 0)
        die("load");
    link.link_create.prog_fd = prog;
    link.link_create.target_ifindex = if_nametoindex(name);
    link.link_create.attach_type = BPF_XDP;
    link.link_create.flags = XDP_FLAGS_SKB_MODE;
    if (bpf(BPF_LINK_CREATE, &link) < 0)
        die("link");
    say_ready(stop);
    while (access(stop, F_OK))
        usleep(STOP_POLL_MS * 1000);
    return 0;
}

int main(int argc, char **argv)
{
    pattern_fill();
    if (argc == 3 && !strcmp(argv[1], "serve"))
        return cmd_serve(argv[2]);
    if (argc == 5 && !strcmp(argv[1], "stream"))
        return cmd_stream(argv[2], argv[3], argv[4]);
    if (argc == 4 && !strcmp(argv[1], "count"))
        return cmd_count(argv[2], argv[3]);
    if (argc == 6 && !strcmp(argv[1], "number"))
        return cmd_number(argv[2], argv[3], atoi(argv[4]), atoi(argv[5]));
    if (argc == 4 && !strcmp(argv[1], "announced"))
        return cmd_announced(argv[2], argv[3]);
    if (argc == 4 && !strcmp(argv[1], "tap"))
        return cmd_tap(argv[2], argv[3]);
    if (argc == 5 && !strcmp(argv[1], "lend"))
        return cmd_lend(argv[2], argv[3], atoi(argv[4]));
    if (argc == 7 && !strcmp(argv[1], "queues"))
        return cmd_queues(argv[2], atoi(argv[3]), atoi(argv[4]), atoi(argv[5]),
                          argv[6]);
    if (argc == 4 && !strcmp(argv[1], "socket"))
        return cmd_socket(argv[2], argv[3]);
    if (argc == 4 && !strcmp(argv[1], "drop"))
        return cmd_drop(argv[2], argv[3]);
    fprintf(stderr, "usage: see the top of flow.c\n");
    return 2;
}
