/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings of a VF as keys of a JSON object: of a record's `vf`, and of the
 * node that reserve() writes. */
#ifndef BROKER_VF_JSON_H
#define BROKER_VF_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <yajl/yajl_gen.h>

struct arena;
struct place;
struct reader;
struct vf_settings;

/* Missing keys are defaults and not `known`. RC_OK or RC_BAD_REQUEST. */
int vf_json_read(const struct reader *r, const struct place *at,
                 struct vf_settings *settings);
/* The same without a MAC, and no key is mandatory: `qos` and `vlan_proto`
 * belong to `vlan`. */
int vf_json_read_some(const struct reader *r, const struct place *at,
                      struct vf_settings *settings);
/* mac, vlan and qos; of the rest those that are known. */
void vf_json_emit(struct arena *arena, yajl_gen gen,
                  const struct vf_settings *settings);

/* As xx:xx:xx:xx:xx:xx; NULL if it is zero. */
const char *vf_mac_text(struct arena *arena, const uint8_t *mac);
/* False: not in that form. */
bool vf_mac_parse(const char *text, uint8_t *mac);

#endif
