/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

#include "base/arena.h"
#include "traced.h"

#define NAMES_AT_MOST 64

/* One thing to be done to the world, in memory that both processes see. The
 * functions are at the same place in both. */
struct call {
    void (*serve)(struct world *w, struct call *c);
    int result;
    uint32_t txn;
    bool flag;
    char path[512], text[8192];
    size_t len, count;
    char names[NAMES_AT_MOST][64];
    struct bdf bdf;
    struct domain domains[WORLD_DOMAINS];
    struct group_member members[WORLD_ASSIGNED];
    unsigned index;
    enum vf_setting what;
    struct vf_settings settings;
    struct net_state state;
    struct net_mtu mtu;
};

static struct call *call;

/* A system call that nothing else makes here. */
#define CALL SYS_getpgid

static void copy(char *to, size_t size, const char *text)
{
    if ((size_t)snprintf(to, size, "%s", text) >= size)
        abort();
}

static int do_call(void (*serve)(struct world *w, struct call *c))
{
    call->serve = serve;
    syscall(CALL, 0);
    return call->result;
}

static int path_call(void (*serve)(struct world *w, struct call *c),
                     uint32_t txn, const char *path, const char *text)
{
    call->txn = txn;
    copy(call->path, sizeof(call->path), path);
    copy(call->text, sizeof(call->text), text);
    return do_call(serve);
}

static void serve_begin(struct world *w, struct call *c)
{
    c->result = w->store.store.ops->begin(&w->store.store, &c->txn);
}

static int begin(struct store *s, uint32_t *txn)
{
    int r = do_call(serve_begin);

    (void)s;
    *txn = call->txn;
    return r;
}

static void serve_end(struct world *w, struct call *c)
{
    c->result = w->store.store.ops->end(&w->store.store, c->txn, c->flag);
}

static int end_txn(struct store *s, uint32_t txn, bool abort)
{
    (void)s;
    call->txn = txn;
    call->flag = abort;
    return do_call(serve_end);
}

static void serve_read(struct world *w, struct call *c)
{
    char *value;

    c->result = w->store.store.ops->read(&w->store.store, c->txn, w->arena,
                                         c->path, &value, &c->len);
    c->flag = value;
    if (value)
        copy(c->text, sizeof(c->text), value);
}

static int read_node(struct store *s, uint32_t txn, struct arena *arena,
                     const char *path, char **value, size_t *len)
{
    int r = path_call(serve_read, txn, path, "");

    (void)s;
    *value = call->flag ? arena_strdup(arena, call->text) : NULL;
    *len = call->len;
    return r;
}

static void serve_write(struct world *w, struct call *c)
{
    c->result = w->store.store.ops->write(&w->store.store, c->txn, c->path,
                                          c->text);
}

static int write_node(struct store *s, uint32_t txn, const char *path,
                      const char *value)
{
    (void)s;
    return path_call(serve_write, txn, path, value);
}

static void serve_remove(struct world *w, struct call *c)
{
    c->result = w->store.store.ops->remove(&w->store.store, c->txn, c->path);
}

static int remove_node(struct store *s, uint32_t txn, const char *path)
{
    (void)s;
    return path_call(serve_remove, txn, path, "");
}

static void serve_list(struct world *w, struct call *c)
{
    char **names;
    size_t i;

    c->result = w->store.store.ops->list(&w->store.store, c->txn, w->arena,
                                         c->path, &names, &c->count);
    if (c->count > NAMES_AT_MOST)
        abort();
    for (i = 0; i < c->count; i++)
        copy(c->names[i], sizeof(c->names[i]), names[i]);
}

static int list_nodes(struct store *s, uint32_t txn, struct arena *arena,
                      const char *path, char ***names, size_t *count)
{
    int r = path_call(serve_list, txn, path, "");
    size_t i;

    (void)s;
    *count = call->count;
    *names = arena_alloc(arena, (*count + 1) * sizeof(**names));
    for (i = 0; i < *count; i++)
        (*names)[i] = arena_strdup(arena, call->names[i]);
    return r;
}

static const struct store_ops traced_store = {
    .begin = begin, .end = end_txn, .read = read_node, .write = write_node,
    .remove = remove_node, .list = list_nodes,
};

static void serve_sysfs(struct world *w, struct call *c)
{
    c->result = w->sysfs.ops->write(&w->sysfs, c->path, c->text);
}

static int write_sysfs(struct sysfs *sysfs, const char *path,
                       const char *text)
{
    (void)sysfs;
    return path_call(serve_sysfs, 0, path, text);
}

static const struct sysfs_ops traced_sysfs = { .write = write_sysfs };

static void serve_domains(struct world *w, struct call *c)
{
    struct domain *domains;

    c->result = w->xen.ops->domains(&w->xen, w->arena, &domains, &c->count);
    memcpy(c->domains, domains, sizeof(c->domains));
}

static int domains(struct xen *x, struct arena *arena,
                   struct domain **out, size_t *count)
{
    int r = do_call(serve_domains);

    (void)x;
    *count = call->count;
    *out = arena_alloc(arena, sizeof(call->domains));
    memcpy(*out, call->domains, sizeof(call->domains));
    return r;
}

static void serve_test_assign(struct world *w, struct call *c)
{
    c->result = w->xen.ops->test_assign(&w->xen, &c->bdf);
}

static int test_assign(struct xen *x, const struct bdf *bdf)
{
    (void)x;
    call->bdf = *bdf;
    return do_call(serve_test_assign);
}

static void serve_group(struct world *w, struct call *c)
{
    struct group_member *members;

    c->result = w->xen.ops->group(&w->xen, w->arena, &c->bdf, &members,
                                  &c->count);
    memcpy(c->members, members, sizeof(c->members));
}

static int group(struct xen *x, struct arena *arena, const struct bdf *bdf,
                 struct group_member **members, size_t *count)
{
    int r;

    (void)x;
    call->bdf = *bdf;
    r = do_call(serve_group);
    *count = call->count;
    *members = arena_alloc(arena, sizeof(call->members));
    memcpy(*members, call->members, sizeof(call->members));
    return r;
}

static void serve_quarantine(struct world *w, struct call *c)
{
    c->result = w->xen.ops->quarantine(&w->xen, &c->bdf, c->flag);
}

static int quarantine(struct xen *x, const struct bdf *bdf, bool on)
{
    (void)x;
    call->bdf = *bdf;
    call->flag = on;
    return do_call(serve_quarantine);
}

static const struct xen_ops traced_xen = {
    .domains = domains, .test_assign = test_assign, .group = group,
    .quarantine = quarantine,
};

static void serve_state(struct world *w, struct call *c)
{
    c->result = w->net.ops->state(&w->net, c->path, &c->state);
}

static int state(struct net *net, const char *interface,
                 struct net_state *out)
{
    int r = path_call(serve_state, 0, interface, "");

    (void)net;
    *out = call->state;
    return r;
}

static void serve_mtu(struct world *w, struct call *c)
{
    c->result = w->net.ops->mtu(&w->net, c->path, &c->mtu);
}

static int mtu(struct net *net, const char *interface, struct net_mtu *out)
{
    int r = path_call(serve_mtu, 0, interface, "");

    (void)net;
    *out = call->mtu;
    return r;
}

static void serve_vf_settings(struct world *w, struct call *c)
{
    c->result = w->net.ops->vf_settings(&w->net, c->path, c->index,
                                        &c->settings);
}

static int vf_settings(struct net *net, const char *interface,
                       unsigned index, struct vf_settings *settings)
{
    int r;

    (void)net;
    call->index = index;
    r = path_call(serve_vf_settings, 0, interface, "");
    *settings = call->settings;
    return r;
}

static void serve_vf_set(struct world *w, struct call *c)
{
    c->result = w->net.ops->vf_set(&w->net, c->path, c->index, c->what,
                                   &c->settings);
}

static int vf_set(struct net *net, const char *interface, unsigned index,
                  enum vf_setting what, const struct vf_settings *settings)
{
    (void)net;
    call->index = index;
    call->what = what;
    call->settings = *settings;
    return path_call(serve_vf_set, 0, interface, "");
}

static const struct net_ops traced_net = {
    .state = state, .mtu = mtu, .vf_settings = vf_settings, .vf_set = vf_set,
};

static void die(const char *what)
{
    perror(what);
    abort();
}

/* In the new process, until it is killed or ends with the verb's rc. */
static void run_traced(struct world *w, verb_function *verb,
                       const char *request)
{
    char *answer, *error;
    int rc;

    w->store.store.ops = &traced_store;
    w->sysfs.ops = &traced_sysfs;
    w->xen.ops = &traced_xen;
    w->net.ops = &traced_net;
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) || raise(SIGSTOP))
        die("ptrace");
    rc = world_run(w, verb, request, NULL, false, &answer, &error);
    if (rc)
        fprintf(stderr, "# rc %d: %s %s\n", rc, answer ? answer : "",
                error ? error : "");
    _exit(rc);
}

/* False: it has ended, with *status. */
static bool next_call(pid_t pid, struct ptrace_syscall_info *info,
                      int *status)
{
    do {
        if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) ||
            waitpid(pid, status, 0) != pid)
            die("ptrace");
        if (!WIFSTOPPED(*status))
            return false;
        if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(*info), info) < 0)
            die("ptrace");
    } while (info->op != PTRACE_SYSCALL_INFO_ENTRY);
    return true;
}

static void end(pid_t pid, int *status)
{
    kill(pid, SIGKILL);
    if (waitpid(pid, status, 0) != pid)
        die("waitpid");
}

/* True if it came to the call number `at`. */
static bool follow(struct world *w, pid_t pid, long at,
                   const struct traced_pause *pause, int *status)
{
    struct ptrace_syscall_info info;
    bool came = false;

    while (next_call(pid, &info, status)) {
        if (!--at) {
            came = true;
            if (pause->meanwhile)
                pause->meanwhile(w);
            if (pause->kill) {
                end(pid, status);
                return true;
            }
        }
        if (info.entry.nr == CALL)
            call->serve(w, call);
    }
    return came;
}

bool traced_run(struct world *w, verb_function *verb, const char *request,
                long at, int *rc)
{
    const struct traced_pause pause = { .kill = true };

    return traced_run_paused(w, verb, request, at, &pause, rc);
}

bool traced_run_paused(struct world *w, verb_function *verb,
                       const char *request, long at,
                       const struct traced_pause *pause, int *rc)
{
    bool came;
    int status;
    pid_t pid;

    call = mmap(NULL, sizeof(*call), PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (call == MAP_FAILED)
        die("mmap");
    pid = fork();
    if (!pid)
        run_traced(w, verb, request);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
        ptrace(PTRACE_SETOPTIONS, pid, NULL,
               PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD))
        die("ptrace");
    came = follow(w, pid, at, pause, &status);
    munmap(call, sizeof(*call));
    if (!WIFEXITED(status) && !(came && pause->kill))
        die("the traced process crashed");
    *rc = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return came;
}
