/* SPDX-License-Identifier: GPL-2.0-only */
/* A story as a picture. */
#ifndef BROKER_SVG_H
#define BROKER_SVG_H

struct broker;
struct story;

/* An SVG document, without the last newline. */
char *svg_draw(struct broker *b, const struct story *story);

#endif
