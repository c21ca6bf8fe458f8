/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "look.h"
#include "shadow.h"
#include "state.h"
#include "table.h"

#define PROGRAM "shadowport-settings"

static int complain(const char *what, int error)
{
    fprintf(stderr, PROGRAM ": %s: %s\n", what, strerror(error));
    return 1;
}

static int connect_kernel(struct ethnl **nl)
{
    int r = ethnl_open(nl);

    return r ? complain("this kernel's ethtool netlink", r) : 0;
}

static int do_look(int argc, char **argv)
{
    struct ethnl *nl;
    int r;

    if (connect_kernel(&nl))
        return 1;
    r = look(nl, GROUPS_ALL);
    ethnl_close(nl);
    return r ? complain(STATE_RUN, r) : 0;
}

/* ---- watching */

#define POLL_MS 5000            /* for what nobody tells */
#define CALM_MS 100             /* many events are one look */

static long long now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void sleep_ms(long ms)
{
    struct timespec t = { .tv_nsec = ms * 1000000 };

    nanosleep(&t, NULL);
}

enum { TOLD_SETTINGS, TOLD_LINKS, TOLD };

/* Which groups are to be looked at. A link that comes: none, but at the card. */
static groups_t wait_event(struct pollfd *fds, long long until)
{
    groups_t groups = 0;
    long long left;
    int n, i;

    do {
        left = until - now_ms();
        n = left > 0 ? poll(fds, TOLD, left) : 0;
    } while (n < 0 && errno == EINTR);
    for (i = 0; n > 0 && i < TOLD; i++)
        if (fds[i].revents)
            groups |= ethnl_drain(fds[i].fd, i == TOLD_SETTINGS);
    if (now_ms() >= until)
        groups |= groups_quiet();
    return groups;
}

static void watch(struct ethnl *nl, struct pollfd *fds)
{
    groups_t groups = GROUPS_ALL;
    long long next = now_ms();
    int r, last = 0;

    for (;;) {
        r = look(nl, groups);
        if (r && r != last)
            complain(STATE_RUN, r);
        last = r;
        if (now_ms() >= next)
            next = now_ms() + POLL_MS;
        sleep_ms(CALM_MS);
        groups = wait_event(fds, next);
    }
}

static int do_watch(int argc, char **argv)
{
    struct pollfd fds[TOLD];
    struct ethnl *nl;
    int i;

    if (connect_kernel(&nl))
        return 1;
    /* Before the first look: nothing is missed between. */
    fds[TOLD_SETTINGS].fd = ethnl_monitor(nl);
    fds[TOLD_LINKS].fd = ethnl_monitor_links();
    for (i = 0; i < TOLD; i++) {
        fds[i].events = POLLIN;
        if (fds[i].fd < 0)
            return complain("listening to the kernel", -fds[i].fd);
    }
    watch(nl, fds);
    return 0;
}

/* ---- what is kept */

/* Calls it for the shadow devices that are meant; without a name, for all. */
static int for_shadows(const char *name, int (*run)(const char *id, void *arg),
                       void *arg)
{
    int lock = state_lock(), r = 0;
    struct shadow *shadows;
    size_t count, i, found = 0;

    if (lock < 0)
        return complain(STATE_RUN, -lock);
    count = shadows_find(&shadows);
    for (i = 0; i < count; i++) {
        if ((name && strcmp(name, shadows[i].name)) ||
            !state_id_is_good(shadows[i].id))
            continue;
        found++;
        r |= run(shadows[i].id, arg);
    }
    shadows_free(shadows, count);
    state_unlock(lock);
    if (name && !found)
        return complain(name, ENODEV);
    return r;
}

static int show(const char *id, void *arg)
{
    struct state *state = state_load(id);
    size_t i;

    for (i = 0; i < state->kept.count; i++)
        printf("%s %s %s\n", id, state->kept.settings[i].name,
               state->kept.settings[i].value);
    state_free(state);
    return 0;
}

static int do_show(int argc, char **argv)
{
    return for_shadows(argc ? argv[0] : NULL, show, NULL);
}

static int save(const char *id, void *arg)
{
    struct state *state = state_load(id);
    int r = state_save(id, state);

    state_free(state);
    return r ? complain(STATE_LIB, r) : 0;
}

static int do_save(int argc, char **argv)
{
    return for_shadows(argc ? argv[0] : NULL, save, NULL);
}

static int forget(const char *id, void *arg)
{
    struct state *state = state_load(id);
    char **names = arg;
    int r;

    if (!*names)
        list_free(&state->kept);
    for (; *names; names++)
        list_drop(&state->kept, *names);
    r = state_store(id, state);
    state_free(state);
    return r ? complain(STATE_RUN, r) : 0;
}

static int do_forget(int argc, char **argv)
{
    return for_shadows(argv[0], forget, argv + 1);
}

static int do_list(int argc, char **argv)
{
    size_t i, j;

    for (i = 0; i < table_groups; i++)
        for (j = 0; j < table[i].count; j++)
            printf("%-28s %s\n", table[i].rows[j].name, table[i].name);
    return 0;
}

/* ---- verbs */

static const struct verb {
    const char *name, *arguments, *help;
    int min, max;               /* arguments; max < 0: any */
    int (*run)(int argc, char **argv);
} verbs[] = {
    { "watch", "", "look whenever something happens", 0, 0, do_watch },
    { "look", "", "look once: tell new cards, keep changes", 0, 0, do_look },
    { "show", "[SHADOW]", "what is kept", 0, 1, do_show },
    { "save", "[SHADOW]", "keep it after a reboot, too", 0, 1, do_save },
    { "forget", "SHADOW [NAME]...", "keep it no more", 1, -1, do_forget },
    { "list", "", "which settings are carried", 0, 0, do_list },
};

static int usage(FILE *to, int status)
{
    size_t i;

    fputs("Usage: " PROGRAM " VERB\n"
          "Carries the settings of a card to the next one below a shadow "
          "device.\n\n", to);
    for (i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
        fprintf(to, "  %-7s %-18s %s\n", verbs[i].name, verbs[i].arguments,
                verbs[i].help);
    return status;
}

int main(int argc, char **argv)
{
    size_t i;

    if (argc < 2)
        return usage(stderr, 2);
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return usage(stdout, 0);
    for (i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
        const struct verb *verb = &verbs[i];

        if (strcmp(argv[1], verb->name))
            continue;
        if (argc - 2 < verb->min || (verb->max >= 0 && argc - 2 > verb->max))
            return usage(stderr, 2);
        return verb->run(argc - 2, argv + 2);
    }
    return usage(stderr, 2);
}
