/* SPDX-License-Identifier: GPL-2.0-only */
/* One child, as xl migrate has one: a shell, with ssh in its place. It is
 * waited for until a limit, and ended by its process group. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/broker.h"
#include "checks/check.h"
#include "doctor/facts_json.h"
#include "doctor/peer.h"
#include "json/json.h"

struct talk {
    struct broker *b;
    pid_t child;
    int to, from;               /* -1: closed */
    const char *question;
    size_t sent;
    char *answer;               /* JSON_MAX_SIZE + 1 */
    size_t len;
    long long end;
};

static void child_main(const char *rune, int in, int out)
{
    setpgid(0, 0);
    if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
        _exit(126);
    execl("/bin/sh", "sh", "-c", rune, (char *)NULL);
    _exit(127);
}

static bool start(struct talk *t, const char *rune)
{
    int to[2] = { -1, -1 }, from[2] = { -1, -1 };

    if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC)) goto fail;
    t->child = fork();
    if (t->child < 0) goto fail;
    if (!t->child)
        child_main(rune, to[0], from[1]);
    setpgid(t->child, t->child);
    close(to[0]);
    close(from[1]);
    t->to = to[1];
    t->from = from[0];
    fcntl(t->to, F_SETFL, O_NONBLOCK);
    return true;
fail:
    if (to[0] >= 0)
        close(to[0]);
    if (to[1] >= 0)
        close(to[1]);
    if (from[0] >= 0)
        close(from[0]);
    if (from[1] >= 0)
        close(from[1]);
    return false;
}

static void send_some(struct talk *t)
{
    size_t left = strlen(t->question) - t->sent;
    ssize_t n = left ? write(t->to, t->question + t->sent, left) : 0;

    if (n > 0)
        t->sent += (size_t)n;
    if ((n < 0 && errno != EAGAIN && errno != EINTR) ||
        t->sent == strlen(t->question)) {
        close(t->to);
        t->to = -1;
    }
}

static void receive_some(struct talk *t)
{
    ssize_t n = read(t->from, t->answer + t->len,
                     JSON_MAX_SIZE + 1 - t->len);

    if (n > 0)
        t->len += (size_t)n;
    if (n == 0 || (n < 0 && errno != EINTR) || t->len > JSON_MAX_SIZE) {
        close(t->from);
        t->from = -1;
    }
}

/* NULL, or what went wrong. */
static const char *converse(struct talk *t)
{
    struct pollfd fds[2];
    long long left;
    int r;

    while (t->from >= 0) {
        left = t->end - clock_ms(CLOCK_MONOTONIC);
        if (left <= 0)
            return "did not answer in time";
        fds[0] = (struct pollfd){ .fd = t->from, .events = POLLIN };
        fds[1] = (struct pollfd){ .fd = t->to, .events = POLLOUT };
        r = poll(fds, 2, (int)left);
        if (r < 0 && errno != EINTR)
            return strerror(errno);
        if (r <= 0)
            continue;
        if (fds[1].revents)
            send_some(t);
        if (fds[0].revents)
            receive_some(t);
    }
    return t->len > JSON_MAX_SIZE ? "the answer has no end" : NULL;
}

/* Somebody who does not end in time is ended. */
static bool wait_for(struct talk *t, bool killed, int *status)
{
    const struct timespec moment = { .tv_nsec = 20000000 };
    pid_t pid;

    for (;;) {
        if (!killed && clock_ms(CLOCK_MONOTONIC) >= t->end) {
            kill(-t->child, SIGKILL);
            killed = true;
        }
        pid = waitpid(t->child, status, killed ? 0 : WNOHANG);
        if (pid == t->child)
            return true;
        if (pid < 0 && errno != EINTR)
            return false;
        nanosleep(&moment, NULL);
    }
}

/* The exit status of a doctor that found faults is no fault of the way. */
static const char *finish(struct talk *t, const char *why)
{
    int status;

    if (t->to >= 0)
        close(t->to);
    if (t->from >= 0)
        close(t->from);
    if (why)
        kill(-t->child, SIGKILL);
    if (!wait_for(t, why, &status))
        return strerror(errno);
    if (why)
        return why;
    if (WIFSIGNALED(status))
        return arena_printf(t->b->arena, "was killed by signal %d",
                            WTERMSIG(status));
    if (WEXITSTATUS(status) == 127)
        return "there is no shadowport-doctor, or no ssh here";
    if (WEXITSTATUS(status) == 255)
        return "ssh did not reach it, or would ask for a password or key";
    if (!t->len)
        return arena_printf(t->b->arena, "said nothing (exit status %d)",
                            WEXITSTATUS(status));
    return NULL;
}

bool peer_ask(struct broker *b, const struct peer *peer,
              const struct host_facts *here, struct host_facts *there,
              struct contact *contact)
{
    struct talk t = { .b = b, .to = -1, .from = -1 };
    long long began, now;
    const char *rune;
    struct fact *clock;

    contact->host = peer->host;
    rune = *peer->ssh
        ? arena_printf(b->arena, "exec %s %s shadowport-doctor --peer%s",
                       peer->ssh, peer->host, peer->probe ? " --probe" : "")
        : peer->host;
    t.question = question_text(b, here);
    t.answer = arena_alloc(b->arena, JSON_MAX_SIZE + 1);
    t.end = clock_ms(CLOCK_MONOTONIC) + peer->limit_ms;
    signal(SIGPIPE, SIG_IGN);
    began = clock_ms(CLOCK_REALTIME);
    if (!start(&t, rune)) {
        contact->error = strerror(errno);
        return false;
    }
    contact->error = finish(&t, converse(&t));
    now = clock_ms(CLOCK_REALTIME);
    contact->took_ms = now - began;
    if (!contact->error && facts_read(b, t.answer, t.len, there)) {
        contact->error = arena_printf(b->arena, "its answer cannot be read: "
                                      "%s", b->error);
        b->error = NULL;
    }
    if (contact->error)
        return false;
    clock = &there->facts[HOST_clock_ms];
    if (clock->kind == FACT_NUMBER)
        contact->ahead_ms = clock->number - (began + now) / 2;
    return true;
}
