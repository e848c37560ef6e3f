/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a map says without simulation: the branching ratio against its definition, clusters, totals.
 */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/analysis/branching.h"
#include "sim/analysis/clusters.h"
#include "sim/analysis/map.h"
#include "tests/unit/map_fixture.h"

/* ---- the branching ratio by its definition --------------------------------------------------- */

/* The ratio that the program gives there; 0 beyond the last stretch. */
static double piece_ratio(const struct sqz_branching_side *side, double p)
{
    for (size_t i = 0; i < side->count; i++)
        if (p > side->piece[i].lo_log && p <= side->piece[i].hi_log)
            return side->piece[i].ratio;
    return 0.0;
}

/* Where a level lies on an edge of the window. */
static void check_edges(const struct sqz_branching_side *side, const struct sqz_ladder_side *levels,
                        int which, int s)
{
    for (size_t i = 0; i < levels->count; i++)
        for (int far = 0; far < 2; far++) {
            double edge = levels->distance_log[i] - far * SCALE, p = edge + 0.5 * SCALE;
            if (edge > 0)
                check_near("at an edge", piece_ratio(side, p), ratio_at(levels, which, s, p),
                           1e-12);
        }
}

static void check_side(const struct sqz_branching_side *side, const struct test_world *test,
                       int which, int s)
{
    enum { POINTS = 2000 };
    const struct sqz_ladder_side *levels = &test->ladder.side[s];
    double end = levels->distance_log[UNEVEN - 1] + SCALE, max = 0.0;
    struct sqz_stream stream;
    sqz_stream_open(&stream, SEED, 1, 0);
    check_relative("order", side->order_usd, order_for(which, s, SCALE), 1e-12);
    check_relative("initial", side->initial, ratio_at(levels, which, s, 0.0), 1e-12);
    for (int i = 0; i < POINTS; i++) {
        double p = end * sqz_stream_uniform(&stream), ratio = ratio_at(levels, which, s, p);
        check_near("ratio", piece_ratio(side, p), ratio, 1e-12);
        max = fmax(max, ratio);
    }
    check_edges(side, levels, which, s);
    assert_true(side->max >= max * (1 - 1e-12));
    check_relative("maximum where it is said to be", ratio_at(levels, which, s, side->max_log),
                   side->max, 1e-12);
}

static void test_ratio_by_definition(void **state)
{
    (void)state;
    for (int which = 0; which < BOOKS; which++) {
        struct sqz_level level[2 * UNEVEN];
        struct shaped_book shaped;
        struct test_world test;
        struct sqz_branching branching;
        struct sqz_diag diag = {0};
        uneven_levels(level);
        shaped_book_init(&shaped, which, 0.4);
        world_on(&test, &shaped.book, level, 2 * UNEVEN);
        test.world.attrition.topup = SURVIVAL;
        assert_int_equal(sqz_map_branching(&branching, &test.world, SCALE, &diag), SQZ_OK);
        check_side(&branching.side[SQZ_UP], &test, which, SQZ_UP);
        check_side(&branching.side[SQZ_DOWN], &test, which, SQZ_DOWN);
        sqz_branching_free(&branching);
        test_world_free(&test);
        shaped_book_free(&shaped);
    }
}

/* Two levels 30 bp apart and, further on, one as large as both: windows of 40 bp hold 7 M twice,
 * and the maximum is said to be in the middle of the first stretch. */
static void test_middle_of_first_maximum(void **state)
{
    (void)state;
    struct sqz_level level[] = {
        {.distance_log = 0.005, .notional_usd = 5e6, .side = SQZ_UP},
        {.distance_log = 0.008, .notional_usd = 2e6, .side = SQZ_UP},
        {.distance_log = 0.021, .notional_usd = 7e6, .side = SQZ_UP},
    };
    struct test_world test;
    struct sqz_branching branching;
    struct sqz_diag diag = {0};
    test_book_init(&test.book, 10e6, 1, 0.25, 60);
    test_world_init(&test, level, 3, 0, 1);
    assert_int_equal(sqz_map_branching(&branching, &test.world, 0.004, &diag), SQZ_OK);
    check_near("maximum", branching.side[SQZ_UP].max, 7e6 / 4e6, 1e-12);
    /* Both are in the window while its near edge is between 40 and 50 bp. */
    check_near("where", branching.side[SQZ_UP].max_log, 0.0065, 1e-12);
    check_near("initial", branching.side[SQZ_UP].initial, 0.0, 0.0);
    assert_int_equal(branching.side[SQZ_UP].count, 6);
    assert_int_equal(branching.side[SQZ_DOWN].count, 0);
    assert_true(isnan(branching.side[SQZ_DOWN].max_log));
    assert_int_equal(sqz_branching_max_side(&branching), SQZ_UP);
    sqz_branching_free(&branching);
    test_world_free(&test);
}

/* ---- many levels ------------------------------------------------------------------------------
 */

/* A uniform density has one ratio, from the start on, and thinning keeps the maximum. */
static void test_uniform_density(void **state)
{
    (void)state;
    const double depth = 37e6, n = 0.73, scale = 0.00501, band = 0.1;
    struct sqz_level *level = calloc(MANY, sizeof *level);
    struct test_world test;
    struct sqz_branching branching;
    struct sqz_diag diag = {0};
    add_band(level, MANY, 0, band, n, depth, SQZ_DOWN);
    test_book_init(&test.book, depth, 1, 0.2, 60);
    test_world_init(&test, level, MANY, 0, 1);
    assert_int_equal(sqz_map_branching(&branching, &test.world, scale, &diag), SQZ_OK);
    const struct sqz_branching_side *side = &branching.side[SQZ_DOWN];
    double cell = 1.01 * band / MANY / scale; /* one level of those in the window */
    assert_int_equal(side->count, SQZ_BRANCHING_PIECES);
    check_relative("initial", side->initial, n, cell);
    check_relative("maximum", side->max, n, cell);
    double most = 0.0;
    for (size_t i = 0; i < side->count; i++) {
        most = fmax(most, side->piece[i].ratio);
        if (side->piece[i].hi_log < band - scale / 2)
            check_relative("along the band", side->piece[i].ratio, n, cell);
        if (i > 0)
            assert_true(side->piece[i].lo_log == side->piece[i - 1].hi_log);
    }
    assert_true(most == side->max);
    check_near("end", side->piece[side->count - 1].hi_log, band + scale / 2, band / MANY);
    sqz_branching_free(&branching);
    test_world_free(&test);
    free(level);
}

/* No bin of a thinned side lies below the ratio anywhere in it. */
static void test_thinning_keeps_maxima(void **state)
{
    (void)state;
    enum { SPARSE = 3000 };
    struct sqz_level *level = calloc(SPARSE, sizeof *level);
    struct test_world test;
    struct sqz_branching branching;
    struct sqz_static_world rest;
    struct sqz_branching_walk walk;
    struct sqz_branching_piece piece;
    struct sqz_diag diag = {0};
    struct sqz_stream stream;
    sqz_stream_open(&stream, SEED, 3, 0);
    for (int i = 0; i < SPARSE; i++)
        level[i] = (struct sqz_level){.distance_log = 1e-4 + 0.3 * sqz_stream_uniform(&stream),
                                      .notional_usd = 1e5 / sqz_stream_uniform(&stream),
                                      .side = SQZ_UP};
    test_book_init(&test.book, 20e6, 1, 0.2, 60);
    test_world_init(&test, level, SPARSE, 0, 1);
    assert_int_equal(sqz_static_world_init(&rest, &test.world, &diag), SQZ_OK);
    assert_int_equal(sqz_branching_make(&branching, &rest, 0.0002, &diag), SQZ_OK);
    const struct sqz_branching_side *side = &branching.side[SQZ_UP];
    bool attained[SQZ_BRANCHING_PIECES] = {0};
    sqz_branching_begin(&walk, &rest, SQZ_UP, 0.0002);
    while (sqz_branching_next(&walk, &piece))
        for (size_t b = 0; b < side->count; b++) {
            const struct sqz_branching_piece *bin = &side->piece[b];
            if (piece.hi_log <= bin->lo_log || piece.lo_log >= bin->hi_log)
                continue;
            assert_true(piece.ratio <= bin->ratio);
            attained[b] |= piece.ratio == bin->ratio;
        }
    for (size_t b = 0; b < side->count; b++)
        assert_true(attained[b]);
    sqz_branching_free(&branching);
    sqz_static_world_free(&rest);
    test_world_free(&test);
    free(level);
}

/* ---- what levels watch, and whether orders move anything
 * ----------------------------------------- */

static double initial_ratio(const struct sqz_world *world, double scale)
{
    struct sqz_branching branching;
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_map_branching(&branching, world, scale, &diag), SQZ_OK);
    double initial = branching.side[SQZ_UP].initial;
    sqz_branching_free(&branching);
    return initial;
}

/* The index sees permanent impact alone; a mark price catches up; without impact nothing branches;
 * latency and slices delay orders and do not change what they move. */
static void test_ratio_of_the_watched_price(void **state)
{
    (void)state;
    const double depth = 10e6, notional = 1.3e6, scale = 0.005, permanent = 0.25;
    struct sqz_level level[] = {{.distance_log = 0.002, .notional_usd = notional, .side = SQZ_UP}};
    struct test_world test;
    test_book_init(&test.book, depth, 1, permanent, 60);
    test_world_init(&test, level, 1, 0, 1);
    double order = depth * scale / 0.01;
    check_near("last price", initial_ratio(&test.world, scale), notional / order, 1e-12);
    test.world.execution =
        (struct sqz_execution){.latency_s = 3, .usd_per_s = 100, .interval_s = 1};
    check_near("late", initial_ratio(&test.world, scale), notional / order, 1e-12);
    test.world.market.trigger = SQZ_TRIGGER_MARK;
    test.world.market.mark_rate = 1.0 / 30;
    check_near("mark price", initial_ratio(&test.world, scale), notional / order, 1e-12);
    test.world.market.trigger = SQZ_TRIGGER_INDEX;
    test.world.market.mark_rate = 0;
    check_near("index", initial_ratio(&test.world, scale), permanent * notional / order, 1e-12);
    test.world.market.impact = false;
    check_near("no impact", initial_ratio(&test.world, scale), 0.0, 0.0);
    test_world_free(&test);
}

/* ---- clusters -----------------------------------------------------------------------------------
 */

static struct sqz_level at_bp(double bp, double musd)
{
    return (struct sqz_level){
        .distance_log = 1e-4 * bp, .notional_usd = 1e6 * musd, .side = SQZ_DOWN};
}

static void check_cluster(const struct sqz_cluster *cluster, double lo_bp, double hi_bp,
                          double musd, size_t levels)
{
    check_near("near end", cluster->lo_log, 1e-4 * lo_bp, 1e-15);
    check_near("far end", cluster->hi_log, 1e-4 * hi_bp, 1e-15);
    check_near("notional", cluster->notional_usd, 1e6 * musd, 1e-3);
    assert_int_equal(cluster->levels, levels);
    assert_int_equal(cluster->side, SQZ_DOWN);
}

static size_t find_clusters(struct sqz_level *level, size_t count, struct sqz_cluster *cluster)
{
    struct test_world test;
    struct sqz_static_world rest;
    struct sqz_diag diag = {0};
    test_book_init(&test.book, 20e6, 1, 0.2, 60);
    test_world_init(&test, level, count, 0, 1);
    assert_int_equal(sqz_static_world_init(&rest, &test.world, &diag), SQZ_OK);
    size_t found = sqz_clusters_find(&rest, SQZ_DOWN, 0.005, cluster);
    sqz_static_world_free(&rest);
    test_world_free(&test);
    return found;
}

/* Greedy by hand at a scale of 50 bp: 207 to 255 holds most, 15.1, and what lies beside it is left
 * over. Of the five largest the last is the level at 258; the nearest group with a quarter of 15.1
 * is the one of 5 to 40, though it is smaller. Without the level at 258 that group is the fifth. */
static void test_clusters_by_hand(void **state)
{
    (void)state;
    enum { ALL = 11 };
    struct sqz_level level[ALL] = {at_bp(-30, 50),  at_bp(5, 0.1),   at_bp(20, 1.9), at_bp(40, 1.9),
                                   at_bp(207, 4.1), at_bp(210, 5),   at_bp(255, 6),  at_bp(400, 8),
                                   at_bp(500, 7),   at_bp(600, 6.5), at_bp(258, 4)};
    struct sqz_cluster cluster[SQZ_CLUSTERS_LARGEST + 1];
    assert_int_equal(find_clusters(level, ALL, cluster), 6);
    check_cluster(&cluster[0], 5, 40, 3.9, 3);
    check_cluster(&cluster[1], 207, 255, 15.1, 3);
    check_cluster(&cluster[2], 258, 258, 4, 1);
    check_cluster(&cluster[3], 400, 400, 8, 1);
    check_cluster(&cluster[4], 500, 500, 7, 1);
    check_cluster(&cluster[5], 600, 600, 6.5, 1);
    double mean = (0.1 * exp(-0.0005) + 1.9 * exp(-0.002) + 1.9 * exp(-0.004)) / 3.9;
    check_near("mean price", exp(-cluster[0].price_log), mean, 1e-15);
    struct sqz_level fewer[ALL - 1]; /* sorted outward now: all but the one at 258 */
    memcpy(fewer, level, 7 * sizeof *level);
    memcpy(fewer + 7, level + 8, 3 * sizeof *level);
    assert_int_equal(find_clusters(fewer, ALL - 1, cluster), 5);
    check_cluster(&cluster[0], 5, 40, 3.9, 3);
    check_cluster(&cluster[4], 600, 600, 6.5, 1);
}

/* ---- totals, and the whole
 * ------------------------------------------------------------------------ */

/* 2, 5, 10 and 20 % of the price, a level at the edge included; without what survives. */
static void test_totals(void **state)
{
    (void)state;
    struct sqz_level level[] = {
        {.distance_log = log(1.02), .notional_usd = 3e6, .side = SQZ_UP},
        {.distance_log = log(1.0201), .notional_usd = 5e6, .side = SQZ_UP},
        {.distance_log = log(1.17), .notional_usd = 7e6, .side = SQZ_UP},
        {.distance_log = -log(0.9), .notional_usd = 11e6, .side = SQZ_DOWN},
        {.distance_log = -log(0.7), .notional_usd = 13e6, .side = SQZ_DOWN},
    };
    static const double SHORTS[] = {3, 8, 8, 15}, LONGS[] = {0, 0, 11, 11};
    struct test_world test;
    struct sqz_map map;
    struct sqz_diag diag = {0};
    test_book_init(&test.book, 20e6, 1, 0.2, 60);
    test_world_init(&test, level, 5, 0, 1);
    test.world.attrition.topup = 0.1;
    assert_int_equal(sqz_map_make(&map, &test.world, 0.005, &diag), SQZ_OK);
    for (int i = 0; i < SQZ_MAP_WITHIN; i++) {
        check_near("shorts within", map.within_usd[i][SQZ_UP], 0.9e6 * SHORTS[i], 1e-6);
        check_near("longs within", map.within_usd[i][SQZ_DOWN], 0.9e6 * LONGS[i], 1e-6);
    }
    check_near("shorts", map.total_usd[SQZ_UP], 0.9 * 15e6, 1e-6);
    check_near("imbalance", sqz_map_imbalance(&map), 15.0 / 24, 1e-12);
    sqz_map_free(&map);
    sqz_map_free(&map);
    test_world_free(&test);
}

/* No levels: nothing to say, and no imbalance. */
static void test_empty_map(void **state)
{
    (void)state;
    struct test_world test;
    struct sqz_map map;
    struct sqz_diag diag = {0};
    test_book_init(&test.book, 20e6, 1, 0.2, 60);
    test_world_init(&test, NULL, 0, 0, 1);
    assert_int_equal(sqz_map_make(&map, &test.world, 0.005, &diag), SQZ_OK);
    assert_true(map.n_clusters == 0 && map.n_zones == 0 && isnan(sqz_map_imbalance(&map)));
    assert_true(sqz_branching_initial(&map.branching) == 0);
    sqz_map_free(&map);
    test_world_free(&test);
}

/* Shorts for longs: the same numbers on the other side. */
static void test_mirrored_map(void **state)
{
    (void)state;
    struct sqz_level level[2 * UNEVEN];
    struct test_world test;
    struct sqz_map map[2];
    struct sqz_diag diag = {0};
    for (int mirrored = 0; mirrored < 2; mirrored++) {
        uneven_levels(level);
        for (int i = 0; i < 2 * UNEVEN && mirrored; i++)
            level[i].side = !level[i].side;
        test_book_init(&test.book, 17e6, 1.4, 0.2, 60);
        test_world_init(&test, level, 2 * UNEVEN, 0, 1);
        assert_int_equal(sqz_map_make(&map[mirrored], &test.world, SCALE, &diag), SQZ_OK);
        test_world_free(&test);
    }
    assert_true(map[0].n_zones == map[1].n_zones && map[0].n_zones > 2);
    for (size_t i = 0; i < map[0].n_zones; i++) {
        const struct sqz_zone *zone = &map[0].zone[i], *other = map[1].zone;
        while (other->side == zone->side || other->lo_log != zone->lo_log)
            other++;
        assert_true(other->hi_log == zone->hi_log && other->notional_usd == zone->notional_usd &&
                    other->edge.reach_log == zone->edge.reach_log &&
                    other->worst.forced_usd == zone->worst.forced_usd);
    }
    assert_true(map[0].branching.side[0].max == map[1].branching.side[1].max);
    assert_true(sqz_branching_max_side(&map[0].branching) !=
                sqz_branching_max_side(&map[1].branching));
    assert_true(sqz_branching_initial(&map[0].branching) ==
                sqz_branching_initial(&map[1].branching));
    sqz_map_free(&map[0]);
    sqz_map_free(&map[1]);
}

/* ---- runs of orders
 * ------------------------------------------------------------------------------- */

/* A push and a run of levels in one: as if executed one after another, stress and all. */
static void test_run_of_levels(void **state)
{
    (void)state;
    const double gamma = 1.7;
    static const size_t FIRST[] = {0, 0, 13, 49, 20}, END[] = {0, 50, 31, 50, 20};
    static const double PUSH[] = {7e6, 0, 31e6, 2e6, 0};
    for (int which = 0; which < BOOKS; which++) {
        struct sqz_level level[2 * UNEVEN];
        struct shaped_book shaped;
        struct test_world test;
        struct sqz_static_world rest;
        struct sqz_diag diag = {0};
        uneven_levels(level);
        shaped_book_init(&shaped, which, gamma);
        world_on(&test, &shaped.book, level, 2 * UNEVEN);
        test.world.attrition.topup = SURVIVAL;
        assert_int_equal(sqz_static_world_init(&rest, &test.world, &diag), SQZ_OK);
        for (int i = 0; i < 5; i++) {
            int side = i % 2;
            struct eaten eaten = {.which = which, .side = side, .gamma = gamma};
            struct sqz_run run = {side, PUSH[i], FIRST[i], END[i]};
            eat_freely(&eaten, PUSH[i]);
            for (size_t k = FIRST[i]; k < END[i]; k++)
                eat_forced(&eaten, (1 - SURVIVAL) * test.ladder.side[side].notional_usd[k]);
            check_near("price", sqz_static_world_price(&rest, &run), eaten_price(&eaten), 1e-13);
            check_near("watched", sqz_static_world_watched(&rest, &run), eaten_price(&eaten),
                       1e-13);
            rest.world.market.trigger = SQZ_TRIGGER_INDEX;
            check_near("index", sqz_static_world_watched(&rest, &run), eaten_permanent(&eaten),
                       1e-13);
            rest.world.market.trigger = SQZ_TRIGGER_LAST;
        }
        sqz_static_world_free(&rest);
        test_world_free(&test);
        shaped_book_free(&shaped);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ratio_by_definition),
        cmocka_unit_test(test_middle_of_first_maximum),
        cmocka_unit_test(test_uniform_density),
        cmocka_unit_test(test_thinning_keeps_maxima),
        cmocka_unit_test(test_ratio_of_the_watched_price),
        cmocka_unit_test(test_clusters_by_hand),
        cmocka_unit_test(test_totals),
        cmocka_unit_test(test_empty_map),
        cmocka_unit_test(test_mirrored_map),
        cmocka_unit_test(test_run_of_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
