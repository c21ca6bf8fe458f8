/* SPDX-License-Identifier: GPL-2.0-only */
/* sp-probe-guest: the guest role alone, to be linked statically. */
#include "guest.h"

int main(int argc, char **argv)
{
    return guest_main(argc, argv);
}
