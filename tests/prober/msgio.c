/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "msgio.h"

static enum msg_status read_up_to(int fd, uint8_t *buf, size_t want,
                                  size_t *have)
{
    ssize_t r;

    while (*have < want) {
        r = recv(fd, buf + *have, want - *have, 0);
        if (r == 0)
            return MSGIO_EOF;
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return errno == EAGAIN ? MSGIO_PARTIAL : MSGIO_ERROR;
        *have += (size_t)r;
    }
    return MSGIO_READY;
}

static enum msg_status take_header(struct msg_in *m)
{
    if (!wire_get_header(m->raw_head, &m->head) ||
        m->head.body_len > m->max_body)
        return MSGIO_BAD;
    m->body = malloc(m->head.body_len + 1u);
    return m->body ? MSGIO_READY : MSGIO_ERROR;
}

enum msg_status msg_in_read(struct msg_in *m, int fd)
{
    enum msg_status status;
    size_t body_have;

    if (!m->body) {
        status = read_up_to(fd, m->raw_head, WIRE_HEADER_SIZE, &m->have);
        if (status == MSGIO_READY)
            status = take_header(m);
        if (status != MSGIO_READY)
            return status;
    }
    body_have = m->have - WIRE_HEADER_SIZE;
    status = read_up_to(fd, m->body, m->head.body_len, &body_have);
    m->have = body_have + WIRE_HEADER_SIZE;
    return status;
}

void msg_in_reset(struct msg_in *m)
{
    free(m->body);
    m->body = NULL;
    m->have = 0;
}

enum msg_status msg_out_write(struct msg_out *m, int fd)
{
    ssize_t r;

    while (m->done < m->size) {
        r = send(fd, m->data + m->done, m->size - m->done, MSG_NOSIGNAL);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return errno == EAGAIN ? MSGIO_PARTIAL : MSGIO_ERROR;
        m->done += (size_t)r;
    }
    return MSGIO_READY;
}

void msg_out_free(struct msg_out *m)
{
    free(m->data);
    *m = (struct msg_out){ 0 };
}

int msg_send_small(int fd, const uint8_t *message, size_t size)
{
    ssize_t r;

    do
        r = send(fd, message, size, MSG_NOSIGNAL);
    while (r < 0 && errno == EINTR);
    if (r >= 0 && (size_t)r != size)
        errno = ENOBUFS;
    return r >= 0 && (size_t)r == size ? 0 : -1;
}
