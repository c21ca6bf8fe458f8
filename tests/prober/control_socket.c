/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "control_socket.h"

int control_socket_open(const char *path, struct sockaddr_un *at, int flags)
{
    memset(at, 0, sizeof(*at));
    at->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof(at->sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(at->sun_path, path);
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
}
