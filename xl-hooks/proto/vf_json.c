/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "base/words.h"
#include "json/json.h"
#include "json/reader.h"
#include "proto/vf_json.h"
#include "proto/vf_settings.h"

static const struct reader_word protocols[] = {
    { "802.1q", VF_8021Q }, { "802.1ad", VF_8021AD }, { NULL, 0 },
};

static const struct reader_word links[] = {
    { "auto", VF_LINK_AUTO }, { "enable", VF_LINK_ENABLE },
    { "disable", VF_LINK_DISABLE }, { NULL, 0 },
};

bool vf_mac_parse(const char *text, uint8_t *mac)
{
    unsigned b[6];
    int i;

    if (!word_is_mac(text) ||
        sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", &b[0], &b[1], &b[2], &b[3],
               &b[4], &b[5]) != 6)
        return false;
    for (i = 0; i < 6; i++)
        mac[i] = (uint8_t)b[i];
    return true;
}

const char *vf_mac_text(struct arena *arena, const uint8_t *mac)
{
    static const uint8_t none[6];

    if (!memcmp(mac, none, sizeof(none)))
        return NULL;
    return arena_printf(arena, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
                        mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static bool has(const struct place *at, const char *key)
{
    return json_get(at->json, key) != NULL;
}

static int read_words(const struct reader *r, const struct place *at,
                      struct vf_settings *s)
{
    int rc, word;

    if (has(at, "vlan_proto")) {
        rc = reader_word(r, at, "vlan_proto", protocols, &word);
        if (rc)
            return rc;
        s->vlan_proto = (unsigned)word;
    }
    if (has(at, "link_state")) {
        rc = reader_word(r, at, "link_state", links, &word);
        if (rc)
            return rc;
        s->link_state = word;
        s->known |= 1u << VF_LINK_STATE;
    }
    return RC_OK;
}

static int read_flags(const struct reader *r, const struct place *at,
                      struct vf_settings *s)
{
    int rc;

    rc = reader_bool(r, at, "spoofchk", OPTIONAL, &s->spoofchk);
    if (rc)
        return rc;
    if (has(at, "spoofchk"))
        s->known |= 1u << VF_SPOOFCHK;
    rc = reader_bool(r, at, "trust", OPTIONAL, &s->trust);
    if (!rc && has(at, "trust"))
        s->known |= 1u << VF_TRUST;
    return rc;
}

static int read_rates(const struct reader *r, const struct place *at,
                      struct vf_settings *s)
{
    long long min = 0, max = 0;
    int rc;

    rc = reader_integer(r, at, "min_tx_rate", OPTIONAL, 0, UINT32_MAX, &min);
    if (rc)
        return rc;
    rc = reader_integer(r, at, "max_tx_rate", OPTIONAL, 0, UINT32_MAX, &max);
    if (rc)
        return rc;
    s->min_tx_rate = (uint32_t)min;
    s->max_tx_rate = (uint32_t)max;
    if (has(at, "min_tx_rate") || has(at, "max_tx_rate"))
        s->known |= 1u << VF_RATE;
    return RC_OK;
}

static int read_vlan(const struct reader *r, const struct place *at,
                     enum presence presence, struct vf_settings *s)
{
    long long vlan = 0, qos = 0;
    int rc;

    rc = reader_integer(r, at, "vlan", presence, 0, 4095, &vlan);
    if (rc)
        return rc;
    rc = reader_integer(r, at, "qos", presence, 0, 7, &qos);
    if (rc)
        return rc;
    s->vlan = (unsigned)vlan;
    s->qos = (unsigned)qos;
    if (has(at, "vlan"))
        s->known |= 1u << VF_VLAN;
    else if (has(at, "qos") || has(at, "vlan_proto"))
        return reader_fail(r, at->json, "%s has qos or vlan_proto and no "
                           "vlan", at->path);
    return RC_OK;
}

static int read_rest(const struct reader *r, const struct place *at,
                     struct vf_settings *settings)
{
    int rc = read_words(r, at, settings);

    if (!rc)
        rc = read_flags(r, at, settings);
    return rc ? rc : read_rates(r, at, settings);
}

int vf_json_read_some(const struct reader *r, const struct place *at,
                      struct vf_settings *settings)
{
    int rc;

    *settings = vf_defaults();
    rc = read_vlan(r, at, OPTIONAL, settings);
    return rc ? rc : read_rest(r, at, settings);
}

int vf_json_read(const struct reader *r, const struct place *at,
                 struct vf_settings *settings)
{
    const char *mac;
    int rc;

    *settings = vf_defaults();
    rc = reader_text(r, at, "mac", NULLABLE, word_is_mac, "a MAC address",
                     &mac);
    if (rc) goto out;
    if (mac)
        vf_mac_parse(mac, settings->mac);
    settings->known |= 1u << VF_MAC;
    rc = read_vlan(r, at, MANDATORY, settings);
    if (rc) goto out;
    rc = read_rest(r, at, settings);
out:
    return rc;
}

static const char *word_of(const struct reader_word *words, int value)
{
    while (words->value != value)
        words++;
    return words->word;
}

void vf_json_emit(struct arena *arena, yajl_gen gen,
                  const struct vf_settings *s)
{
    json_emit_string(gen, "mac", vf_mac_text(arena, s->mac));
    json_emit_number(gen, "vlan", s->vlan);
    json_emit_number(gen, "qos", s->qos);
    if (VF_KNOWS(s, VF_VLAN))
        json_emit_string(gen, "vlan_proto",
                         word_of(protocols, (int)s->vlan_proto));
    if (VF_KNOWS(s, VF_SPOOFCHK))
        json_emit_bool(gen, "spoofchk", s->spoofchk);
    if (VF_KNOWS(s, VF_TRUST))
        json_emit_bool(gen, "trust", s->trust);
    if (VF_KNOWS(s, VF_LINK_STATE))
        json_emit_string(gen, "link_state",
                         word_of(links, (int)s->link_state));
    if (!VF_KNOWS(s, VF_RATE))
        return;
    json_emit_number(gen, "min_tx_rate", s->min_tx_rate);
    json_emit_number(gen, "max_tx_rate", s->max_tx_rate);
}
