/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole protocol messages from and to a non-blocking connection. */
#ifndef SP_MSGIO_H
#define SP_MSGIO_H

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

enum msg_status {
    MSGIO_PARTIAL, /* not complete so far */
    MSGIO_READY, /* head and body are there */
    MSGIO_EOF,
    MSGIO_BAD,   /* not our protocol, or larger than allowed */
    MSGIO_ERROR, /* errno */
};

struct msg_in {
    uint32_t max_body; /* caller fills */
    struct wire_header head;
    uint8_t *body;
    /* private */
    uint8_t raw_head[WIRE_HEADER_SIZE];
    size_t have;
};

/* Reads no byte beyond the message. */
enum msg_status msg_in_read(struct msg_in *m, int fd);
void msg_in_reset(struct msg_in *m); /* before the next message */

struct msg_out {
    uint8_t *data; /* owned */
    size_t size, done;
};

/* MSGIO_READY: all was written. */
enum msg_status msg_out_write(struct msg_out *m, int fd);
void msg_out_free(struct msg_out *m);

/* A small message on a connection that surely has room for it. */
int msg_send_small(int fd, const uint8_t *message, size_t size);

#endif
