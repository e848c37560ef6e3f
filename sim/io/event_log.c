#include "sim/io/event_log.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/error.h"

void sqz_event_log_add(void *context, const struct sqz_event *event)
{
    struct sqz_event_log *log = context;
    if (event->world != log->world)
        return;
    if (log->count == log->capacity) {
        size_t capacity = log->capacity > 0 ? 2 * log->capacity : 256;
        struct sqz_event *bigger = realloc(log->event, capacity * sizeof *bigger);
        if (bigger == NULL) {
            log->error = SQZ_ERR_NOMEM;
            return;
        }
        log->event = bigger;
        log->capacity = capacity;
    }
    log->event[log->count++] = *event;
}

void sqz_event_log_free(struct sqz_event_log *log)
{
    free(log->event);
    memset(log, 0, sizeof *log);
}

size_t sqz_event_log_count(const struct sqz_event_log *log, enum sqz_event_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < log->count; i++)
        count += log->event[i].kind == kind;
    return count;
}

/* ---- cascades ------------------------------------------------------------------------------ */

static bool is_of_family(const struct sqz_event *event)
{
    return (event->kind == SQZ_EVENT_LIQUIDATION || event->kind == SQZ_EVENT_FILL) &&
           event->generation >= 0;
}

/* Families together, each in the order of events. */
static int by_family(const void *a, const void *b)
{
    const struct sqz_event *left = *(const struct sqz_event *const *)a;
    const struct sqz_event *right = *(const struct sqz_event *const *)b;
    if (left->family != right->family)
        return left->family < right->family ? -1 : 1;
    return (left > right) - (left < right);
}

static void add_to(struct sqz_cascade *cascade, const struct sqz_event *event)
{
    cascade->end_s = event->time_s;
    if (event->kind != SQZ_EVENT_LIQUIDATION)
        return;
    if (cascade->liquidations++ == 0)
        cascade->begin_s = event->time_s;
    cascade->forced_usd += event->notional_usd;
    if (event->generation > cascade->generations)
        cascade->generations = event->generation;
}

static void keep_larger(struct sqz_cascade *largest, const struct sqz_cascade *cascade)
{
    bool larger =
        cascade->forced_usd > largest->forced_usd ||
        (cascade->forced_usd == largest->forced_usd && cascade->begin_s < largest->begin_s);
    if (cascade->generations > 0 && larger)
        *largest = *cascade;
}

int sqz_event_log_largest_cascade(const struct sqz_event_log *log, struct sqz_cascade *largest)
{
    struct sqz_cascade cascade = {0};
    const struct sqz_event **event = calloc(log->count + 1, sizeof *event);
    size_t count = 0;
    *largest = cascade;
    if (event == NULL)
        return SQZ_ERR_NOMEM;
    for (size_t i = 0; i < log->count; i++)
        if (is_of_family(&log->event[i]))
            event[count++] = &log->event[i];
    qsort(event, count, sizeof *event, by_family);
    for (size_t i = 0; i < count; i++) {
        add_to(&cascade, event[i]);
        if (i + 1 == count || event[i + 1]->family != event[i]->family) {
            keep_larger(largest, &cascade);
            cascade = (struct sqz_cascade){0};
        }
    }
    free(event);
    return SQZ_OK;
}

/* ---- thinning ------------------------------------------------------------------------------ */

/* What a figure draws against time. */
enum { PRICE, EXOGENOUS, DISPLACEMENT, LINES };

static double line_of(const struct sqz_event *event, int line)
{
    return line == PRICE       ? event->exogenous_log + event->displacement_log
           : line == EXOGENOUS ? event->exogenous_log
                               : event->displacement_log;
}

/* The parts of a figure that no eye tells apart: of its width, also where it shows a fifteenth of
 * the horizon, and of the height of its panels. */
static const double SAME_WIDTH = 1e-4, SAME_HEIGHT = 2e-3;

/* Each divides the next, and the bins of a figure's flow: what is joined is of one bin. */
static const double ROUND_S[] = {1, 5, 15, 60, 300, 900, 3600, 14400, 86400};

struct thinning {
    double cell_s;                        /* time is cut into these; events of two are not joined */
    double same[LINES];                   /* moves below this are not seen */
    size_t lowest[LINES], highest[LINES]; /* events */
    double whole_from_s, whole_to_s;      /* events between these stay by themselves */
};

static double cell_of(double horizon_s)
{
    double cell_s = ROUND_S[0];
    for (size_t i = 1; i < sizeof ROUND_S / sizeof ROUND_S[0]; i++)
        if (ROUND_S[i] <= SAME_WIDTH * horizon_s)
            cell_s = ROUND_S[i];
    return cell_s;
}

static void measure(struct thinning *thinning, const struct sqz_event_log *log, double horizon_s)
{
    *thinning = (struct thinning){.cell_s = cell_of(horizon_s)};
    for (int line = 0; line < LINES; line++) {
        size_t *lowest = &thinning->lowest[line], *highest = &thinning->highest[line];
        for (size_t i = 0; i < log->count; i++) {
            double value = line_of(&log->event[i], line);
            if (value < line_of(&log->event[*lowest], line))
                *lowest = i;
            if (value > line_of(&log->event[*highest], line))
                *highest = i;
        }
        double range = line_of(&log->event[*highest], line) - line_of(&log->event[*lowest], line);
        thinning->same[line] = SAME_HEIGHT * range;
    }
}

/* Leave the cascade and its surroundings as they are, if that is not too much. */
static void spare(struct thinning *thinning, const struct sqz_event_log *log,
                  const struct sqz_cascade *cascade)
{
    thinning->whole_from_s = INFINITY;
    if (cascade == NULL || cascade->liquidations == 0)
        return;
    double length_s = cascade->end_s - cascade->begin_s;
    double from_s = cascade->begin_s - length_s, to_s = cascade->end_s + 2 * length_s;
    size_t count = 0;
    for (size_t i = 0; i < log->count; i++)
        count += log->event[i].time_s >= from_s && log->event[i].time_s <= to_s;
    if (count > SQZ_EVENTS_WHOLE)
        return;
    thinning->whole_from_s = from_s;
    thinning->whole_to_s = to_s;
}

/* Whether an event stays by itself. */
static bool stands_alone(const struct thinning *thinning, const struct sqz_event *event, size_t i)
{
    for (int line = 0; line < LINES; line++)
        if (i == thinning->lowest[line] || i == thinning->highest[line])
            return true;
    if (event->time_s >= thinning->whole_from_s && event->time_s <= thinning->whole_to_s)
        return true;
    return event->kind != SQZ_EVENT_OUTPUT && event->kind != SQZ_EVENT_LIQUIDATION &&
           event->kind != SQZ_EVENT_FILL && event->kind != SQZ_EVENT_DELEVERAGE;
}

static bool same_place(const struct thinning *thinning, const struct sqz_event *first,
                       const struct sqz_event *event)
{
    if (floor(first->time_s / thinning->cell_s) != floor(event->time_s / thinning->cell_s))
        return false;
    for (int line = 0; line < LINES; line++)
        if (fabs(line_of(event, line) - line_of(first, line)) > thinning->same[line])
            return false;
    return true;
}

static bool same_kind(const struct sqz_event *a, const struct sqz_event *b)
{
    if (a->kind != b->kind || !sqz_event_trades(a->kind))
        return a->kind == b->kind;
    return a->side == b->side && isnan(a->fill_log) == isnan(b->fill_log);
}

/* What became of `earlier` and `later`, of one kind. */
static struct sqz_event join(const struct sqz_event *earlier, const struct sqz_event *later)
{
    struct sqz_event both = *later;
    if (!sqz_event_trades(both.kind))
        return both;
    both.notional_usd += earlier->notional_usd;
    if (both.notional_usd > 0)
        both.fill_log = log((earlier->notional_usd * exp(earlier->fill_log) +
                             later->notional_usd * exp(later->fill_log)) /
                            both.notional_usd);
    if (both.generation < earlier->generation)
        both.generation = earlier->generation;
    return both;
}

/* Put `next` behind the events from `first` on, in the place of the one of its kind. */
static size_t append(struct sqz_event *event, size_t first, size_t count, struct sqz_event next)
{
    size_t i = first;
    while (i < count && !same_kind(&event[i], &next))
        i++;
    if (i < count) {
        next = join(&event[i], &next);
        memmove(&event[i], &event[i + 1], (count - i - 1) * sizeof *event);
        count--;
    }
    event[count] = next;
    return count + 1;
}

void sqz_event_log_thin(struct sqz_event_log *log, double horizon_s,
                        const struct sqz_cascade *cascade)
{
    struct thinning thinning;
    struct sqz_event first = {0}; /* of the events being joined */
    size_t count = 0, begin = 0;  /* kept so far; where the events being joined begin */
    if (log->count <= SQZ_EVENTS_WHOLE)
        return;
    measure(&thinning, log, horizon_s);
    spare(&thinning, log, cascade);
    for (size_t i = 0; i < log->count; i++) {
        struct sqz_event event = log->event[i];
        bool alone = stands_alone(&thinning, &event, i);
        if (alone || begin == count || !same_place(&thinning, &first, &event)) {
            begin = count;
            first = event;
        }
        count = append(log->event, begin, count, event);
        if (alone)
            begin = count;
    }
    log->count = count;
}
