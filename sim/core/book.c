/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/book.h"

#include <float.h>
#include <string.h>

const struct sqz_param sqz_book_param_table[] = {
    SQZ_NUMBER(struct sqz_book_params, "book.permanent", SQZ_DIM_NUMBER, "1", "0.2", 0, 1,
               permanent, "permanent share of an order's impact"),
    SQZ_LIST(struct sqz_book_params, "book.halflife", SQZ_DIM_TIME, "s", "20;900", 0, INFINITY,
             halflife_s, "resilience half-lives, up to 8; inf never recovers", .above_lo = true),
    SQZ_LIST(struct sqz_book_params, "book.weights", SQZ_DIM_NUMBER, "1", NULL, 0, 1, weight,
             "shares of the half-lives, summing to 1; unset: 0.7;0.3 with 20;900, else equal"),
    /* Odd: a factor of 7. */
    SQZ_NUMBER(
        struct sqz_book_params, "book.known", SQZ_DIM_NUMBER, "1", NULL, 0, INFINITY, known_log,
        "distance from the mid up to which depth is known; paths that orders carry further are "
        "reported; unset: 10 %, or the end of a table",
        .above_lo = true, .odd_from = 2),
    SQZ_NUMBER(
        struct sqz_book_params, "withdrawal.gamma", SQZ_DIM_NUMBER, "1", "0", 0, 1e6,
        withdrawal_gamma,
        "depth left under stress A is 1/(1 + gamma A); A: recent forced notional over depth"),
    SQZ_NUMBER(struct sqz_book_params, "withdrawal.halflife", SQZ_DIM_TIME, "s", "600", 0, INFINITY,
               withdrawal_halflife_s, "half-life of the stress", .above_lo = true),
};
const size_t sqz_book_param_count = sizeof sqz_book_param_table / sizeof sqz_book_param_table[0];

static int set_weights(struct sqz_book *book, const struct sqz_book_params *params,
                       struct sqz_diag *diag)
{
    static const double STANDARD_HALFLIFE[] = {20, 900}, STANDARD_WEIGHT[] = {0.7, 0.3};
    static const double ROUNDING = 1e-9; /* of a sum of decimal fractions */
    const struct sqz_list *halflife = &params->halflife_s, *weight = &params->weight;
    if (weight->count == 0) {
        bool standard = halflife->count == 2 && memcmp(halflife->value, STANDARD_HALFLIFE, 16) == 0;
        for (size_t i = 0; i < book->scales; i++)
            book->weight[i] = standard ? STANDARD_WEIGHT[i] : 1.0 / (double)book->scales;
        return SQZ_OK;
    }
    if (weight->count != halflife->count)
        return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "book.weights",
                           "%zu weights for %zu half-lives in book.halflife; expected as many",
                           weight->count, halflife->count);
    double sum = 0.0;
    for (size_t i = 0; i < weight->count; i++)
        sum += weight->value[i];
    if (fabs(sum - 1.0) > ROUNDING)
        return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "book.weights",
                           "weights sum to %.12g, expected 1", sum);
    for (size_t i = 0; i < weight->count; i++)
        book->weight[i] = weight->value[i] / sum;
    return SQZ_OK;
}

static double known_log(const struct sqz_book_params *params, const struct sqz_book_model *shape,
                        const void *shape_shared, enum sqz_order_side side)
{
    bool asked = params->known_log > 0;
    double measured = shape->known != NULL ? shape->known(shape_shared, side) : INFINITY;
    if (asked)
        return fmin(params->known_log, measured);
    return shape->known != NULL ? measured : SQZ_BOOK_KNOWN_LOG;
}

/* What is left of a recovering book counts as recovered once it is this small, both as a share of
 * the depth and as a displacement: two orders below the distance at which the walk calls a level
 * touched. Without it a part would linger for a thousand half-lives, down to the last denormal. */
static const double NEGLIGIBLE = 1e-12;

int sqz_book_init(struct sqz_book *book, const struct sqz_book_params *params,
                  const struct sqz_book_model *shape, const void *shape_shared,
                  struct sqz_diag *diag)
{
    memset(book, 0, sizeof *book);
    book->shape = shape;
    book->shape_shared = shape_shared;
    for (int side = 0; side < 2; side++) {
        book->depth_usd[side] = shape->depth(shape_shared, side);
        book->capacity_usd[side] = shape->capacity(shape_shared, side);
        book->known_log[side] = known_log(params, shape, shape_shared, side);
    }
    for (int side = 0; side < 2; side++)
        book->permanent_per_usd[side] =
            params->permanent * SQZ_DEPTH_DISTANCE_LOG / book->depth_usd[side];
    book->transient = 1.0 - params->permanent;
    book->negligible_usd = NEGLIGIBLE * fmin(book->depth_usd[SQZ_BUY], book->depth_usd[SQZ_SELL]);
    book->scales = params->halflife_s.count;
    book->recovers = true;
    for (size_t i = 0; i < book->scales; i++) {
        book->rate[i] = M_LN2 / params->halflife_s.value[i];
        book->recovers &= book->rate[i] > 0.0;
    }
    book->withdrawal_gamma = params->withdrawal_gamma;
    book->withdrawal_rate = M_LN2 / params->withdrawal_halflife_s;
    return set_weights(book, params, diag);
}

bool sqz_book_depth_extrapolated(const struct sqz_book *book, enum sqz_order_side side)
{
    bool used = book->permanent_per_usd[side] > 0 || book->withdrawal_gamma > 0;
    return used && book->depth_usd[side] > book->capacity_usd[side];
}

void sqz_book_reset(struct sqz_book_state *state)
{
    memset(state, 0, sizeof *state);
}

static double total_missing(const struct sqz_book *book, const struct sqz_book_state *state)
{
    double sum = 0.0;
    for (size_t i = 0; i < book->scales; i++)
        sum += state->missing[i];
    return sum;
}

/* Either part of the impact is cut off here, far beyond any meaning (a factor of 1e130), so that
 * absurd input ends in absurd numbers and not in infinities. */
static const double IMPACT_MAX_LOG = 300.0;

static double cut_off(double impact_log)
{
    return fabs(impact_log) <= IMPACT_MAX_LOG ? impact_log : copysign(IMPACT_MAX_LOG, impact_log);
}

/* G, exhaustion aside; zero stays free of the shape's pow. */
static double displacement(const struct sqz_book *book, double missing_usd)
{
    return missing_usd == 0.0 ? 0.0
                              : cut_off(book->shape->displacement(book->shape_shared, missing_usd));
}

double sqz_book_depth_left(const struct sqz_book *book, const struct sqz_book_state *state,
                           double depth_multiplier, double later_s)
{
    double stress = state->stress;
    if (stress != 0.0 && later_s > 0)
        stress *= exp(-book->withdrawal_rate * later_s);
    return depth_multiplier / (1.0 + book->withdrawal_gamma * stress);
}

/* Change of P, and volume missing from the full-depth book, that an order brings. */
struct impact {
    double permanent_log, missing_usd;
};

static struct impact impact_of(const struct sqz_book *book, const struct sqz_book_state *state,
                               double order_usd, double depth_multiplier)
{
    double left = sqz_book_depth_left(book, state, depth_multiplier, 0.0);
    return (struct impact){
        .permanent_log = book->permanent_per_usd[sqz_order_side_of(order_usd)] * order_usd,
        .missing_usd = book->transient * order_usd / left,
    };
}

/* Depth is known around the price as it would be without the orders. They have left it behind if
 * the book is read further out than that, or if all they did to the price, what stays of it too, is
 * more than that: after either the numbers are those of an extrapolated law. */
static inline bool is_beyond_known(const struct sqz_book *book, const struct sqz_book_state *state)
{
    double displaced = state->displacement_log, moved = state->permanent_log + displaced;
    return fabs(displaced) > book->known_log[sqz_order_side_of(displaced)] ||
           fabs(moved) > book->known_log[sqz_order_side_of(moved)];
}

/* Add to what is missing, whose total is then read. */
static __attribute__((noinline)) void consume(const struct sqz_book *book,
                                              struct sqz_book_state *state, double missing_usd)
{
    bool bought = false, sold = false;
    double missing = 0.0;
    for (size_t i = 0; i < book->scales; i++) {
        double here = state->missing[i] + book->weight[i] * missing_usd;
        state->missing[i] = here;
        state->recovering |= book->rate[i] > 0 && here != 0.0;
        bought |= here > 0.0;
        sold |= here < 0.0;
        missing += here;
    }
    state->mixed = bought && sold; /* recovery keeps every sign */
    state->displacement_log = displacement(book, missing);
    state->exhausted |= fabs(missing) > book->capacity_usd[sqz_order_side_of(missing)];
}

void sqz_book_execute(const struct sqz_book *book, struct sqz_book_state *state, double order_usd,
                      double depth_multiplier)
{
    struct impact impact = impact_of(book, state, order_usd, depth_multiplier);
    state->permanent_log = cut_off(state->permanent_log + impact.permanent_log);
    if (impact.missing_usd != 0.0)
        consume(book, state, impact.missing_usd);
    state->beyond_known |= is_beyond_known(book, state);
}

/* An order this small next to what is missing already moves D by its slope; the difference of two
 * integrals would be mostly rounding. */
static const double SMALL_ORDER = 1e-5; /* where both errors are about 1e-11 of D */

/* Mean of G from `before` to `after`. G is monotone, so the mean lies between its ends. */
static double mean_displacement(const struct sqz_book *book, double before, double after)
{
    double first = displacement(book, before), last = displacement(book, after);
    double volume = after - before, mean = 0.5 * (first + last);
    if (fabs(volume) > SMALL_ORDER * fabs(before))
        mean = (book->shape->cost(book->shape_shared, after) -
                book->shape->cost(book->shape_shared, before)) /
               volume;
    return fmax(fmin(first, last), fmin(fmax(first, last), mean));
}

double sqz_book_fill(const struct sqz_book *book, const struct sqz_book_state *state,
                     double order_usd, double depth_multiplier)
{
    struct impact impact = impact_of(book, state, order_usd, depth_multiplier);
    double before = total_missing(book, state), after = before + impact.missing_usd;
    double transient =
        after != before ? mean_displacement(book, before, after) : state->displacement_log;
    return cut_off(state->permanent_log + 0.5 * impact.permanent_log) + transient;
}

/* P + D after an order into a book with `missing_usd` missing. */
static double displaced_log(const struct sqz_book *book, const struct sqz_book_state *state,
                            double missing_usd, double order_usd, double depth_multiplier)
{
    struct impact impact = impact_of(book, state, order_usd, depth_multiplier);
    return cut_off(state->permanent_log + impact.permanent_log) +
           displacement(book, missing_usd + impact.missing_usd);
}

double sqz_book_order_reaching(const struct sqz_book *book, const struct sqz_book_state *state,
                               double displacement_log, double depth_multiplier)
{
    double missing = total_missing(book, state);
    double way = displacement_log - state->permanent_log - state->displacement_log;
    double direction = sqz_order_sign(sqz_order_side_of(way));
    if (way == 0.0)
        return 0.0;
    /* P + D rises with the order: double until it is beyond, then halve between. */
    double lo = 0.0,
           hi = book->depth_usd[sqz_order_side_of(way)] * fabs(way) / SQZ_DEPTH_DISTANCE_LOG;
    while (direction * (displaced_log(book, state, missing, direction * hi, depth_multiplier) -
                        displacement_log) <
           0) {
        lo = hi;
        hi *= 2.0;
        if (hi > DBL_MAX / 4)
            return direction * INFINITY;
    }
    for (;;) {
        double middle = 0.5 * (lo + hi);
        if (middle <= lo || middle >= hi)
            return direction * hi;
        if (direction * (displaced_log(book, state, missing, direction * middle, depth_multiplier) -
                         displacement_log) <
            0)
            lo = middle;
        else
            hi = middle;
    }
}

double sqz_book_order_within(const struct sqz_book *book, const struct sqz_book_state *state,
                             double order_usd, double displacement_log, double depth_multiplier)
{
    double direction = sqz_order_sign(sqz_order_side_of(order_usd));
    double after =
        displaced_log(book, state, total_missing(book, state), order_usd, depth_multiplier);
    if (direction * (displacement_log - after) >= 0.0)
        return order_usd;
    if (direction * (displacement_log - state->permanent_log - state->displacement_log) <= 0.0)
        return 0.0;
    return sqz_book_order_reaching(book, state, displacement_log, depth_multiplier);
}

/* exp(-x); where that is below every double, without the library's long way to 0. */
static double remaining(double x)
{
    static const double UNDERFLOW_AT = 746.0;
    return x >= UNDERFLOW_AT ? 0.0 : exp(-x);
}

/* Whether what still recovers is, where it is as a share of the depth. */
static __attribute__((noinline)) bool negligible(const struct sqz_book *book,
                                                 const struct sqz_book_state *state)
{
    double net = 0.0, missing = total_missing(book, state);
    for (size_t i = 0; i < book->scales; i++)
        if (book->rate[i] > 0.0)
            net += state->missing[i];
    return fabs(displacement(book, missing) - displacement(book, missing - net)) <= NEGLIGIBLE;
}

static void finish_recovery(const struct sqz_book *book, struct sqz_book_state *state)
{
    for (size_t i = 0; i < book->scales; i++)
        if (book->rate[i] > 0)
            state->missing[i] = 0.0;
    state->recovering = state->mixed = false;
}

void sqz_book_evolve(const struct sqz_book *book, struct sqz_book_state *state, double elapsed_s)
{
    if (state->stress > 0.0)
        state->stress *= remaining(book->withdrawal_rate * elapsed_s);
    if (!state->recovering)
        return;
    double gross = 0.0, missing = 0.0;
    for (size_t i = 0; i < book->scales; i++) {
        double left = state->missing[i];
        if (book->rate[i] > 0.0) {
            left *= remaining(book->rate[i] * elapsed_s);
            state->missing[i] = left;
            gross += fabs(left);
        }
        missing += left;
    }
    if (gross <= book->negligible_usd && negligible(book, state)) {
        finish_recovery(book, state);
        missing = total_missing(book, state);
    }
    state->displacement_log = displacement(book, missing);
}

double sqz_book_ahead(const struct sqz_book *book, const struct sqz_book_state *state,
                      double elapsed_s)
{
    struct sqz_book_state copy = *state;
    sqz_book_evolve(book, &copy, elapsed_s);
    return copy.displacement_log;
}

void sqz_book_bounds(const struct sqz_book *book, const struct sqz_book_state *state,
                     double elapsed_s, double *lo, double *hi)
{
    *lo = *hi = state->displacement_log;
    if (!state->recovering)
        return;
    /* Each E_i moves monotonically to E_i exp(-rho_i h): by how much the sum can fall and rise. */
    double fall = 0.0, rise = 0.0, missing = 0.0;
    for (size_t i = 0; i < book->scales; i++) {
        double change = state->missing[i];
        missing += change;
        if (book->rate[i] == 0.0)
            continue;
        if (elapsed_s < INFINITY && change != 0.0)
            change *= -expm1(-book->rate[i] * elapsed_s);
        if (change > 0)
            fall += change;
        else
            rise -= change;
    }
    if (fall > 0)
        *lo = displacement(book, missing - fall);
    if (rise > 0)
        *hi = displacement(book, missing + rise);
}
