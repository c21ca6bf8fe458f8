/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "checks/facts.h"

#define NUMBER(identifier) { #identifier, FACT_NUMBER },
#define TEXT(identifier) { #identifier, FACT_TEXT },
const struct fact_name host_fact_names[HOST_FACTS] = {
#include "checks/facts.def"
};
const struct fact_name guest_fact_names[GUEST_FACTS] = {
#include "checks/guest_facts.def"
};
#undef NUMBER
#undef TEXT

struct fact fact_number(long long number)
{
    return (struct fact){ .kind = FACT_NUMBER, .number = number };
}

struct fact fact_text(const char *text)
{
    return (struct fact){ .kind = FACT_TEXT, .text = text };
}

struct fact fact_unknown(const char *why)
{
    return (struct fact){ .kind = FACT_UNKNOWN, .text = why };
}

const struct pool_fact *facts_pool(const struct host_facts *facts,
                                   const char *name)
{
    size_t i;

    for (i = 0; i < facts->pool_count; i++)
        if (!strcmp(facts->pools[i].name, name))
            return &facts->pools[i];
    return NULL;
}

const struct interface_fact *facts_interface(const struct host_facts *facts,
                                             const char *name)
{
    size_t i;

    for (i = 0; i < facts->interface_count; i++)
        if (!strcmp(facts->interfaces[i].name, name))
            return &facts->interfaces[i];
    return NULL;
}

const struct disk_fact *facts_disk(const struct host_facts *facts,
                                   const char *path)
{
    size_t i;

    for (i = 0; i < facts->disk_count; i++)
        if (!strcmp(facts->disks[i].path, path))
            return &facts->disks[i];
    return NULL;
}

size_t facts_words(const char *list, const char *word)
{
    size_t len, count = 0;

    for (list += strspn(list, " "); *list; list += strspn(list, " ")) {
        len = strcspn(list, " ");
        if (len == strlen(word) && !strncmp(list, word, len))
            count++;
        list += len;
    }
    return count;
}
