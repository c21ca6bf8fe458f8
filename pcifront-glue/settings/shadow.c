/* SPDX-License-Identifier: GPL-2.0-only */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "shadow.h"

#define NET "/sys/class/net/"

static char *attribute(const char *shadow, const char *name)
{
    char *path = text(NET "%s/shadowport/%s", shadow, name), *value = NULL;
    FILE *file = fopen(path, "re");
    size_t size = 0;

    if (file) {
        if (getline(&value, &size, file) > 0)
            value[strcspn(value, "\n")] = '\0';
        else if (value)
            *value = '\0';
        fclose(file);
    }
    free(path);
    return value ? value : text("%s", "");
}

size_t shadows_find(struct shadow **out)
{
    struct shadow *shadows = NULL;
    size_t count = 0, i;
    glob_t found;

    if (!glob(NET "*/shadowport/card", 0, NULL, &found)) {
        shadows = need(calloc(found.gl_pathc, sizeof(*shadows)));
        for (i = 0; i < found.gl_pathc; i++) {
            const char *name = found.gl_pathv[i] + strlen(NET);

            shadows[count].name = text("%.*s", (int)strcspn(name, "/"), name);
            shadows[count].id = attribute(shadows[count].name, "id");
            count++;
        }
        globfree(&found);
    }
    *out = shadows;
    return count;
}

void shadows_free(struct shadow *shadows, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        free(shadows[i].name);
        free(shadows[i].id);
    }
    free(shadows);
}

unsigned shadow_card(const struct shadow *shadow)
{
    char *value = attribute(shadow->name, "card");
    unsigned card = strtoul(value, NULL, 10);

    free(value);
    return card;
}

void shadow_tell(const struct shadow *shadow, unsigned card,
                 const char *setting, int error)
{
    char *path = text(NET "%s/shadowport/lost", shadow->name);
    FILE *file = fopen(path, "we");

    /* If the card is another by now, that is not to be told of it. */
    if (file) {
        fprintf(file, "%u %s %d\n", card, setting, error);
        fclose(file);
    }
    free(path);
}
