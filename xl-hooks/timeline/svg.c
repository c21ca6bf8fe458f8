/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lanes for source, wire, destination and guest. To scale is what the guest
 * notices: from the first quiesce or suspend on. What came before has blocks
 * of one width, or else the rounds of a large guest would leave no room for
 * it.
 */
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "timeline/story.h"
#include "timeline/svg.h"

#define WIDTH 1000
#define LEFT 100                /* names of lanes */
#define BLOCK 90                /* one that is not to scale */
#define GAP 60                  /* between what was sent and GO */
#define TOP 70
#define LANE_HEIGHT 44
#define BAR_HEIGHT 30
#define ROW 16                  /* of text */

struct drawing {
    struct broker *b;
    const struct story *story;
    char *text;
    long long scale_from;       /* where the scale begins; 1: nowhere */
    size_t blocks;              /* before that */
    double per_ms;
    double go_x;
    int row;                    /* y of the next line of the list */
};

static void put(struct drawing *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void put(struct drawing *d, const char *fmt, ...)
{
    va_list ap;
    char *more;

    va_start(ap, fmt);
    more = arena_vprintf(d->b->arena, fmt, ap);
    va_end(ap);
    d->text = arena_printf(d->b->arena, "%s%s", d->text, more);
}

/* Words of others, as text in XML. */
static const char *escaped(struct drawing *d, const char *text)
{
    struct arena *arena = d->b->arena;
    const char *safe = printable(arena, text);
    char *out = arena_alloc(arena, 6 * strlen(safe) + 1), *to = out;

    for (; *safe; safe++) {
        const char *word = *safe == '<' ? "&lt;" : *safe == '>' ? "&gt;"
            : *safe == '&' ? "&amp;" : *safe == '"' ? "&quot;" : NULL;

        if (word) {
            memcpy(to, word, strlen(word));
            to += strlen(word);
        } else {
            *to++ = *safe;
        }
    }
    return out;
}

static bool is_block(const struct drawing *d, const struct bar *bar)
{
    return !bar->after_go && (d->scale_from > 0 || bar->to <= d->scale_from);
}

static double x_of(const struct drawing *d, long long ms, bool after_go)
{
    return after_go ? d->go_x + (double)ms * d->per_ms
                    : LEFT + (double)d->blocks * BLOCK +
                      (double)(ms - d->scale_from) * d->per_ms;
}

/* The end of what is known after GO. */
static long long last_ms(const struct story *story)
{
    long long last = 0;
    size_t i;

    for (i = 0; i < story->mark_count; i++)
        if (story->marks[i].at > last)
            last = story->marks[i].at;
    return last;
}

static void choose_scale(struct drawing *d)
{
    const struct story *s = d->story;
    double room, span;
    size_t i;

    d->scale_from = s->away_from < s->still_from ? s->away_from
                                                 : s->still_from;
    for (i = 0; i < s->bar_count; i++)
        d->blocks += is_block(d, &s->bars[i]);
    room = WIDTH - 20 - LEFT - (double)d->blocks * BLOCK - GAP;
    if (room < 100)
        room = 100;
    span = (double)last_ms(s) - (d->scale_from > 0 ? 0
                                                   : (double)d->scale_from);
    d->per_ms = room / (span > 0 ? span : 1);
    d->go_x = LEFT + (double)d->blocks * BLOCK + GAP +
              (d->scale_from > 0 ? 0 : (double)-d->scale_from * d->per_ms);
}

static void draw_band(struct drawing *d, double from, double to, int y,
                      const char *color, const char *what)
{
    put(d, "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" "
        "fill=\"%s\"><title>%s</title></rect>\n", from, y, to - from,
        TOP + LANES * LANE_HEIGHT - y, color, what);
    put(d, "<text x=\"%.1f\" y=\"%d\" class=\"small\">%s</text>\n", from + 3,
        y + 11, what);
}

/* From before the end of sending to after GO. */
static void draw_outage(struct drawing *d, long long from, long long to,
                        int y, const char *color, const char *what)
{
    if (from <= 0 && to >= 0)
        draw_band(d, x_of(d, from, false), x_of(d, to, true), y, color, what);
}

static void draw_lanes(struct drawing *d)
{
    static const char *const names[] = { "source", "wire", "destination",
                                         "guest" };
    int i;

    for (i = 0; i < LANES; i++)
        put(d, "<text x=\"8\" y=\"%d\">%s</text>\n"
            "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" class=\"rule\"/>\n",
            TOP + i * LANE_HEIGHT + 26, names[i], LEFT, WIDTH - 20,
            TOP + (i + 1) * LANE_HEIGHT, TOP + (i + 1) * LANE_HEIGHT);
}

static void draw_bar(struct drawing *d, const struct bar *bar, size_t block)
{
    static const char *const colors[] = { "#4c78a8", "#72b7b2", "#f58518",
                                          "#54a24b" };
    bool fixed = is_block(d, bar);
    double x = fixed ? LEFT + (double)block * BLOCK
                     : x_of(d, bar->from, bar->after_go);
    double width = fixed ? BLOCK - 4
                         : (double)(bar->to - bar->from) * d->per_ms;
    int height = bar->part ? BAR_HEIGHT / 2 : BAR_HEIGHT;
    int y = TOP + (int)bar->lane * LANE_HEIGHT + 7 + BAR_HEIGHT - height;
    const char *what = escaped(d, bar->what);

    if (width < 1)
        width = 1;
    put(d, "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\""
        "%s><title>%s: %lld ms</title></rect>\n", x, y, width, height,
        bar->part ? "#9fd49a" : colors[bar->lane],
        fixed ? " fill-opacity=\"0.5\"" : "", what,
        bar->to - bar->from);
    if (width > 7.0 * (double)strlen(bar->what))
        put(d, "<text x=\"%.1f\" y=\"%d\" class=\"small\">%s</text>\n", x + 3,
            y + 13, what);
}

static void draw_gap(struct drawing *d)
{
    double x = d->go_x - GAP;

    if (!d->story->mark_count || !d->story->sent)
        return;
    put(d, "<rect x=\"%.1f\" y=\"%d\" width=\"%d\" height=\"%d\" "
        "class=\"gap\"><title>the destination completes the domain: how long "
        "is in no report</title></rect>\n", x,
        TOP + LANE_DESTINATION * LANE_HEIGHT + 7, GAP, BAR_HEIGHT);
    put(d, "<text x=\"%.1f\" y=\"%d\" class=\"small\">not told</text>\n",
        x + 8, TOP + LANE_DESTINATION * LANE_HEIGHT + 26);
}

static void draw_marks(struct drawing *d)
{
    const struct mark *m;
    double x;
    size_t i;

    for (i = 0; i < d->story->mark_count; i++) {
        m = &d->story->marks[i];
        x = x_of(d, m->at, true);
        put(d, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" "
            "class=\"mark\"><title>%s: %lld ms after GO</title></line>\n", x,
            x, TOP, TOP + LANES * LANE_HEIGHT, escaped(d, m->what), m->at);
    }
}

static void list_line(struct drawing *d, const char *text)
{
    put(d, "<text x=\"%d\" y=\"%d\" class=\"small\">%s</text>\n", LEFT, d->row,
        text);
    d->row += ROW;
}

/* The figures, for who cannot point at a bar. */
static void list_figures(struct drawing *d)
{
    const struct story *s = d->story;
    const char *line = "";
    size_t i;

    for (i = 0; i < s->bar_count; i++) {
        line = arena_printf(d->b->arena, "%s%s%s %lld ms", line,
                            *line ? ", " : "", escaped(d, s->bars[i].what),
                            s->bars[i].to - s->bars[i].from);
        if (strlen(line) > 110 || i + 1 == s->bar_count) {
            list_line(d, line);
            line = "";
        }
    }
    if (s->still_from <= 0 && s->runs_at >= 0)
        list_line(d, arena_printf(d->b->arena, "the guest stood still for at "
                                  "least %lld ms", s->runs_at -
                                  s->still_from));
    if (s->away_from <= 0 && s->back_at >= 0)
        list_line(d, arena_printf(d->b->arena, "it had no device for at least "
                                  "%lld ms", s->back_at - s->away_from));
    if (*s->devices)
        list_line(d, escaped(d, s->devices));
}

char *svg_draw(struct broker *b, const struct story *story)
{
    struct drawing d = { .b = b, .story = story };
    size_t i, block = 0;
    char *body;

    d.text = arena_strdup(b->arena, "");
    d.row = TOP + LANES * LANE_HEIGHT + 24;
    choose_scale(&d);
    put(&d, "<text x=\"8\" y=\"22\" class=\"title\">migration: %s%s%s"
        "</text>\n", escaped(&d, story->outcome), story->reason ? ", " : "",
        story->reason ? escaped(&d, story->reason) : "");
    draw_outage(&d, story->away_from, story->back_at, TOP - 32, "#eef3f8",
                "no device");
    draw_outage(&d, story->still_from, story->runs_at, TOP - 16, "#f8dede",
                "guest stands still");
    draw_lanes(&d);
    for (i = 0; i < story->bar_count; i++) {
        draw_bar(&d, &story->bars[i], block);
        block += is_block(&d, &story->bars[i]);
    }
    draw_gap(&d);
    draw_marks(&d);
    list_figures(&d);
    body = d.text;
    d.text = arena_strdup(b->arena, "");
    put(&d, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
        "height=\"%d\" font-family=\"sans-serif\" font-size=\"13\">\n"
        "<style>.small{font-size:11px}.title{font-size:16px}"
        ".rule{stroke:#ccc}.mark{stroke:#888;stroke-dasharray:2 3}"
        ".gap{fill:#fff;stroke:#888;stroke-dasharray:4 3}</style>\n"
        "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n%s</svg>",
        WIDTH, d.row, body);
    return d.text;
}
