/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings of VFs: what differs, what may fail, and the netlink messages. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/broker.h"
#include "host/net.h"
#include "host/vf_message.h"
#include "lease/vf_node.h"
#include "proto/vf_settings.h"
#include "proto/vf_text.h"

#define ALL_KNOWN ((1u << VF_SETTINGS) - 1)

static struct vf_settings unusual(void)
{
    return (struct vf_settings){
        .mac = { 2, 3, 4, 5, 6, 7 }, .vlan = 42, .qos = 3,
        .vlan_proto = VF_8021AD, .spoofchk = false, .trust = true,
        .link_state = VF_LINK_DISABLE, .min_tx_rate = 10,
        .max_tx_rate = 100, .known = ALL_KNOWN,
    };
}

static void test_differences(void **state)
{
    struct vf_settings want = unusual(), have = vf_defaults();
    struct arena *arena = arena_new();
    int what;

    (void)state;
    have.known = ALL_KNOWN;
    for (what = 0; what < VF_SETTINGS; what++) {
        assert_true(vf_differs(&want, &have, what));
        assert_false(vf_differs(&want, &want, what));
        assert_true(vf_is_default(&have, what));
        assert_false(vf_is_default(&want, what));
        assert_string_not_equal(vf_text(arena, &want, what),
                                vf_text(arena, &have, what));
    }
    arena_free(arena);
    /* what the driver does not tell is a default, and only that */
    have.known = 0;
    have.trust = true;
    want.trust = false;
    assert_false(vf_differs(&want, &have, VF_TRUST));
    assert_true(vf_differs(&want, &have, VF_VLAN));
    /* the protocol of no tag is none */
    want = have = vf_defaults();
    have.known = ALL_KNOWN;
    have.vlan_proto = VF_8021AD;
    assert_false(vf_differs(&want, &have, VF_VLAN));
    have.qos = 1;
    assert_true(vf_differs(&want, &have, VF_VLAN));
}

static void test_what_may_fail(void **state)
{
    struct vf_settings want = unusual(), none = vf_defaults();
    int what;

    (void)state;
    for (what = 0; what < VF_SETTINGS; what++) {
        assert_false(vf_may_fail(&want, what, EOPNOTSUPP));
        assert_int_equal(vf_may_fail(&none, what, EOPNOTSUPP),
                         what != VF_VLAN);
        assert_int_equal(vf_may_fail(&none, what, EIO), what == VF_MAC);
    }
}

static void test_what_needs_a_pf(void **state)
{
    struct vf_settings s = vf_defaults();

    (void)state;
    s.mac[0] = 2;
    s.trust = true;
    s.spoofchk = false;
    assert_null(vf_needs_pf(&s));
    s.max_tx_rate = 1;
    assert_non_null(strstr(vf_needs_pf(&s), "rate"));
    s.link_state = VF_LINK_ENABLE;
    assert_non_null(strstr(vf_needs_pf(&s), "link state"));
    s.qos = 1;
    assert_non_null(strstr(vf_needs_pf(&s), "VLAN"));
}

/* A kernel's answer, as rtnl_fill_vfinfo() lays it out. */
static struct nl_msg *answer(const struct vf_settings *s, unsigned index)
{
    struct ifinfomsg info = { .ifi_index = 7 };
    struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWLINK, 0);
    struct ifla_vf_mac mac = { .vf = index };
    struct ifla_vf_vlan vlan = { index, s->vlan, s->qos };
    struct ifla_vf_vlan_info tag = { index, s->vlan, s->qos,
                                     htons((uint16_t)s->vlan_proto) };
    struct ifla_vf_rate rate = { index, s->min_tx_rate, s->max_tx_rate };
    struct ifla_vf_spoofchk spoof = { index, s->spoofchk };
    struct ifla_vf_trust trust = { index, s->trust };
    struct ifla_vf_link_state link = { index, s->link_state };
    struct nlattr *list, *vf, *vlans;

    memcpy(mac.mac, s->mac, sizeof(s->mac));
    nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO);
    nla_put_string(msg, IFLA_IFNAME, "eth1");
    list = nla_nest_start(msg, IFLA_VFINFO_LIST);
    vf = nla_nest_start(msg, IFLA_VF_INFO);
    nla_put(msg, IFLA_VF_MAC, sizeof(mac), &mac);
    nla_put(msg, IFLA_VF_VLAN, sizeof(vlan), &vlan);
    nla_put(msg, IFLA_VF_RATE, sizeof(rate), &rate);
    if (s->known & 1u << VF_SPOOFCHK)
        nla_put(msg, IFLA_VF_SPOOFCHK, sizeof(spoof), &spoof);
    trust.setting = s->known & 1u << VF_TRUST ? trust.setting : ~0u;
    nla_put(msg, IFLA_VF_TRUST, sizeof(trust), &trust);
    nla_put(msg, IFLA_VF_LINK_STATE, sizeof(link), &link);
    if (s->vlan_proto != VF_8021Q) {
        vlans = nla_nest_start(msg, IFLA_VF_VLAN_LIST);
        nla_put(msg, IFLA_VF_VLAN_INFO, sizeof(tag), &tag);
        nla_nest_end(msg, vlans);
    }
    nla_nest_end(msg, vf);
    nla_nest_end(msg, list);
    return msg;
}

static void assert_same(const struct vf_settings *a,
                        const struct vf_settings *b)
{
    struct vf_settings all = *b;
    int what;

    all.known = ALL_KNOWN;
    for (what = 0; what < VF_SETTINGS; what++)
        if (vf_differs(a, &all, what))
            fail_msg("setting %d differs", what);
}

static void test_read(void **state)
{
    struct vf_settings want = unusual(), have;
    struct nl_msg *msg = answer(&want, 3);

    (void)state;
    assert_int_equal(vf_message_read(nlmsg_hdr(msg), 3, &have), 0);
    assert_same(&want, &have);
    assert_int_equal(have.known, ALL_KNOWN);
    assert_int_equal(vf_message_read(nlmsg_hdr(msg), 2, &have), ENOENT);
    nlmsg_free(msg);
    /* an older kernel: no list of VLANs; a driver that says less */
    want.vlan_proto = VF_8021Q;
    want.spoofchk = true;
    want.trust = false;
    want.known &= ~(1u << VF_SPOOFCHK | 1u << VF_TRUST);
    msg = answer(&want, 0);
    assert_int_equal(vf_message_read(nlmsg_hdr(msg), 0, &have), 0);
    assert_same(&want, &have);
    assert_int_equal(have.known, want.known);
    nlmsg_free(msg);
}

/* Cut anywhere, with any byte of a length changed: an error or less, never
 * a read beyond the end (the sanitizers look). */
static void test_strange_lengths(void **state)
{
    struct vf_settings want = unusual(), have;
    struct nl_msg *msg = answer(&want, 0);
    struct nlmsghdr *whole = nlmsg_hdr(msg), *copy;
    uint32_t len, at, broken = 0;
    int value;

    (void)state;
    for (len = sizeof(*whole); len < whole->nlmsg_len; len++) {
        copy = malloc(len);
        memcpy(copy, whole, len);
        copy->nlmsg_len = len;
        assert_int_not_equal(vf_message_read(copy, 0, &have), 0);
        free(copy);
    }
    len = whole->nlmsg_len;
    for (at = sizeof(*whole) + sizeof(struct ifinfomsg); at < len; at++) {
        for (value = 0; value < 256; value += 5) {
            copy = malloc(len);
            memcpy(copy, whole, len);
            ((uint8_t *)copy)[at] = (uint8_t)value;
            if (vf_message_read(copy, 0, &have))
                broken++;
            else
                assert_true(have.vlan < 4096 && have.qos < 8 &&
                            have.link_state <= VF_LINK_DISABLE);
            free(copy);
        }
    }
    assert_true(broken > 100);
    whole->nlmsg_type = RTM_NEWROUTE;
    assert_int_equal(vf_message_read(whole, 0, &have), EBADMSG);
    nlmsg_free(msg);
}

/* A structure shorter than the one we know is not read half. */
static void test_short_structures(void **state)
{
    static const int types[] = {
        IFLA_VF_MAC, IFLA_VF_VLAN, IFLA_VF_RATE, IFLA_VF_SPOOFCHK,
        IFLA_VF_TRUST, IFLA_VF_LINK_STATE,
    };
    const struct ifla_vf_mac mac = { .vf = 0 };
    const struct ifinfomsg info = { .ifi_index = 7 };
    struct nlattr *list, *vf;
    struct vf_settings have;
    struct nl_msg *msg;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
        msg = nlmsg_alloc_simple(RTM_NEWLINK, 0);
        nlmsg_append(msg, (void *)&info, sizeof(info), NLMSG_ALIGNTO);
        list = nla_nest_start(msg, IFLA_VFINFO_LIST);
        vf = nla_nest_start(msg, IFLA_VF_INFO);
        if (types[i] != IFLA_VF_MAC)
            nla_put(msg, IFLA_VF_MAC, sizeof(mac), &mac);
        nla_put(msg, types[i], 4, &mac);
        nla_nest_end(msg, vf);
        nla_nest_end(msg, list);
        assert_int_equal(vf_message_read(nlmsg_hdr(msg), 0, &have), EBADMSG);
        nlmsg_free(msg);
    }
}

/* The attribute of the one VF in a message of ours. */
static const void *setting_of(struct nl_msg *msg, int type, size_t size)
{
    struct nlattr *attr;

    /* as ip-link(8) does it; and it makes no interface that is not there */
    assert_int_equal(nlmsg_hdr(msg)->nlmsg_type, RTM_NEWLINK);
    assert_false(nlmsg_hdr(msg)->nlmsg_flags & NLM_F_CREATE);
    assert_true(nlmsg_hdr(msg)->nlmsg_flags & NLM_F_ACK);
    attr = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(struct ifinfomsg),
                           IFLA_IFNAME);
    assert_string_equal(nla_get_string(attr), "eth1");
    attr = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(struct ifinfomsg),
                           IFLA_VFINFO_LIST);
    attr = nla_find(nla_data(attr), nla_len(attr), IFLA_VF_INFO);
    attr = nla_find(nla_data(attr), nla_len(attr), type);
    assert_non_null(attr);
    if (type == IFLA_VF_VLAN_LIST)
        attr = nla_find(nla_data(attr), nla_len(attr), IFLA_VF_VLAN_INFO);
    assert_int_equal(nla_len(attr), size);
    return nla_data(attr);
}

static void test_set(void **state)
{
    struct vf_settings s = unusual();
    const struct ifla_vf_vlan_info *vlan;
    const struct ifla_vf_spoofchk *number;
    const struct ifla_vf_vlan *tag;
    const struct ifla_vf_rate *rate;
    const struct ifla_vf_mac *mac;
    struct nl_msg *msg;
    static const struct { enum vf_setting what; int type; uint32_t value; }
    numbers[] = {
        { VF_SPOOFCHK, IFLA_VF_SPOOFCHK, 0 },
        { VF_TRUST, IFLA_VF_TRUST, 1 },
        { VF_LINK_STATE, IFLA_VF_LINK_STATE, IFLA_VF_LINK_STATE_DISABLE },
    };
    size_t i;

    (void)state;
    msg = vf_message_set("eth1", 5, VF_MAC, &s);
    mac = setting_of(msg, IFLA_VF_MAC, sizeof(*mac));
    assert_int_equal(mac->vf, 5);
    assert_memory_equal(mac->mac, s.mac, 6);
    nlmsg_free(msg);
    msg = vf_message_set("eth1", 5, VF_VLAN, &s);
    vlan = setting_of(msg, IFLA_VF_VLAN_LIST, sizeof(*vlan));
    assert_true(vlan->vf == 5 && vlan->vlan == 42 && vlan->qos == 3);
    assert_int_equal(ntohs(vlan->vlan_proto), 0x88a8);
    nlmsg_free(msg);
    s.vlan_proto = VF_8021Q;
    msg = vf_message_set("eth1", 5, VF_VLAN, &s);
    tag = setting_of(msg, IFLA_VF_VLAN, sizeof(*tag));
    assert_true(tag->vf == 5 && tag->vlan == 42 && tag->qos == 3);
    nlmsg_free(msg);
    msg = vf_message_set("eth1", 5, VF_RATE, &s);
    rate = setting_of(msg, IFLA_VF_RATE, sizeof(*rate));
    assert_true(rate->vf == 5 && rate->min_tx_rate == 10 &&
                rate->max_tx_rate == 100);
    nlmsg_free(msg);
    for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        msg = vf_message_set("eth1", 5, numbers[i].what, &s);
        number = setting_of(msg, numbers[i].type, sizeof(*number));
        assert_true(number->vf == 5 && number->setting == numbers[i].value);
        nlmsg_free(msg);
    }
    assert_null(vf_message_set("sixteen-letters-", 0, VF_MAC, &s));
}

/* None is said, and not left out. */
static void test_set_none(void **state)
{
    static const uint8_t none[6];
    const struct vf_settings s = vf_defaults();
    const struct ifla_vf_spoofchk *trust;
    const struct ifla_vf_vlan *vlan;
    const struct ifla_vf_rate *rate;
    const struct ifla_vf_mac *mac;
    struct nl_msg *msg;

    (void)state;
    msg = vf_message_set("eth1", 0, VF_MAC, &s);
    mac = setting_of(msg, IFLA_VF_MAC, sizeof(*mac));
    assert_memory_equal(mac->mac, none, 6);
    nlmsg_free(msg);
    msg = vf_message_set("eth1", 0, VF_VLAN, &s);
    vlan = setting_of(msg, IFLA_VF_VLAN, sizeof(*vlan));
    assert_true(!vlan->vf && !vlan->vlan && !vlan->qos);
    nlmsg_free(msg);
    msg = vf_message_set("eth1", 0, VF_RATE, &s);
    rate = setting_of(msg, IFLA_VF_RATE, sizeof(*rate));
    assert_true(!rate->min_tx_rate && !rate->max_tx_rate);
    nlmsg_free(msg);
    msg = vf_message_set("eth1", 0, VF_TRUST, &s);
    trust = setting_of(msg, IFLA_VF_TRUST, sizeof(*trust));
    assert_int_equal(trust->setting, 0);
    nlmsg_free(msg);
}

/* The kernel itself, as far as a machine without VFs has answers. Twice, as
 * an answer left in the socket would be taken for the next one's. */
static void test_real_kernel(void **state)
{
    struct vf_settings s = vf_defaults();
    struct net_netlink nl;
    struct net_mtu mtu;
    int i, r;

    (void)state;
    net_netlink_init(&nl);
    for (i = 0; i < 2; i++) {
        assert_int_equal(net_netlink_mtu(&nl.net, "lo", &mtu), 0);
        assert_true(mtu.now >= 68);
        assert_int_equal(net_netlink_mtu(&nl.net, "no-such-if", &mtu),
                         ENODEV);
        assert_int_equal(net_netlink_vf_settings(&nl.net, "lo", 0, &s),
                         ENOENT);
        assert_int_equal(net_netlink_vf_settings(&nl.net, "no-such-if", 0,
                                                 &s), ENODEV);
        r = net_netlink_vf_set(&nl.net, "lo", 0, VF_MAC, &s);
        assert_true(r == EPERM || r == EOPNOTSUPP);
        r = net_netlink_vf_set(&nl.net, "no-such-if", 0, VF_TRUST, &s);
        assert_true(r == EPERM || r == ENODEV);
    }
    net_netlink_dispose(&nl);
}

static void test_note(void **state)
{
    struct broker b = { .arena = arena_new() };
    struct vf_node note = { .made = true,
                            .settings = unusual(),
                            .before = unusual() },
                   again;
    static const char *const broken[] = {
        "", "{", "{}", "{\"version\":2,\"made\":true}",
        "{\"version\":1,\"made\":false,\"mac\":null,\"vlan\":9999,"
        "\"qos\":0}", "{\"version\":1,\"made\":false,\"mac\":null,"
        "\"vlan\":1,\"qos\":0,\"link_state\":\"up\"}",
        "{\"version\":1,\"made\":false,\"found_by\":\"me\",\"mac\":null,"
        "\"vlan\":1,\"qos\":0}",
    };
    char *text = vf_node_text(&b, &note);
    size_t i;

    (void)state;
    vf_node_parse(&b, text, strlen(text), &again);
    assert_true(again.made);
    assert_null(again.found_by);
    assert_same(&note.settings, &again.settings);
    assert_same(&note.before, &again.before);
    note.made = false;
    note.found_by = "7b1f2c44-5a0e-4f57-8b3e-2f6f0d4f9e11";
    text = vf_node_text(&b, &note);
    vf_node_parse(&b, text, strlen(text), &again);
    assert_false(again.made);
    assert_string_equal(again.found_by, note.found_by);
    for (i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
        vf_node_parse(&b, broken[i], strlen(broken[i]), &again);
        assert_true(again.made);
        assert_null(again.found_by);
        assert_int_equal(again.settings.vlan, 0);
        assert_null(b.error);
    }
    arena_free(b.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_differences),
        cmocka_unit_test(test_what_may_fail),
        cmocka_unit_test(test_what_needs_a_pf),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_strange_lengths),
        cmocka_unit_test(test_short_structures),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_set_none),
        cmocka_unit_test(test_real_kernel),
        cmocka_unit_test(test_note),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("vf", tests, NULL, NULL);
}
