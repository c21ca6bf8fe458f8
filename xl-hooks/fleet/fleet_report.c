/* SPDX-License-Identifier: GPL-2.0-only */
#include "answer/table.h"
#include "base/arena.h"
#include "base/bdf.h"
#include "base/broker.h"
#include "fleet/fleet_report.h"
#include "json/json.h"

static const char *name_of(const struct moves *moves, size_t guest)
{
    return moves->guests[guest].record->domain_name;
}

static const char *home_of(const struct moves *moves, size_t guest)
{
    return moves->hosts[moves->guests[guest].host].name;
}

static const struct bdf *bdf_at(const struct moves *moves, size_t host,
                                size_t device)
{
    return &moves->hosts[host].devices[device].facts.bdf;
}

/* ---- JSON ---- */

static void emit_step(struct broker *b, yajl_gen gen,
                      const struct moves *moves, const struct moves_step *step)
{
    const struct record *record = moves->guests[step->guest].record;
    size_t wish;

    yajl_gen_map_open(gen);
    json_emit_string(gen, "guest", record->domain_name);
    json_emit_string(gen, "uuid", record->domain_uuid);
    json_emit_string(gen, "from", home_of(moves, step->guest));
    json_emit_string(gen, "to", moves->hosts[step->host].name);
    json_emit_number(gen, "wave", step->wave);
    json_emit_key(gen, "devices");
    yajl_gen_array_open(gen);
    for (wish = 0; wish < record->count; wish++) {
        yajl_gen_map_open(gen);
        json_emit_string(gen, "id", record->devices[wish].wish.id);
        json_emit_string(gen, "bdf", step->chosen[wish] == MOVES_NONE ? NULL
                         : bdf_text(b->arena,
                                    bdf_at(moves, step->host,
                                           (size_t)step->chosen[wish])));
        yajl_gen_map_close(gen);
    }
    yajl_gen_array_close(gen);
    yajl_gen_map_close(gen);
}

static void emit_later(struct broker *b, yajl_gen gen,
                       const struct moves *moves,
                       const struct moves_later *later)
{
    const struct record *record = moves->guests[later->guest].record;

    yajl_gen_map_open(gen);
    json_emit_string(gen, "guest", record->domain_name);
    json_emit_string(gen, "host", moves->hosts[later->host].name);
    json_emit_string(gen, "id", record->devices[later->wish].wish.id);
    json_emit_string(gen, "bdf", bdf_text(b->arena,
                                          bdf_at(moves, later->host,
                                                 later->device)));
    yajl_gen_map_close(gen);
}

static void emit_stay(yajl_gen gen, const struct moves *moves,
                      const struct moves_stay *stay)
{
    const struct record *record = moves->guests[stay->guest].record;

    yajl_gen_map_open(gen);
    json_emit_string(gen, "guest", record->domain_name);
    json_emit_string(gen, "uuid", record->domain_uuid);
    json_emit_string(gen, "host", home_of(moves, stay->guest));
    json_emit_string(gen, "reason", reason_word(stay->reason));
    json_emit_string(gen, "text", stay->text);
    yajl_gen_map_close(gen);
}

char *fleet_report_json(struct broker *b, const struct moves *moves,
                        const struct moves_plan *plan)
{
    yajl_gen gen = json_begin();
    size_t i;

    yajl_gen_map_open(gen);
    json_emit_number(gen, "version", 1);
    json_emit_string(gen, "status", plan->stay_count ? "refused" : "plan");
    json_emit_bool(gen, "proved", plan->proved);
    json_emit_number(gen, "waves", plan->wave_count);
    json_emit_key(gen, "steps");
    yajl_gen_array_open(gen);
    for (i = 0; i < plan->step_count; i++)
        emit_step(b, gen, moves, &plan->steps[i]);
    yajl_gen_array_close(gen);
    json_emit_key(gen, "later");
    yajl_gen_array_open(gen);
    for (i = 0; i < plan->later_count; i++)
        emit_later(b, gen, moves, &plan->later[i]);
    yajl_gen_array_close(gen);
    json_emit_key(gen, "stays");
    yajl_gen_array_open(gen);
    for (i = 0; i < plan->stay_count; i++)
        emit_stay(gen, moves, &plan->stays[i]);
    yajl_gen_array_close(gen);
    yajl_gen_map_close(gen);
    return json_end(b->arena, gen);
}

/* ---- a table ---- */

static const char *devices_text(struct broker *b, const struct moves *moves,
                                const struct moves_step *step)
{
    const struct record *record = moves->guests[step->guest].record;
    const char *text = "";
    size_t wish;

    for (wish = 0; wish < record->count; wish++)
        text = arena_printf(
            b->arena, "%s%s%s=%s", text, wish ? " " : "",
            record->devices[wish].wish.id,
            step->chosen[wish] == MOVES_NONE ? "none"
            : bdf_text(b->arena, bdf_at(moves, step->host,
                                        (size_t)step->chosen[wish])));
    return text;
}

static char *add_later(struct broker *b, char *text, const struct moves *moves,
                       const struct moves_later *later)
{
    const struct record *record = moves->guests[later->guest].record;
    const char *name = printable(b->arena, record->domain_name);

    return arena_printf(
        b->arena, "%s\nThen, on %s: xl pci-attach %s %s,name=%s,migratable=1",
        text, printable(b->arena, moves->hosts[later->host].name), name,
        bdf_text(b->arena, bdf_at(moves, later->host, later->device)),
        record->devices[later->wish].wish.id);
}

static char *sum_up(struct broker *b, char *text,
                    const struct moves_plan *plan)
{
    return arena_printf(
        b->arena, "%s%s%zu guest%s can go in %zu wave%s, %zu cannot.%s", text,
        *text ? "\n" : "", plan->step_count, plan->step_count == 1 ? "" : "s",
        plan->wave_count, plan->wave_count == 1 ? "" : "s", plan->stay_count,
        plan->proved || !plan->stay_count ? ""
            : " Whether more could was not found out.");
}

char *fleet_report_table(struct broker *b, const struct moves *moves,
                         const struct moves_plan *plan)
{
    struct table *t = table_begin(b, 5);
    const struct moves_step *s;
    char *text;
    size_t i;

    if (plan->step_count)
        table_add(t, (const char *const []){ "WAVE", "GUEST", "FROM", "TO",
                                             "DEVICES" });
    for (i = 0; i < plan->step_count; i++) {
        s = &plan->steps[i];
        table_add(t, (const char *const []){
            arena_printf(b->arena, "%zu", s->wave), name_of(moves, s->guest),
            home_of(moves, s->guest), moves->hosts[s->host].name,
            devices_text(b, moves, s) });
    }
    text = table_text(t);
    for (i = 0; i < plan->later_count; i++)
        text = add_later(b, text, moves, &plan->later[i]);
    for (i = 0; i < plan->stay_count; i++)
        text = arena_printf(
            b->arena, "%s%s%s stays on %s: %s: %s", text, *text ? "\n" : "",
            printable(b->arena, name_of(moves, plan->stays[i].guest)),
            printable(b->arena, home_of(moves, plan->stays[i].guest)),
            reason_word(plan->stays[i].reason),
            printable(b->arena, plan->stays[i].text));
    return sum_up(b, text, plan);
}
