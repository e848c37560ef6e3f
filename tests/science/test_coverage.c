/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The intervals of paired differences hold the truth as often as they say: 200 batches, each of its
 * own seed, of worlds without impact, where the reflection principle gives every truth. */
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>

#include <gsl/gsl_cdf.h>

#include "sim/batch/batch.h"

enum { SEEDS = 200, PATHS = 400, FIRST_SEED = 4100, WORLDS = 4 };

static const double HORIZON_S = 86400;

/* World 0 is the base. Each has one level at its own distance; nothing moves the price but noise.
 */
static const struct {
    double sigma_per_day, target_log, level_log, level_usd;
} WORLD[WORLDS] = {{0.0300, 0.0250, 0.0180, 3.1e6},
                   {0.0300, 0.0310, 0.0220, 5.3e6},   /* a farther target and level */
                   {0.0372, 0.0250, 0.0180, 3.1e6},   /* more volatility */
                   {0.0231, 0.0187, 0.0310, 12.4e6}}; /* less of it, a nearer target */

/* P(max of sigma W over the horizon >= b) = 2 P(sigma W(T) >= b). */
static double touch(size_t world, double distance_log)
{
    return 2 * gsl_cdf_ugaussian_Q(distance_log / WORLD[world].sigma_per_day);
}

struct run_fixture {
    struct test_world world[WORLDS];
    struct sqz_exit_table table;
    const struct sqz_world *worlds[WORLDS];
    struct sqz_pairing pairing[WORLDS - 1];
};

static void init_run(struct run_fixture *run)
{
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_exit_table_init(&run->table, &diag), SQZ_OK);
    for (size_t w = 0; w < WORLDS; w++) {
        struct sqz_level level = {
            .distance_log = WORLD[w].level_log, .notional_usd = WORLD[w].level_usd, .side = SQZ_UP};
        test_book_init(&run->world[w].book, 20e6, 1, 0.2, 60);
        test_world_init(&run->world[w], &level, 1, WORLD[w].sigma_per_day / sqrt(HORIZON_S),
                        HORIZON_S);
        run->world[w].world.market.impact = false;
        run->world[w].world.stops.watch_log[SQZ_TARGET] = WORLD[w].target_log;
        run->worlds[w] = &run->world[w].world;
        if (w > 0)
            run->pairing[w - 1] = (struct sqz_pairing){w, 0};
    }
}

static void free_run(struct run_fixture *run)
{
    for (size_t w = 0; w < WORLDS; w++)
        test_world_free(&run->world[w]);
}

/* More of them bring an interval of counts nearer to its nominal coverage: make validate has larger
 * batches, not more. */
static uint64_t paths_of_batch(void)
{
    uint64_t scaled = test_paths(PATHS);
    return scaled > PATHS ? scaled : PATHS;
}

static uint64_t batches(void)
{
    uint64_t scaled = test_paths(SEEDS);
    return scaled < SEEDS ? scaled : SEEDS;
}

/* One batch, as a comparison runs it. */
static void run_batch(const struct run_fixture *run, uint64_t seed,
                      struct sqz_pair pair[WORLDS - 1])
{
    struct sqz_diag diag = {0};
    struct sqz_tally tally[WORLDS];
    struct sqz_batch_plan plan = {
        .engine = {.exit_table = &run->table,
                   .worlds = run->worlds,
                   .n_worlds = WORLDS,
                   .max_events = 100000000},
        .pairing = run->pairing,
        .n_pairings = WORLDS - 1,
        .seed = seed,
        .paths = paths_of_batch(),
        .jobs = 1,
    };
    for (size_t w = 0; w < WORLDS; w++)
        assert_int_equal(sqz_tally_init(&tally[w], HORIZON_S, 0, 0, &diag), SQZ_OK);
    assert_int_equal(sqz_batch_run(&plan, tally, pair, &diag), SQZ_OK);
    for (size_t w = 0; w < WORLDS; w++)
        sqz_tally_free(&tally[w]);
}

/* What is estimated for each of the three pairs. */
enum quantity { TOUCH, FORCED, RATIO, QUANTITIES };
static const char *const QUANTITY[QUANTITIES] = {
    "difference of probabilities", "difference of forced notional", "ratio of forced notional"};

static double truth(enum quantity quantity, size_t x)
{
    double own = WORLD[x].level_usd * touch(x, WORLD[x].level_log);
    double base = WORLD[0].level_usd * touch(0, WORLD[0].level_log);
    switch (quantity) {
    case TOUCH:
        return touch(x, WORLD[x].target_log) - touch(0, WORLD[0].target_log);
    case FORCED:
        return own - base;
    default:
        return own / base;
    }
}

static struct sqz_estimate estimate(enum quantity quantity, const struct sqz_pair *pair)
{
    switch (quantity) {
    case TOUCH:
        return sqz_estimate_share_difference(pair->only_x[SQZ_TARGET], pair->only_y[SQZ_TARGET],
                                             pair->paths);
    case FORCED:
        return sqz_mean_estimate(&pair->forced_usd.difference);
    default:
        return sqz_pairs_ratio(&pair->forced_usd);
    }
}

/* Coverage at 95 % is a binomial count; it must lie where all but one in a thousand of them do,
 * either way: from 179 to 198 of 200. The estimates themselves must have the truth as their mean.
 */
static void test_paired_intervals_cover(void **state)
{
    (void)state;
    struct run_fixture run;
    uint64_t seeds = batches();
    unsigned covered[QUANTITIES][WORLDS - 1] = {{0}};
    struct sqz_mean mean[QUANTITIES][WORLDS - 1] = {{{0}}};
    init_run(&run);
    for (uint64_t seed = 0; seed < seeds; seed++) {
        struct sqz_pair pair[WORLDS - 1] = {{0}};
        run_batch(&run, FIRST_SEED + seed, pair);
        for (int q = 0; q < QUANTITIES; q++)
            for (size_t p = 0; p < WORLDS - 1; p++) {
                struct sqz_estimate found = estimate(q, &pair[p]);
                double true_value = truth(q, p + 1);
                covered[q][p] += found.lo <= true_value && true_value <= found.hi;
                sqz_mean_add(&mean[q][p], found.value);
            }
    }
    for (int q = 0; q < QUANTITIES; q++)
        for (size_t p = 0; p < WORLDS - 1; p++) {
            unsigned n = (unsigned)seeds, k = covered[q][p];
            if (gsl_cdf_binomial_P(k, 0.95, n) < 1e-3 ||
                (k > 0 && gsl_cdf_binomial_Q(k - 1, 0.95, n) < 1e-3))
                fail_msg("%s, world %zu: the truth was inside %u of %u intervals", QUANTITY[q],
                         p + 1, k, n);
            /* A ratio of means is biased by its variance over the number of paths: half a standard
             * error of this mean. */
            struct sqz_estimate of_all = sqz_mean_estimate(&mean[q][p]);
            check_within_4se(QUANTITY[q], of_all.value, truth(q, p + 1), of_all.se,
                             q == RATIO ? of_all.se : 0);
        }
    free_run(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paired_intervals_cover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
