/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two clusters of shorts, end to end (tests/oracles/two_cluster_end_to_end.csv): the first one
 * fires, its impact helps the price towards the second one and decays meanwhile. */
#include "tests/support/support.h"

#include <math.h>

enum { PATHS = 300000, SEED = 21 };

static const double DEPTH_USD = 20e6;

/* On a flat book of depth d an order Q moves the price by 0.01 Q/d, the share phi of it for good:
 * Q = 100 d D0 makes D0, and half-life ln 2 / rho the decay. */
static void clusters_init(struct test_world *test, const struct oracle *oracle, size_t row)
{
    double rho = oracle_number(oracle, row, "rho");
    double usd = 100 * DEPTH_USD * oracle_number(oracle, row, "D0");
    struct sqz_level levels[] = {
        {.distance_log = oracle_number(oracle, row, "b2"), .notional_usd = usd, .side = SQZ_UP},
        {.distance_log = oracle_number(oracle, row, "b1"), .notional_usd = usd, .side = SQZ_UP},
    };
    test_book_init(&test->book, DEPTH_USD, 1, oracle_number(oracle, row, "phi_perm"),
                   rho > 0 ? M_LN2 / rho : INFINITY);
    test_world_init(test, levels, 2, oracle_number(oracle, row, "sigma"),
                    oracle_number(oracle, row, "T"));
}

static void check_clusters(const struct test_world *test, const struct oracle *oracle, size_t row)
{
    /* Of the Volterra solution behind p_cluster2. */
    static const double GRID_ERROR = 5e-6;
    struct test_engine engine;
    uint64_t paths = test_paths(PATHS), fired[3] = {0};
    test_engine_init_stops(&engine, (const struct sqz_world *[]){&test->world}, 1);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, SEED + row, path, NULL);
        fired[sqz_engine_outcome(&engine.engine, 0)->liquidations[SQZ_UP]]++;
    }
    test_engine_free(&engine);
    check_share_4se("P(cluster 1 fires)", fired[1] + fired[2], paths,
                    oracle_number(oracle, row, "p_cluster1"), 0);
    check_share_4se("P(cluster 2 fires)", fired[2], paths, oracle_number(oracle, row, "p_cluster2"),
                    GRID_ERROR);
}

static void test_two_clusters(void **state)
{
    (void)state;
    struct oracle oracle;
    oracle_read(&oracle, "two_cluster_end_to_end.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        struct test_world test;
        clusters_init(&test, &oracle, row);
        check_clusters(&test, &oracle, row);
        test_world_free(&test);
    }
    assert_int_equal(oracle.rows, 5);
    oracle_free(&oracle);
}

/* Longs below are the mirror image: the same numbers with every sign turned. */
static void test_two_clusters_of_longs(void **state)
{
    (void)state;
    struct oracle oracle;
    uint64_t paths = test_paths(PATHS), both = 0;
    oracle_read(&oracle, "two_cluster_end_to_end.csv");
    const size_t row = 1;
    struct test_world test;
    struct test_engine engine;
    clusters_init(&test, &oracle, row);
    struct sqz_ladder_side longs = test.ladder.side[SQZ_DOWN];
    test.ladder.side[SQZ_DOWN] = test.ladder.side[SQZ_UP];
    test.ladder.side[SQZ_UP] = longs;
    test_engine_init_stops(&engine, (const struct sqz_world *[]){&test.world}, 1);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, SEED + 100, path, NULL);
        both += sqz_engine_outcome(&engine.engine, 0)->liquidations[SQZ_DOWN] == 2;
    }
    check_share_4se("P(both clusters of longs fire)", both, paths,
                    oracle_number(&oracle, row, "p_cluster2"), 5e-6);
    test_engine_free(&engine);
    test_world_free(&test);
    oracle_free(&oracle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_clusters),
        cmocka_unit_test(test_two_clusters_of_longs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
