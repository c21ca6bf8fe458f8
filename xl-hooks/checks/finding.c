/* SPDX-License-Identifier: GPL-2.0-only */
/* What those who judge have in common. */
#include "checks/check.h"

const char *state_word(enum state state)
{
    static const char *const words[] = {
        [STATE_NA] = "n.a.", [STATE_OK] = "ok", [STATE_WARN] = "warn",
        [STATE_UNKNOWN] = "unknown", [STATE_FAIL] = "fail",
    };

    return words[state];
}

void check_say(struct finding *out, enum state state, const char *reason,
               const char *cure)
{
    out->state = state;
    out->reason = reason;
    out->cure = cure;
}

static int unknown(const struct fact *fact, struct finding *out)
{
    check_say(out, STATE_UNKNOWN,
              fact->kind == FACT_UNKNOWN && fact->text
                  ? fact->text : "the host did not say",
              "mend that first; shadowport-doctor runs as root");
    return 0;
}

int check_number(const struct fact *fact, struct finding *out,
                 long long *number)
{
    if (fact->kind != FACT_NUMBER)
        return unknown(fact, out);
    *number = fact->number;
    return 1;
}

int check_text(const struct fact *fact, struct finding *out,
               const char **text)
{
    if (fact->kind != FACT_TEXT)
        return unknown(fact, out);
    *text = fact->text;
    return 1;
}

int check_other(const struct view *v, struct finding *out)
{
    if (v->other)
        return 1;
    if (!v->contact->host)
        check_say(out, STATE_NA, "no other host was named",
                  "shadowport-doctor HOST");
    else
        check_say(out, STATE_UNKNOWN, "the other host did not answer",
                  "see the check \"answers\"");
    return 0;
}
