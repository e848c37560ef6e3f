#include "sim/analysis/control_variate.h"

#include <math.h>

static const struct sqz_estimate NOTHING = {NAN, NAN, NAN, NAN};

static double square(double x)
{
    return x * x;
}

static bool is_share(int quantity)
{
    return quantity != SQZ_POINT_FORCED;
}

/* ---- the base ------------------------------------------------------------------------------ */

/* A point that is the base has the paths of point 0; what refined points say stays out of the
 * others. */
static bool is_controlled(const struct sqz_sweep *sweep, size_t index)
{
    return !sweep->point[index].is_base && !sqz_sweep_is_refined(sweep, index);
}

static uint64_t hits_of(double share, uint64_t paths)
{
    return (uint64_t)llround(share * (double)paths);
}

static struct sqz_estimate control_shares(const struct sqz_sweep *sweep, int quantity)
{
    uint64_t hits = 0, paths = 0;
    for (size_t i = 0; i < sweep->done; i++) {
        const struct sqz_point *point = &sweep->point[i];
        double share = point->estimate[SQZ_POINT_OWN_BASE + quantity].value;
        if (isnan(share) || !is_controlled(sweep, i))
            continue;
        hits += hits_of(share, point->paths);
        paths += point->paths;
    }
    return sqz_estimate_share(hits, paths);
}

/* All points have as many paths. */
static struct sqz_estimate control_means(const struct sqz_sweep *sweep, int quantity)
{
    double sum = 0.0, variance = 0.0, runs = 0.0;
    uint64_t paths = 0;
    for (size_t i = 0; i < sweep->done; i++) {
        const struct sqz_estimate *mean = &sweep->point[i].estimate[SQZ_POINT_OWN_BASE + quantity];
        if (isnan(mean->value) || !is_controlled(sweep, i))
            continue;
        sum += mean->value;
        variance += mean->se * mean->se;
        runs++;
        paths += sweep->point[i].paths;
    }
    return runs > 0
               ? sqz_estimate_amount(sum / runs, sqrt(variance) / runs, sweep->largest_usd, paths)
               : NOTHING;
}

/* ---- a probability ------------------------------------------------------------------------- */

/* Of `hits` among `trials`; of none it is `guess`, and may be anything. */
static struct sqz_estimate share_or(uint64_t hits, uint64_t trials, double guess)
{
    return trials > 0 ? sqz_estimate_share(hits, trials)
                      : (struct sqz_estimate){guess, 0.0, 0.0, 1.0};
}

/* What is shown of a point, as a sum of independent parts, each by its weight. */
struct part {
    double weight;
    const struct sqz_estimate *estimate;
};
enum { PARTS = 3 };

static struct sqz_estimate put_together(double value, const struct part part[PARTS])
{
    double variance = 0.0, below = 0.0, above = 0.0;
    for (int i = 0; i < PARTS; i++) {
        const struct sqz_estimate *estimate = part[i].estimate;
        double down = part[i].weight * (estimate->value - estimate->lo);
        double up = part[i].weight * (estimate->hi - estimate->value);
        variance += square(part[i].weight * estimate->se);
        below += part[i].weight >= 0 ? down * down : up * up;
        above += part[i].weight >= 0 ? up * up : down * down;
    }
    return (struct sqz_estimate){value, sqrt(variance), value - sqrt(below), value + sqrt(above)};
}

static void limit(struct sqz_estimate *estimate, double least, double most)
{
    estimate->lo = fmax(least, estimate->lo);
    estimate->hi = fmin(most, estimate->hi);
}

static void show_share(struct sqz_point *point, int quantity, const struct sqz_estimate *base)
{
    uint64_t x = hits_of(point->estimate[SQZ_POINT_OWN + quantity].value, point->paths);
    uint64_t y = hits_of(point->estimate[SQZ_POINT_OWN_BASE + quantity].value, point->paths);
    uint64_t only_x = point->only_own[quantity];
    struct sqz_estimate with = share_or(x - only_x, y, 1.0);
    struct sqz_estimate without = share_or(only_x, point->paths - y, 0.0);
    double difference = (1 - base->value) * without.value - base->value * (1 - with.value);
    double slope = with.value - without.value;
    struct part part[PARTS] = {{base->value, &with}, {1 - base->value, &without}, {slope, base}};
    struct sqz_estimate *shown = &point->estimate[quantity];
    struct sqz_estimate *to_base = &point->estimate[SQZ_POINT_DIFFERENCE + quantity];
    *shown = put_together(base->value + difference, part);
    limit(shown, 0.0, 1.0);
    part[2].weight = slope - 1;
    *to_base = put_together(difference, part);
    limit(to_base, -1.0, 1.0);
}

/* ---- a mean -------------------------------------------------------------------------------- */

/* `base` and what comes on top of it. */
static struct sqz_estimate sum_of(const struct sqz_estimate *base, const struct sqz_estimate *more)
{
    struct part part[PARTS] = {{1, base}, {1, more}, {0, base}};
    return put_together(base->value + more->value, part);
}

static struct sqz_estimate difference_of(const struct sqz_estimate *x,
                                         const struct sqz_estimate *base)
{
    struct part part[PARTS] = {{1, x}, {-1, base}, {0, base}};
    return put_together(x->value - base->value, part);
}

/* On the line of regression; false where so little was forced on the point's own paths that the
 * line would lead to less than nothing. */
static bool show_corrected(struct sqz_point *point, int quantity, const struct sqz_estimate *base)
{
    const struct sqz_estimate *x = &point->estimate[SQZ_POINT_OWN + quantity];
    const struct sqz_estimate *y = &point->estimate[SQZ_POINT_OWN_BASE + quantity];
    const struct sqz_estimate *d = &point->estimate[SQZ_POINT_OWN_DIFFERENCE + quantity];
    double n = (double)point->paths, var_x = square(x->se);
    double var_y = square(y->se), var_d = square(d->se);
    double slope = var_y > 0 ? (var_x + var_y - var_d) / (2 * var_y) : 1.0;
    double rest = n > 2 ? fmax(0.0, var_x - slope * slope * var_y) * (n - 1) / (n - 2) : NAN;
    double difference = d->value + (1 - slope) * (y->value - base->value);
    struct sqz_estimate shown =
        sqz_estimate_normal(base->value + difference, sqrt(rest + square(slope * base->se)));
    if (sqz_estimate_is_sparse(x->value, x->se) || shown.lo < 0)
        return false;
    point->estimate[quantity] = shown;
    point->estimate[SQZ_POINT_DIFFERENCE + quantity] =
        sqz_estimate_normal(difference, sqrt(rest + square((slope - 1) * base->se)));
    return true;
}

static void show_mean(struct sqz_point *point, int quantity, const struct sqz_estimate *base)
{
    const struct sqz_estimate *x = &point->estimate[SQZ_POINT_OWN + quantity];
    const struct sqz_estimate *d = &point->estimate[SQZ_POINT_OWN_DIFFERENCE + quantity];
    struct sqz_estimate *shown = &point->estimate[quantity];
    struct sqz_estimate *to_base = &point->estimate[SQZ_POINT_DIFFERENCE + quantity];
    if (d->value == 0 && d->se == 0) { /* no pair differs */
        *to_base = *d;
        *shown = sum_of(base, d);
        limit(shown, 0.0, INFINITY);
    } else if (!show_corrected(point, quantity, base)) {
        *shown = *x;
        *to_base = difference_of(x, base);
    }
}

/* ---- all ----------------------------------------------------------------------------------- */

static void show(struct sqz_point *point, int quantity, const struct sqz_estimate *base)
{
    const struct sqz_estimate *difference = &point->estimate[SQZ_POINT_OWN_DIFFERENCE + quantity];
    if (point->is_base) {
        point->estimate[quantity] = *base;
        point->estimate[SQZ_POINT_DIFFERENCE + quantity] = *difference; /* exactly 0 */
    } else if (isnan(difference->value)) {
        point->estimate[quantity] = point->estimate[SQZ_POINT_OWN + quantity];
    } else if (is_share(quantity)) {
        show_share(point, quantity, base);
    } else {
        show_mean(point, quantity, base);
    }
}

void sqz_sweep_control(struct sqz_sweep *sweep)
{
    for (int q = 0; q < SQZ_POINT_QUANTITIES; q++) {
        struct sqz_estimate base = is_share(q) ? control_shares(sweep, q) : control_means(sweep, q);
        if (sweep->done > 0)
            sweep->point[0].estimate[q] = base;
        for (size_t i = 1; i < sweep->done; i++)
            show(&sweep->point[i], q, &base);
    }
}
