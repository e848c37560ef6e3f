/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Danger zones: their edges, what they would force, and that no last bit decides either. */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/analysis/branching.h"
#include "sim/analysis/clusters.h"
#include "sim/analysis/map.h"
#include "sim/analysis/zones.h"
#include "tests/unit/map_fixture.h"

/* ---- danger zones ------------------------------------------------------------------------------
 */

/* A band of ratio `inside` in a map of ratio `outside`, on a flat book. The window at the centre p
 * holds the share f of the band's density where f = (1 - outside)/(inside - outside) lies in it, so
 * the edges of the zone are those of the band shifted by (f - 1/2) of the scale, outward and
 * inward. With outside + inside = 2 they are the band's own. */
static void check_band(double outside, double inside, enum sqz_side side)
{
    const double depth = 23e6, scale = 0.005, lo = 0.0311, hi = 0.0533, end = 0.1;
    size_t near = 8000, in = 8000, far = 8000, stride, count;
    struct sqz_level *level = calloc(near + in + far, sizeof *level);
    struct sqz_zone *zone;
    struct test_world test;
    add_band(level, near, 0, lo, outside, depth, side);
    add_band(level + near, in, lo, hi, inside, depth, side);
    add_band(level + near + in, far, hi, end, outside, depth, side);
    test_book_init(&test.book, depth, 1, 0.3, 60);
    test_world_init(&test, level, near + in + far, 0, 1);
    zones_of(&test, scale, &zone, &count, 1000000, &stride);
    double shift = ((1 - outside) / (inside - outside) - 0.5) * scale, cell = end / 8000;
    const struct sqz_zone *found = zone;
    assert_int_equal(count, 1);
    assert_int_equal(found->side, side);
    check_near("near edge", found->lo_log, lo + shift, 4 * cell);
    check_near("far edge", found->hi_log, hi - shift, 4 * cell);
    assert_true(4 * cell < 0.1 * scale);
    check_relative("notional", found->notional_usd,
                   depth / 0.01 *
                       (inside * (hi - lo - fmax(2 * shift, 0)) + outside * fmax(-2 * shift, 0)),
                   0.01);
    test_world_free(&test);
    free(zone);
    free(level);
}

static void test_zone_edges(void **state)
{
    (void)state;
    check_band(0.35, 1.65, SQZ_UP);
    check_band(0.8, 1.2, SQZ_DOWN);
    check_band(0.2, 1.3, SQZ_UP);
    check_band(0.7, 3.1, SQZ_DOWN);
}

/* From rest at its near edge, where the band begins, the zone burns down and carries the price into
 * the sparse map beyond, to L (inside - outside)/(1 - outside): linear impact. */
static void test_zone_cascade_reach(void **state)
{
    (void)state;
    const double depth = 23e6, scale = 0.005, lo = 0.03, hi = 0.05, end = 0.2;
    const double outside = 0.4, inside = 1.6;
    size_t stride, count;
    struct sqz_level *level = calloc(3 * MANY, sizeof *level);
    struct sqz_zone *zone;
    struct test_world test;
    add_band(level, MANY, 0, lo, outside, depth, SQZ_UP);
    add_band(level + MANY, MANY, lo, hi, inside, depth, SQZ_UP);
    add_band(level + 2 * MANY, MANY, hi, end, outside, depth, SQZ_UP);
    test_book_init(&test.book, depth, 1, 0.3, 60);
    test_world_init(&test, level, 3 * MANY, 0, 1);
    zones_of(&test, scale, &zone, &count, 100000000, &stride);
    double way = (hi - lo) * (inside - outside) / (1 - outside);
    const struct sqz_zone *found = zone;
    assert_int_equal(count, 1);
    check_near("edge", found->edge.from_log, lo, 4 * end / MANY);
    check_relative("reach", found->edge.reach_log, lo + way, 2e-3);
    check_relative("forced", found->edge.forced_usd, way * depth / 0.01, 5e-3);
    assert_false(found->edge.exhausted);
    test_world_free(&test);
    free(zone);
    free(level);
}

/* The cascade that starts at level `first` by the laws written once more: what it forces, and how
 * far it goes. */
static void cascade_by_hand(const struct sqz_ladder_side *levels, int which, int side, double gamma,
                            size_t first, struct sqz_zone_cascade *cascade)
{
    struct eaten eaten = {.which = which, .side = side, .gamma = gamma};
    double price = levels->distance_log[first];
    for (size_t i = first; i < levels->count && levels->distance_log[i] <= price + 1e-10; i++) {
        eat_forced(&eaten, (1 - SURVIVAL) * levels->notional_usd[i]);
        price = levels->distance_log[first] + eaten_price(&eaten);
    }
    *cascade = (struct sqz_zone_cascade){.forced_usd = eaten.executed_usd,
                                         .from_log = levels->distance_log[first],
                                         .reach_log = price};
}

static void check_zone(const struct sqz_zone *zone, const struct test_world *test, int which,
                       double gamma)
{
    const struct sqz_ladder_side *levels = &test->ladder.side[zone->side];
    struct sqz_zone_cascade cascade, worst;
    size_t first = 0;
    while (levels->distance_log[first] < zone->lo_log)
        first++;
    cascade_by_hand(levels, which, zone->side, gamma, first, &cascade);
    check_near("edge", zone->edge.from_log, cascade.from_log, 0);
    check_relative("forced at the edge", zone->edge.forced_usd, cascade.forced_usd, 1e-12);
    check_near("reach from the edge", zone->edge.reach_log, cascade.reach_log, 1e-12);
    worst = cascade;
    double notional = 0.0;
    for (size_t i = first; i < levels->count && levels->distance_log[i] <= zone->hi_log; i++) {
        notional += (1 - SURVIVAL) * levels->notional_usd[i];
        cascade_by_hand(levels, which, zone->side, gamma, i, &cascade);
        if (cascade.forced_usd > worst.forced_usd)
            worst = cascade;
    }
    check_near("notional", zone->notional_usd, notional, 1e-6);
    check_near("worst", zone->worst.from_log, worst.from_log, 0);
    check_relative("worst forces", zone->worst.forced_usd, worst.forced_usd, 1e-12);
    check_near("worst reaches", zone->worst.reach_log, worst.reach_log, 1e-12);
}

static int compare_numbers(const void *first, const void *second)
{
    double a = *(const double *)first, b = *(const double *)second;
    return (a > b) - (a < b);
}

/* The zones of a side by their definition: the ratio at the middle of every stretch between two
 * centres where a level enters or leaves the window. */
static size_t zones_by_hand(const struct sqz_ladder_side *levels, int which, int side,
                            struct sqz_zone *zone)
{
    double edge[2 * UNEVEN + 1] = {0.0};
    size_t edges = 1, count = 0;
    for (size_t i = 0; i < levels->count; i++) {
        edge[edges++] = fmax(levels->distance_log[i] - SCALE / 2, SCALE / 2);
        edge[edges++] = levels->distance_log[i] + SCALE / 2;
    }
    qsort(edge, edges, sizeof *edge, compare_numbers);
    for (size_t i = 0; i + 1 < edges; i++) {
        if (edge[i + 1] - edge[i] < 2 * TOUCH ||
            ratio_at(levels, which, side, 0.5 * (edge[i] + edge[i + 1])) < 1)
            continue;
        if (count == 0 || edge[i] - zone[count - 1].hi_log >= SCALE)
            zone[count++].lo_log = edge[i];
        zone[count - 1].hi_log = edge[i + 1];
    }
    for (size_t i = 0; i < count;) /* then what is too narrow */
        if (zone[i].hi_log - zone[i].lo_log < 0.1 * SCALE)
            memmove(&zone[i], &zone[i + 1], (--count - i) * sizeof *zone);
        else
            i++;
    return count;
}

/* On every book, with withdrawal: zones are where the definition says, and cascade as by hand. */
static void test_zones_by_hand(void **state)
{
    (void)state;
    const double gamma = 0.6;
    for (int which = 0; which < BOOKS; which++) {
        struct sqz_level level[2 * UNEVEN];
        struct shaped_book shaped;
        struct test_world test;
        struct sqz_zone *zone, by_hand[2 * UNEVEN];
        size_t count, stride, checked = 0;
        uneven_levels(level);
        shaped_book_init(&shaped, which, gamma);
        world_on(&test, &shaped.book, level, 2 * UNEVEN);
        test.world.attrition.topup = SURVIVAL;
        zones_of(&test, SCALE, &zone, &count, 1000000, &stride);
        assert_int_equal(stride, 1);
        for (int side = 0; side < 2; side++) {
            size_t expected = zones_by_hand(&test.ladder.side[side], which, side, by_hand);
            assert_true(expected > 0 && checked + expected <= count);
            for (size_t i = 0; i < expected; i++, checked++) {
                assert_int_equal(zone[checked].side, side);
                check_near("near edge", zone[checked].lo_log, by_hand[i].lo_log, 2 * TOUCH);
                check_near("far edge", zone[checked].hi_log, by_hand[i].hi_log, 2 * TOUCH);
                check_zone(&zone[checked], &test, which, gamma);
            }
        }
        assert_int_equal(checked, count);
        free(zone);
        test_world_free(&test);
        shaped_book_free(&shaped);
    }
}

/* A table that is eaten to its end is said. */
static void test_zone_exhausts_the_book(void **state)
{
    (void)state;
    struct sqz_level level[] = {{.distance_log = 0.01, .notional_usd = 40e6, .side = SQZ_UP},
                                {.distance_log = 0.011, .notional_usd = 60e6, .side = SQZ_UP}};
    struct shaped_book shaped;
    struct test_world test;
    struct sqz_zone *zone;
    size_t count, stride;
    shaped_book_init(&shaped, SHAPES, 0);
    world_on(&test, &shaped.book, level, 2);
    zones_of(&test, SCALE, &zone, &count, 1000000, &stride);
    assert_int_equal(count, 1);
    assert_true(zone->edge.exhausted);
    free(zone);
    test_world_free(&test);
    shaped_book_free(&shaped);
}

/* With work for one cascade only the zone with most notional burns; and the worst is sought among a
 * share of the levels. */
static void test_work_is_bounded(void **state)
{
    (void)state;
    const double depth = 23e6;
    size_t stride, count, n = 1000;
    struct sqz_level *level = calloc(2 * n, sizeof *level);
    struct sqz_zone *zone;
    struct test_world test;
    add_band(level, n, 0.01, 0.02, 1.7, depth, SQZ_UP);
    add_band(level + n, n, 0.1, 0.12, 1.9, depth, SQZ_UP);
    test_book_init(&test.book, depth, 1, 0.3, 60);
    test_world_init(&test, level, 2 * n, 0, 1);
    zones_of(&test, 0.005, &zone, &count, 500, &stride);
    assert_int_equal(count, 2);
    assert_true(isnan(zone[0].edge.reach_log) && isnan(zone[0].worst.forced_usd));
    assert_true(zone[1].edge.reach_log > 0.12 && zone[1].edge.levels > 500);
    assert_in_range(stride, 2000, 8000);
    free(zone);
    zones_of(&test, 0.005, &zone, &count, 1000000000, &stride);
    assert_true(stride == 1 && zone[0].edge.reach_log > 0.02);
    free(zone);
    test_world_free(&test);
    free(level);
}

/* ---- windows of whole spacings -----------------------------------------------------------------
 */

/* `count` levels of one side, 1 bp apart from half of that on, as a file of prices has them: the
 * last bit of a distance decides which of two neighbouring windows seems to hold it. */
static void priced_levels(struct sqz_level *level, size_t count, enum sqz_side side)
{
    double direction = sqz_direction(side);
    for (size_t i = 0; i < count; i++) {
        double price_usd = 100 * exp(direction * 1e-4 * ((double)i + 0.5));
        level[i] = (struct sqz_level){.distance_log = direction * log(price_usd / 100),
                                      .side = (unsigned char)side};
    }
}

enum { PRICED = 2000, WINDOW = 50, BAND = 500, BAND_END = 800 };

/* Priced levels of `outside_usd`, in the band of `inside_usd`, on a flat book that 500 k move by
 * the scale of 50 bp, and what the map says of them; all in a unit of `unit_usd`. */
static void map_priced(double outside_usd, double inside_usd, double unit_usd, enum sqz_side side,
                       struct sqz_map *map)
{
    struct sqz_level level[PRICED];
    struct test_world test;
    struct sqz_diag diag = {0};
    priced_levels(level, PRICED, side);
    for (size_t i = 0; i < PRICED; i++)
        level[i].notional_usd = unit_usd * (i >= BAND && i < BAND_END ? inside_usd : outside_usd);
    test_book_init(&test.book, 1e6 * unit_usd, 1, 0.25, 60);
    test_world_init(&test, level, PRICED, 0, 1);
    assert_int_equal(sqz_map_make(map, &test.world, 0.005, &diag), SQZ_OK);
    test_world_free(&test);
}

/* Every window, and every cluster, of a uniform map holds the same 50 levels. */
static void test_uniform_spacing_has_one_ratio(void **state)
{
    (void)state;
    for (int side = 0; side < 2; side++) {
        struct sqz_map map;
        map_priced(9900, 9900, 1, side, &map);
        check_relative("initial", map.branching.side[side].initial, 0.99, 1e-12);
        check_relative("maximum", map.branching.side[side].max, 0.99, 1e-12);
        assert_int_equal(map.n_zones, 0);
        assert_true(map.n_clusters >= SQZ_CLUSTERS_LARGEST);
        for (size_t i = 0; i < map.n_clusters; i++)
            assert_int_equal(map.cluster[i].levels, WINDOW);
        sqz_map_free(&map);
    }
}

/* A window of at least `least` of the band's levels has a ratio of 1 or more. The first is the one
 * that begins with level BAND + least - WINDOW, the last with BAND_END - least; windows that begin
 * with level i have their centres from level i + 24 on, exclusive, up to level i + 25. */
static void check_priced_band(double outside_usd, double inside_usd, size_t least, int side)
{
    struct sqz_map map;
    size_t first = BAND + least - WINDOW, last = BAND_END - least;
    double notional_usd =
        (BAND_END - BAND) * (inside_usd - outside_usd) + outside_usd * (double)(last + 1 - first);
    map_priced(outside_usd, inside_usd, 1, side, &map);
    assert_int_equal(map.n_zones, 1);
    check_near("near edge", map.zone[0].lo_log, 1e-4 * ((double)first + 24.5), 1e-12);
    check_near("far edge", map.zone[0].hi_log, 1e-4 * ((double)last + 25.5), 1e-12);
    check_near("notional", map.zone[0].notional_usd, notional_usd, 1e-3);
    check_near("burns from", map.zone[0].edge.from_log, 1e-4 * ((double)first + 25.5), 1e-12);
    check_relative("maximum", map.branching.side[side].max, inside_usd / 10000, 1e-12);
    sqz_map_free(&map);
}

static void test_uniform_band_is_one_zone(void **state)
{
    (void)state;
    for (int side = 0; side < 2; side++) {
        check_priced_band(5000, 15000, 25, side);
        check_priced_band(9000, 12000, 17, side);
        check_priced_band(9900, 10100, 25, side);
    }
}

/* A ratio of 1 is not cut to pieces by the last bit of sums: one zone from the start to where
 * windows are no longer full; and its maximum is in the first stretch. */
static void test_ratio_of_one_is_one_zone(void **state)
{
    (void)state;
    static const double UNIT_USD[] = {1 / 3.0, 1.77e-7, 0.0612345, 3.7 / 7, 13 / 11.0};
    for (int i = 0; i < 5; i++) {
        struct sqz_map map;
        map_priced(10000, 10000, UNIT_USD[i], SQZ_UP, &map);
        assert_int_equal(map.n_zones, 1);
        check_near("near edge", map.zone[0].lo_log, 0, 0);
        check_near("far edge", map.zone[0].hi_log, 1e-4 * (PRICED - WINDOW + 25.5), 1e-12);
        assert_true(map.branching.side[SQZ_UP].initial >= 1);
        check_near("where", map.branching.side[SQZ_UP].max_log, 0.5e-4 * 25.5, 1e-12);
        sqz_map_free(&map);
    }
}

/* A level at the far edge of the first window is not in it, whatever its last bits. */
static void test_edge_of_first_window(void **state)
{
    (void)state;
    for (int bits = -2; bits <= 2; bits++) {
        struct sqz_level level[] = {
            {.distance_log = 0.0013, .notional_usd = 130e3, .side = SQZ_DOWN},
            {.distance_log = 0.005 + bits * 0x1p-60, .notional_usd = 70e3, .side = SQZ_DOWN}};
        struct test_world test;
        struct sqz_branching branching;
        struct sqz_diag diag = {0};
        test_book_init(&test.book, 1e6, 1, 0.25, 60);
        test_world_init(&test, level, 2, 0, 1);
        assert_int_equal(sqz_map_branching(&branching, &test.world, 0.005, &diag), SQZ_OK);
        check_near("initial", branching.side[SQZ_DOWN].initial, 0.26, 1e-12);
        check_near("maximum", branching.side[SQZ_DOWN].max, 0.4, 1e-12);
        check_near("first step", branching.side[SQZ_DOWN].piece[0].hi_log, 0.0025, 1e-12);
        sqz_branching_free(&branching);
        test_world_free(&test);
    }
}

/* ---- zones too narrow to tell, levels already crossed
 * ------------------------------------------- */

/* Two levels of 0.7 V* and perhaps a small one: windows of 50 bp that hold both have their centres
 * on a stretch as wide as 50 bp less their distance, in the middle between them. */
static void check_sliver(double apart_bp, double small_at_bp, size_t zones)
{
    struct sqz_level level[] = {
        {.distance_log = 0.0213, .notional_usd = 350e3, .side = SQZ_DOWN},
        {.distance_log = 0.0213 + 1e-4 * apart_bp, .notional_usd = 350e3, .side = SQZ_DOWN},
        {.distance_log = 0.0213 + 1e-4 * small_at_bp, .notional_usd = 1, .side = SQZ_DOWN},
    };
    struct test_world test;
    struct sqz_zone *zone;
    size_t count, stride;
    test_book_init(&test.book, 1e6, 1, 0.25, 60);
    test_world_init(&test, level, 3, 0, 1);
    zones_of(&test, 0.005, &zone, &count, 1000000, &stride);
    assert_int_equal(count, zones);
    if (count == 1) {
        check_near("width", zone->hi_log - zone->lo_log, 1e-4 * (50 - apart_bp), 1e-12);
        check_near("middle", 0.5 * (zone->hi_log + zone->lo_log), 0.0213 + 0.5e-4 * apart_bp,
                   1e-12);
    }
    free(zone);
    test_world_free(&test);
}

/* Narrower than a tenth of the scale: none, whether or not a level happens to lie in it. */
static void test_slivers_are_no_zones(void **state)
{
    (void)state;
    check_sliver(45.3, 700, 0);
    check_sliver(44.7, 700, 1);
    check_sliver(49.7, 700, 0);
    check_sliver(49.7, 24.8, 0);
    check_sliver(49.7, 25.1, 0);
    check_sliver(44.7, 24.8, 1);
}

/* What the start price has crossed, or touches, fires before anything else: it is in no window, no
 * zone and no cluster, and is told apart. */
static void test_crossed_levels_are_apart(void **state)
{
    (void)state;
    struct sqz_level level[] = {
        {.distance_log = -0.0101, .notional_usd = 310e3, .side = SQZ_UP},
        {.distance_log = 0, .notional_usd = 290e3, .side = SQZ_UP},
        {.distance_log = 0.5e-10, .notional_usd = 170e3, .side = SQZ_UP},
        {.distance_log = 0.0007, .notional_usd = 130e3, .side = SQZ_UP},
        {.distance_log = 0.0037, .notional_usd = 110e3, .side = SQZ_DOWN},
    };
    struct test_world test;
    struct sqz_map map;
    struct sqz_diag diag = {0};
    test_book_init(&test.book, 1e6, 1, 0.25, 60);
    test_world_init(&test, level, 5, 0, 1);
    assert_int_equal(sqz_map_make(&map, &test.world, 0.005, &diag), SQZ_OK);
    check_near("initial", map.branching.side[SQZ_UP].initial, 130.0 / 500, 1e-12);
    check_near("maximum", map.branching.side[SQZ_UP].max, 130.0 / 500, 1e-12);
    assert_true(map.n_zones == 0 && map.n_clusters == 2);
    check_near("cluster", map.cluster[0].notional_usd, 130e3, 1e-6);
    check_near("crossed", sqz_map_crossed_usd(&map, SQZ_UP), 770e3, 1e-6);
    check_near("waiting", sqz_map_waiting_usd(&map, SQZ_UP), 130e3, 1e-6);
    check_near("within", sqz_map_waiting_within_usd(&map, 0, SQZ_UP), 130e3, 1e-6);
    check_near("crossed longs", sqz_map_crossed_usd(&map, SQZ_DOWN), 0, 0);
    check_near("waiting longs", sqz_map_waiting_usd(&map, SQZ_DOWN), 110e3, 1e-6);
    check_near("imbalance", sqz_map_imbalance(&map), 13.0 / 11, 1e-12);
    sqz_map_free(&map);
    test_world_free(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zone_edges),
        cmocka_unit_test(test_zone_cascade_reach),
        cmocka_unit_test(test_zones_by_hand),
        cmocka_unit_test(test_zone_exhausts_the_book),
        cmocka_unit_test(test_work_is_bounded),
        cmocka_unit_test(test_uniform_spacing_has_one_ratio),
        cmocka_unit_test(test_uniform_band_is_one_zone),
        cmocka_unit_test(test_ratio_of_one_is_one_zone),
        cmocka_unit_test(test_edge_of_first_window),
        cmocka_unit_test(test_slivers_are_no_zones),
        cmocka_unit_test(test_crossed_levels_are_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
