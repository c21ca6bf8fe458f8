/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "base/words.h"

bool word_fits(const char *s, const char *pattern)
{
    for (; *pattern; s++, pattern++) {
        if (*pattern == 'x') {
            if (!*s || !strchr("0123456789abcdef", *s))
                return false;
        } else if (*s != *pattern) {
            return false;
        }
    }
    return !*s;
}

bool word_is_uuid(const char *s)
{
    return word_fits(s, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
}

bool word_is_mac(const char *s)
{
    return word_fits(s, "xx:xx:xx:xx:xx:xx");
}

bool word_is_hex4(const char *s)
{
    return word_fits(s, "xxxx");
}

bool word_is_hex6(const char *s)
{
    return word_fits(s, "xxxxxx");
}

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

bool word_is_id(const char *s)
{
    size_t len = strlen(s);

    return len >= 1 && len <= 31 && strspn(s, ALNUM "_.-") == len &&
           strspn(s, ALNUM) >= 1;
}

bool word_is_driver(const char *s)
{
    size_t len = strlen(s);

    /* It becomes part of a sysfs path; "-" is none, see bind.h. */
    return len >= 1 && len <= 63 && strspn(s, ALNUM "_.-") == len &&
           s[0] != '.';
}

bool word_is_domain_name(const char *s)
{
    size_t i, len = strlen(s);

    if (len < 1 || len > 255)
        return false;
    for (i = 0; i < len; i++)
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f || s[i] == '/')
            return false;
    return true;
}

#define UUID_LEN 36

bool word_is_lock(const char *s)
{
    char uuid[UUID_LEN + 1];

    if (strlen(s) <= UUID_LEN)
        return false;
    memcpy(uuid, s, UUID_LEN);
    uuid[UUID_LEN] = '\0';
    return word_is_uuid(uuid) && (!strcmp(s + UUID_LEN, ".source") ||
                                  !strcmp(s + UUID_LEN, ".destination"));
}
