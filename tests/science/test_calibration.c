/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calibration finds what was planted, within its own intervals as often as these say: 95 % of them
 * hold the truth, to within four standard errors of a share of that many tries. */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/analysis/fit_jumps.h"
#include "sim/analysis/fit_market.h"
#include "sim/core/rng.h"
#include "sim/core/side.h"

/* Standard normal values, by pairs (Box and Muller 1958). */
struct source {
    struct sqz_stream stream;
    double kept;
};

static struct source source_of(uint64_t seed)
{
    struct source source = {.kept = NAN};
    sqz_stream_open(&source.stream, 20261201, seed, 0);
    return source;
}

static double uniform(struct source *source)
{
    return sqz_stream_uniform(&source->stream);
}

static double normal(struct source *source)
{
    double value = source->kept;
    source->kept = NAN;
    if (!isnan(value))
        return value;
    double radius = sqrt(-2 * log(1 - uniform(source))), angle = 2 * M_PI * uniform(source);
    source->kept = radius * sin(angle);
    return radius * cos(angle);
}

static double exponential(struct source *source)
{
    return -log(1 - uniform(source));
}

/* How often an interval of 1.96 standard errors holds the truth. */
struct coverage {
    const char *name;
    int tries, held;
};

static void try_one(struct coverage *coverage, double value, double se, double truth)
{
    coverage->tries++;
    coverage->held += fabs(value - truth) <= 1.959964 * se;
}

static void try_row(struct coverage *coverage, const struct sqz_fits *fits, double truth)
{
    const struct sqz_fit *fit = sqz_fits_find(fits, coverage->name);
    if (fit == NULL || !fit->identified)
        fail_msg("%s: %s", coverage->name, fit != NULL ? fit->why : "no row");
    else
        try_one(coverage, fit->value, fit->se, truth);
}

static void check_coverage(const struct coverage *coverage)
{
    double share = (double)coverage->held / coverage->tries;
    double error = sqrt(0.95 * 0.05 / coverage->tries);
    if (fabs(share - 0.95) > 4 * error)
        fail_msg("%s: %d of %d intervals hold the truth, expected 95 %% +- %.2g", coverage->name,
                 coverage->held, coverage->tries, 100 * 4 * error);
}

/* ---- bars ---------------------------------------------------------------------------------- */

enum { BARS = 2400 };
static const double STEP_S = 1800, DAY_S = 86400;

/* Bars of a price with a volatility of its own, and normal jumps at Poisson times. */
static void make_bars(struct sqz_record *record, struct source *source, double per_sqrt_d,
                      const double jumps[3])
{
    double at = log(100), per_bar = per_sqrt_d * sqrt(STEP_S / DAY_S);
    double next_d = jumps[0] > 0 ? exponential(source) / jumps[0] : INFINITY;
    *record = (struct sqz_record){.count = BARS, .step_s = STEP_S};
    record->bar = calloc(BARS, sizeof *record->bar);
    assert_non_null(record->bar);
    for (int i = 0; i < BARS; i++) {
        double open = at;
        at += per_bar * normal(source);
        while (next_d < (i + 1) * STEP_S / DAY_S) {
            at += jumps[1] + jumps[2] * normal(source);
            next_d += exponential(source) / jumps[0];
        }
        record->bar[i] = (struct sqz_bar){.time_s = 1.7e9 + i * STEP_S,
                                          .open_usd = exp(open),
                                          .high_usd = exp(fmax(open, at)),
                                          .low_usd = exp(fmin(open, at)),
                                          .close_usd = exp(at)};
    }
}

static void test_jumps(void **state)
{
    (void)state;
    static const double JUMPS[3] = {1.5, -0.004, 0.02};
    struct coverage rate = {.name = "jumps.rate"}, mean = {.name = "jumps.mean"},
                    sd = {.name = "jumps.sd"};
    int seeds = (int)test_paths(60);
    for (int seed = 0; seed < seeds; seed++) {
        struct source source = source_of((uint64_t)seed);
        struct sqz_record record;
        struct sqz_jump_fit fit;
        make_bars(&record, &source, 0.025, JUMPS);
        assert_int_equal(sqz_jumps_fit(&fit, &record, NULL), SQZ_OK);
        try_one(&rate, fit.rate_per_d, fit.se[0], JUMPS[0]);
        try_one(&mean, fit.mean, fit.se[1], JUMPS[1]);
        try_one(&sd, fit.sd, fit.se[2], JUMPS[2]);
        free(record.bar);
    }
    check_coverage(&rate);
    check_coverage(&mean);
    check_coverage(&sd);
}

/* Without jumps one record in a hundred has a bar that looks like one, and none has five. */
static void test_no_jumps(void **state)
{
    (void)state;
    static const double NONE[3] = {0, 0, 0};
    int seeds = (int)test_paths(60), with_any = 0;
    for (int seed = 0; seed < seeds; seed++) {
        struct source source = source_of(1000 + (uint64_t)seed);
        struct sqz_record record;
        struct sqz_fits fits = {.count = 0};
        struct sqz_jump_fit fit;
        make_bars(&record, &source, 0.025, NONE);
        assert_int_equal(sqz_jumps_fit(&fit, &record, NULL), SQZ_OK);
        with_any += fit.seen > 0;
        assert_int_equal(sqz_fit_volatility(&fits, &record, DAY_S, NULL), SQZ_OK);
        assert_false(sqz_fits_find(&fits, "jumps.rate")->identified);
        const struct sqz_fit *volatility = sqz_fits_find(&fits, "volatility");
        if (fabs(volatility->value - 0.025) > 4 * volatility->se)
            fail_msg("volatility %g +- %g, expected 0.025", volatility->value, volatility->se);
        free(record.bar);
    }
    /* Local volatility is an estimate, so a little more than one in a hundred. */
    assert_true(with_any <= 0.1 * seeds);
}

/* The jumps' share is taken out of the volatility: together they are the variance there was. */
static void test_variance_is_split(void **state)
{
    (void)state;
    static const double JUMPS[3] = {2, 0, 0.02};
    struct source source = source_of(7);
    struct sqz_record record;
    struct sqz_fits fits = {.count = 0};
    make_bars(&record, &source, 0.03, JUMPS);
    assert_int_equal(sqz_fit_volatility(&fits, &record, DAY_S, NULL), SQZ_OK);
    double squares = 0;
    for (int i = 1; i < BARS; i++)
        squares += pow(log(record.bar[i].close_usd / record.bar[i - 1].close_usd), 2);
    double volatility = sqz_fits_find(&fits, "volatility")->value;
    double rate = sqz_fits_find(&fits, "jumps.rate")->value;
    double sd = sqz_fits_find(&fits, "jumps.sd")->value;
    double mean = sqz_fits_find(&fits, "jumps.mean")->value;
    double days = BARS * STEP_S / DAY_S;
    /* A forecast of the next day, so near the mean of all: to a tenth of it. */
    check_near("variance", volatility * volatility + rate * (sd * sd + mean * mean), squares / days,
               0.25 * squares / days);
    check_near("volatility", volatility, 0.03, 0.005);
    free(record.bar);
}

/* ---- the book ------------------------------------------------------------------------------ */

/* Snapshots whose depth and exponent wander, half of each kept from one to the next. */
static void test_book(void **state)
{
    (void)state;
    enum { SHOTS = 300, BANDS = 5 };
    static const double BAND_BP[BANDS] = {5, 10, 20, 50, 100};
    struct coverage depth = {.name = "book.depth"}, shape = {.name = "book.shape"};
    int seeds = (int)test_paths(100);
    struct sqz_depth_shot *shot = calloc(SHOTS, sizeof *shot);
    assert_non_null(shot);
    for (int seed = 0; seed < seeds; seed++) {
        struct source source = source_of(5000 + (uint64_t)seed);
        struct sqz_depth_record record = {.bands = BANDS, .shot = shot, .count = SHOTS};
        struct sqz_fits fits = {.count = 0};
        double wander[2][2] = {{0, 0}, {0, 0}};
        memcpy(record.band_bp, BAND_BP, sizeof BAND_BP);
        for (int i = 0; i < SHOTS; i++)
            for (int side = 0; side < 2; side++) {
                shot[i].reach_bp[side] = INFINITY;
                wander[side][0] = 0.5 * wander[side][0] + 0.2 * normal(&source);
                wander[side][1] = 0.5 * wander[side][1] + 0.05 * normal(&source);
                for (int b = 0; b < BANDS; b++)
                    shot[i].cumulative_usd[side][b] =
                        exp(log(3e8) + wander[side][0] +
                            (1.4 + wander[side][1]) * log(BAND_BP[b] / 100));
            }
        assert_int_equal(sqz_fit_book(&fits, &record, NULL), SQZ_OK);
        try_row(&depth, &fits, 3e8);
        try_row(&shape, &fits, 1.4);
    }
    free(shot);
    check_coverage(&depth);
    check_coverage(&shape);
}

/* A book that is cut off is fitted where it is whole, and not at all where that is too little. */
static void test_cut_off_book(void **state)
{
    (void)state;
    struct sqz_depth_shot shot = {.reach_bp = {INFINITY, 30}};
    struct sqz_depth_record record = {
        .band_bp = {5, 10, 20, 50, 100}, .bands = 5, .shot = &shot, .count = 1};
    struct sqz_fits fits = {.count = 0}, none = {.count = 0};
    for (int b = 0; b < 5; b++) {
        double usd = 2e8 * pow(record.band_bp[b] / 100, 1.2);
        shot.cumulative_usd[SQZ_UP][b] = fmin(usd, 2e8 * pow(0.2, 1.2)); /* nothing beyond 20 bp */
        shot.cumulative_usd[SQZ_DOWN][b] = b < 3 ? usd : 1;              /* known to 30 bp */
    }
    assert_int_equal(sqz_fit_book(&fits, &record, NULL), SQZ_OK);
    check_near("depth", sqz_fits_find(&fits, "book.depth")->value, 2e8, 1);
    check_near("shape", sqz_fits_find(&fits, "book.shape")->value, 1.2, 1e-9);
    assert_true(isnan(sqz_fits_find(&fits, "book.depth")->se)); /* of one snapshot */
    shot.reach_bp[SQZ_DOWN] = 10;
    assert_int_equal(sqz_fit_book(&none, &record, NULL), SQZ_OK);
    assert_false(sqz_fits_find(&none, "book.depth")->identified);
}

/* ---- trades -------------------------------------------------------------------------------- */

static void test_impact(void **state)
{
    (void)state;
    enum { SECONDS = 400 };
    struct coverage impact = {.name = "impact 1 s"};
    int seeds = (int)test_paths(100);
    struct sqz_depth_shot *shot = calloc(SECONDS + 1, sizeof *shot);
    struct sqz_tick *tick = calloc(2 * SECONDS + 2, sizeof *tick);
    assert_true(shot != NULL && tick != NULL);
    for (int seed = 0; seed < seeds; seed++) {
        struct source source = source_of(9000 + (uint64_t)seed);
        struct sqz_depth_record record = {.bands = 1, .shot = shot, .count = SECONDS + 1};
        struct sqz_ticks trades = {.tick = tick};
        struct sqz_fits fits = {.count = 0};
        double at = log(100);
        tick[trades.count++] = (struct sqz_tick){0, 100, 1e3};
        for (int i = 0; i <= SECONDS; i++) {
            shot[i] = (struct sqz_depth_shot){.time_s = i, .bid_usd = exp(at), .ask_usd = exp(at)};
            double flow = 2e5 * normal(&source); /* between this quote and the next */
            tick[trades.count++] = (struct sqz_tick){i + 0.3, 100, 0.4 * flow};
            if (i < SECONDS)
                tick[trades.count++] = (struct sqz_tick){i + 0.7, 100, 0.6 * flow};
            at += 0.7e-4 * flow / 1e6 + 0.2e-4 * normal(&source);
        }
        assert_int_equal(sqz_fit_impact(&fits, &trades, &record, NULL), SQZ_OK);
        try_row(&impact, &fits, 0.7);
    }
    free(shot);
    free(tick);
    check_coverage(&impact);
}

/* ---- events -------------------------------------------------------------------------------- */

/* Each event brings forth a Poisson number of others, at exponential times: clusters of a
 * background (Hawkes and Oakes 1974, J. Appl. Probab. 11, 493). */
static int compare(const void *first, const void *second)
{
    double a = ((const struct sqz_tick *)first)->time_s,
           b = ((const struct sqz_tick *)second)->time_s;
    return (a > b) - (a < b);
}

enum { EVENTS_MAX = 20000 };

static size_t make_events(struct sqz_tick *tick, struct source *source, double length_s,
                          const double law[3])
{
    size_t count = 0;
    for (double t = exponential(source) / law[0]; t < length_s; t += exponential(source) / law[0])
        tick[count++] = (struct sqz_tick){t, NAN, 100};
    for (size_t i = 0; i < count && count + 50 < EVENTS_MAX; i++)
        for (double reach = exponential(source); reach < law[1]; reach += exponential(source)) {
            double t = tick[i].time_s + exponential(source) / law[2];
            if (t < length_s)
                tick[count++] = (struct sqz_tick){t, NAN, 300};
        }
    qsort(tick, count, sizeof *tick, compare);
    return count;
}

static void test_flow(void **state)
{
    (void)state;
    static const double LAW[3] = {0.05, 0.5, 0.4}; /* per second, branching, per second */
    struct coverage rate = {.name = "flow.rate"}, branching = {.name = "flow.branching"},
                    decay = {.name = "flow.decay"};
    int seeds = (int)test_paths(60);
    struct sqz_tick *tick = calloc(EVENTS_MAX, sizeof *tick);
    assert_non_null(tick);
    for (int seed = 0; seed < seeds; seed++) {
        struct source source = source_of(13000 + (uint64_t)seed);
        struct sqz_ticks events = {.tick = tick};
        struct sqz_fits fits = {.count = 0};
        events.count = make_events(tick, &source, 12000, LAW);
        assert_int_equal(sqz_fit_flow(&fits, &events, NULL), SQZ_OK);
        try_row(&rate, &fits, 3600 * LAW[0]);
        try_row(&branching, &fits, LAW[1]);
        try_row(&decay, &fits, 60 * LAW[2]);
    }
    free(tick);
    check_coverage(&rate);
    check_coverage(&branching);
    check_coverage(&decay);
}

/* ---- funding ------------------------------------------------------------------------------- */

static void test_funding(void **state)
{
    (void)state;
    struct sqz_tick tick[200];
    struct sqz_ticks funding = {.tick = tick, .count = 200};
    struct sqz_fits fits = {.count = 0};
    for (int i = 0; i < 200; i++) /* of 8 hours; the last 91 are within 30 days */
        tick[i] = (struct sqz_tick){i * 28800.0, NAN, i < 109 ? 5e-4 : 1e-4};
    sqz_fit_funding(&fits, &funding);
    check_near("rate", sqz_fits_find(&fits, "funding.rate")->value, 1e-4, 1e-18);
    check_near("interval", sqz_fits_find(&fits, "funding.interval")->value, 8, 0);
    assert_false(sqz_fits_find(&fits, "funding.exit")->identified);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jumps),
        cmocka_unit_test(test_no_jumps),
        cmocka_unit_test(test_variance_is_split),
        cmocka_unit_test(test_book),
        cmocka_unit_test(test_cut_off_book),
        cmocka_unit_test(test_impact),
        cmocka_unit_test(test_flow),
        cmocka_unit_test(test_funding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
