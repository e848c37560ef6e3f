/* The laws of the synthetic population, each against a closed form: sizes, sides, leverage, entries
 * given that a position is open, and buffers. */
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/core/population.h"

static const double START_USD = 84178.9;

/* What a scenario without any other key would have. */
static struct sqz_population_params standard(double accounts)
{
    return (struct sqz_population_params){
        .accounts = accounts,
        .notional_usd = 1.3e9,
        .sigma = 2.3,
        .tail_exponent = 0.8,
        .tail_share = NAN,
        .tail_max = 1e4,
        .leverage = {4, {10, 25, 50, 100}},
        .leverage_weight = {4, {0.04, 0.23, 0.32, 0.41}},
        .short_share = 0.5,
        .buffer = 0.5,
        .entry_sd_log = 0.05,
        .seed = 1,
    };
}

static size_t draw(const struct sqz_population_params *params, const struct sqz_position *terms,
                   struct sqz_holding **holding)
{
    struct sqz_diag diag = {0};
    size_t count = 0;
    if (sqz_population_draw(params, START_USD, terms, holding, &count, &diag) != SQZ_OK)
        fail_msg("%s: %s", diag.field, diag.message);
    return count;
}

static int ascending(const void *first, const void *second)
{
    double a = *(const double *)first, b = *(const double *)second;
    return (a > b) - (a < b);
}

static double normal_law(double z)
{
    return 0.5 * erfc(-z / sqrt(2.0));
}

static double normal_density(double z)
{
    return exp(-0.5 * z * z) / sqrt(2 * M_PI);
}

/* Kolmogorov: the largest distance of n values, sorted here, from a law. Beyond 2.28 / sqrt(n) with
 * the probability of 4 standard errors, 2 exp(-2 * 2.28^2) = 6e-5. */
static void check_law(const char *what, double *value, size_t n,
                      double (*law)(double, const void *), const void *context)
{
    double furthest = 0.0;
    qsort(value, n, sizeof *value, ascending);
    for (size_t i = 0; i < n; i++) {
        double expected = law(value[i], context);
        furthest = fmax(furthest, fabs((double)i / (double)n - expected));
        furthest = fmax(furthest, fabs((double)(i + 1) / (double)n - expected));
    }
    if (!(furthest * sqrt((double)n) <= 2.28))
        fail_msg("%s: %zu values are %.5f from their law, expected up to %.5f", what, n, furthest,
                 2.28 / sqrt((double)n));
}

/* ---- sizes --------------------------------------------------------------------------------- */

/* Sorted quantities of one side, which all have one scale. */
static double *sizes_of(const struct sqz_population_params *params, enum sqz_side side,
                        size_t *count)
{
    static const struct sqz_position TERMS = {.rate = 0.004};
    struct sqz_holding *holding;
    size_t all = draw(params, &TERMS, &holding);
    double *size = malloc(all * sizeof *size);
    assert_non_null(size);
    *count = 0;
    for (size_t i = 0; i < all; i++)
        if (holding[i].position.side == side)
            size[(*count)++] = holding[i].position.quantity;
    free(holding);
    qsort(size, *count, sizeof *size, ascending);
    return size;
}

/* A quantile of the log size and the density there, in closed form with a join found here:
 * bisection of log(phi / Phi). The inverse of Phi is Newton's, by erfc. */
struct point {
    double log_size, density;
};

static double inverse_normal(double share)
{
    double z = 0.0;
    for (int i = 0; i < 100; i++)
        z -= fmax(-1, fmin(1, (normal_law(z) - share) / normal_density(z)));
    return z;
}

static double join_of(double odds_slope)
{
    double lo = -12, hi = 12;
    for (int i = 0; i < 100; i++) {
        double z = 0.5 * (lo + hi);
        *(normal_density(z) > odds_slope * normal_law(z) ? &lo : &hi) = z;
    }
    return lo;
}

static struct point point_of(const struct sqz_population_params *params, double share)
{
    double a = params->tail_exponent, sigma = params->sigma, s = params->tail_share;
    double kept = 1 - pow(params->tail_max, -a);
    double z = isnan(s) ? a * sigma : join_of(s / (1 - s) * a * sigma / kept);
    if (isnan(s)) {
        double body = sigma * a * normal_law(z), tail = kept * normal_density(z);
        s = tail / (body + tail);
    }
    struct point point;
    if (share > 1 - s) {
        double beyond = -log(1 - (share - (1 - s)) / s * kept) / a; /* log of multiples of theta */
        point.log_size = sigma * z + beyond;
        point.density = s * a * exp(-a * beyond) / kept;
    } else {
        double normal = inverse_normal(share / (1 - s) * normal_law(z));
        point.log_size = sigma * normal;
        point.density = (1 - s) * normal_density(normal) / (sigma * normal_law(z));
    }
    return point;
}

/* The scale is random, so quantiles are compared with the median: asymptotically the difference of
 * two sample quantiles at p < q is normal with n times the variance
 * p (1 - p) / f^2 + q (1 - q) / g^2 - 2 p (1 - q) / (f g) (David and Nagaraja, Order Statistics,
 * 10.3). */
static void check_quantiles(const struct sqz_population_params *params, enum sqz_side side)
{
    static const double SHARE[] = {0.004, 0.03, 0.17, 0.36, 0.71, 0.87, 0.94, 0.97, 0.99, 0.998};
    size_t n;
    double *size = sizes_of(params, side, &n);
    struct point median = point_of(params, 0.5);
    for (size_t i = 0; i < sizeof SHARE / sizeof SHARE[0]; i++) {
        struct point point = point_of(params, SHARE[i]);
        double p = fmin(SHARE[i], 0.5), q = fmax(SHARE[i], 0.5), f = point.density;
        double variance = SHARE[i] * (1 - SHARE[i]) / (f * f) +
                          0.25 / (median.density * median.density) -
                          2 * p * (1 - q) / (f * median.density);
        double difference = log(size[(size_t)(SHARE[i] * (double)n)] / size[n / 2]);
        char what[80];
        snprintf(what, sizeof what, "log size at %g less that at the median", SHARE[i]);
        check_within_4se(what, difference, point.log_size - median.log_size,
                         sqrt(variance / (double)n), 0);
    }
    free(size);
}

static void test_quantiles_of_sizes(void **state)
{
    (void)state;
    struct sqz_population_params params = standard((double)test_paths(200000));
    params.short_share = 0.37; /* size and side have nothing to do with one another */
    check_quantiles(&params, SQZ_UP);
    check_quantiles(&params, SQZ_DOWN);
    params.short_share = 1;
    params.seed = 7;
    params.tail_share = 0.11;
    params.tail_max = 53;
    params.sigma = 2.1;
    params.tail_exponent = 0.87;
    check_quantiles(&params, SQZ_UP);
    params.seed = 8;
    params.tail_share = 0;
    check_quantiles(&params, SQZ_UP);
}

/* Hill (Annals of Statistics 3 (1975), 1163): the k largest over the next, maximum likelihood. In
 * the tail k / estimate is exactly gamma-distributed, with standard error 1 / sqrt(k). */
static void test_hill(void **state)
{
    (void)state;
    static const double EXPONENT[] = {0.75, 0.83, 0.9};
    for (size_t i = 0; i < 3; i++) {
        struct sqz_population_params params = standard((double)test_paths(120000));
        params.tail_exponent = EXPONENT[i];
        params.short_share = 1;
        params.tail_max = INFINITY;
        params.tail_share = 0.06;
        params.seed = (double)(11 + i);
        size_t n, k;
        double *size = sizes_of(&params, SQZ_UP, &n), sum = 0.0;
        k = (size_t)(0.055 * (double)n);
        for (size_t top = n - k; top < n; top++)
            sum += log(size[top] / size[n - k - 1]);
        check_within_4se("mean log excess", sum / (double)k, 1 / EXPONENT[i],
                         1 / EXPONENT[i] / sqrt((double)k), 0);
        free(size);
    }
}

/* Truncated tail: Aban, Meerschaert and Panorska (2006), eq. 2.3: with r the smallest over the
 * largest, the estimate solves 1/a + r^a ln(r) / (1 - r^a) = mean log excess. The standard error is
 * from the information of an exponential law cut off at c = -ln(r),
 * 1/a^2 - c^2 r^a / (1 - r^a)^2. */
static double mean_excess(double a, double cut)
{
    return 1 / a - cut * exp(-a * cut) / -expm1(-a * cut);
}

static void test_truncated_tail(void **state)
{
    (void)state;
    struct sqz_population_params params = standard((double)test_paths(120000));
    params.short_share = 1;
    params.tail_max = 31.7;
    params.tail_share = 0.06;
    params.tail_exponent = 0.79;
    params.seed = 5;
    size_t n;
    double *size = sizes_of(&params, SQZ_UP, &n), sum = 0.0;
    size_t k = (size_t)(0.055 * (double)n);
    for (size_t top = n - k; top < n; top++)
        sum += log(size[top] / size[n - k - 1]);
    double cut = log(size[n - 1] / size[n - k - 1]), lo = 0.01, hi = 10;
    for (int i = 0; i < 100; i++) {
        double a = 0.5 * (lo + hi);
        *(mean_excess(a, cut) > sum / (double)k ? &lo : &hi) = a;
    }
    double kept = -expm1(-0.79 * cut);
    double information = 1 / (0.79 * 0.79) - cut * cut * exp(-0.79 * cut) / (kept * kept);
    check_within_4se("tail exponent", lo, 0.79, 1 / sqrt(information * (double)k), 0);
    free(size);
}

/* ---- sides and leverage -------------------------------------------------------------------- */

static void test_mix(void **state)
{
    (void)state;
    static const struct sqz_position TERMS = {.rate = 0.004, .fee = 0.0005};
    struct sqz_population_params params = standard((double)test_paths(150000));
    params.buffer = 0;
    params.short_share = 0.37;
    struct sqz_holding *holding;
    size_t count = draw(&params, &TERMS, &holding), shorts = 0, both[4] = {0}, seen[4] = {0};
    double usd[2] = {0};
    for (size_t i = 0; i < count; i++) {
        const struct sqz_position *position = &holding[i].position;
        double leverage = position->quantity * position->entry_usd / position->collateral;
        bool is_short = position->side == SQZ_UP;
        shorts += is_short;
        usd[position->side] += position->quantity * START_USD;
        for (size_t l = 0; l < 4; l++) {
            bool at = fabs(leverage / params.leverage.value[l] - 1) < 1e-9;
            seen[l] += at;
            both[l] += at && is_short;
        }
        assert_true(sqz_margin_excess(position, 1, START_USD) > 0);
    }
    check_share_4se("shorts", shorts, count, 0.37, 0);
    check_near("short notional", usd[SQZ_UP] / 1.3e9, 0.37, 1e-9);
    check_near("long notional", usd[SQZ_DOWN] / 1.3e9, 0.63, 1e-9);
    for (size_t l = 0; l < 4; l++) {
        check_share_4se("leverage", seen[l], count, params.leverage_weight.value[l], 0);
        check_share_4se("shorts of a leverage", both[l], seen[l], 0.37, 0);
    }
    free(holding);
}

/* Large positions have the leverage of all: one in nine of either side. */
static void test_leverage_of_large_ones(void **state)
{
    (void)state;
    static const struct sqz_position TERMS = {.rate = 0.004};
    struct sqz_population_params params = standard((double)test_paths(150000));
    params.buffer = 0;
    for (int side = 0; side < 2; side++) {
        size_t n, highest = 0, large = 0;
        double *size = sizes_of(&params, (enum sqz_side)side, &n);
        struct sqz_holding *holding;
        size_t count = draw(&params, &TERMS, &holding);
        for (size_t i = 0; i < count; i++) {
            const struct sqz_position *position = &holding[i].position;
            if ((int)position->side != side || position->quantity < size[n - n / 9])
                continue;
            large++;
            highest += position->quantity * position->entry_usd > 99 * position->collateral;
        }
        assert_int_equal(large, n / 9);
        check_share_4se("large ones at 100", highest, large, 0.41, 0);
        free(holding);
        free(size);
    }
}

/* ---- entries ------------------------------------------------------------------------------- */

/* Log-normal around the start price, on one side of a price. */
struct open_law {
    double spread, edge_usd;
    enum sqz_side side;
};

static double open_entries(double entry_usd, const void *context)
{
    const struct open_law *law = context;
    double share = normal_law(log(entry_usd / START_USD) / law->spread);
    double edge = normal_law(log(law->edge_usd / START_USD) / law->spread);
    return law->side == SQZ_DOWN ? fmin(share / edge, 1) : fmax((share - edge) / (1 - edge), 0);
}

static double *entries_of(const struct sqz_population_params *params,
                          const struct sqz_position *terms, size_t *count)
{
    struct sqz_holding *holding;
    *count = draw(params, terms, &holding);
    double *entry = malloc(*count * sizeof *entry);
    assert_non_null(entry);
    for (size_t i = 0; i < *count; i++)
        entry[i] = holding[i].position.entry_usd;
    free(holding);
    return entry;
}

/* Open at P: a long entered below P (1 - m) / (1 - 1/L), a short above P (1 + m) / (1 + 1/L), with
 * m maintenance and closing fee. */
static void test_entries_given_that_they_are_open(void **state)
{
    (void)state;
    static const struct sqz_position TERMS = {.rate = 0.006, .fee = 0.00055};
    static const double M = 0.00655, LEVERAGE[] = {5, 20, 75};
    for (size_t i = 0; i < 3; i++)
        for (int side = 0; side < 2; side++) {
            struct sqz_population_params params = standard((double)test_paths(40000));
            params.leverage = (struct sqz_list){1, {LEVERAGE[i]}};
            params.leverage_weight.count = 0;
            params.buffer = 0;
            params.short_share = side == SQZ_UP;
            params.entry_sd_log = 0.083;
            struct open_law law = {.spread = 0.083, .side = (enum sqz_side)side};
            law.edge_usd = side == SQZ_UP ? START_USD * (1 + M) / (1 + 1 / LEVERAGE[i])
                                          : START_USD * (1 - M) / (1 - 1 / LEVERAGE[i]);
            size_t count;
            double *entry = entries_of(&params, &TERMS, &count);
            check_law("entries", entry, count, open_entries, &law);
            free(entry);
        }
}

/* Nothing is liquidated at leverage 1: the whole histogram, here with equal steps of the log. */
enum { ROWS = 6 };
static const double STEP_LOG = 0.0371, VOLUME[ROWS] = {2.5, 0.75, 4.125, 0, 1.9, 0.3};

static double volume_law(double entry_usd, const void *context)
{
    const double *lowest_usd = context;
    double total = 0.0, below = 0.0, at = log(entry_usd / *lowest_usd) / STEP_LOG + 0.5;
    for (size_t row = 0; row < ROWS; row++) {
        total += VOLUME[row];
        below += VOLUME[row] * fmax(0, fmin(1, at - (double)row));
    }
    return below / total;
}

static void test_entries_by_volume(void **state)
{
    (void)state;
    static const struct sqz_position TERMS = {.rate = 0.004};
    double lowest_usd = 71234.5, cell[ROWS][2];
    long line[ROWS] = {0};
    for (size_t row = 0; row < ROWS; row++) {
        cell[row][0] = lowest_usd * exp(STEP_LOG * (double)row);
        cell[row][1] = VOLUME[row];
    }
    struct sqz_population_params params = standard((double)test_paths(100000));
    params.leverage = (struct sqz_list){1, {1}};
    params.leverage_weight.count = 0;
    params.short_share = 0;
    params.volume =
        (struct sqz_table){.rows = ROWS, .columns = 2, .value = &cell[0][0], .line = line};
    size_t count;
    double *entry = entries_of(&params, &TERMS, &count);
    check_law("entries by volume", entry, count, volume_law, &lowest_usd);
    free(entry);
}

/* ---- buffers ------------------------------------------------------------------------------- */

static double exponential_law(double value, const void *context)
{
    return -expm1(-value / *(const double *)context);
}

/* Exponential, although few of those with little margin would have been open. */
static void test_buffers(void **state)
{
    (void)state;
    static const struct sqz_position TERMS = {.rate = 0.004};
    struct sqz_population_params params = standard((double)test_paths(100000));
    params.leverage = (struct sqz_list){1, {40}};
    params.leverage_weight.count = 0;
    params.buffer = 0.73;
    struct sqz_holding *holding;
    size_t count = draw(&params, &TERMS, &holding);
    double *buffer = malloc(count * sizeof *buffer);
    assert_non_null(buffer);
    for (size_t i = 0; i < count; i++) {
        const struct sqz_position *position = &holding[i].position;
        buffer[i] = 40 * position->collateral / (position->quantity * position->entry_usd) - 1;
    }
    check_law("buffers", buffer, count, exponential_law, &params.buffer);
    free(buffer);
    free(holding);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantiles_of_sizes),
        cmocka_unit_test(test_hill),
        cmocka_unit_test(test_truncated_tail),
        cmocka_unit_test(test_mix),
        cmocka_unit_test(test_leverage_of_large_ones),
        cmocka_unit_test(test_entries_given_that_they_are_open),
        cmocka_unit_test(test_entries_by_volume),
        cmocka_unit_test(test_buffers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
