/* What a map says without simulation: the branching ratio against its definition, the edges of
 * danger zones and what they would force, clusters, totals. */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/analysis/branching.h"
#include "sim/analysis/clusters.h"
#include "sim/analysis/map.h"
#include "sim/analysis/zones.h"
#include "tests/unit/books_fixture.h"

enum { SEED = 77 };

/* A world on any book; the book must outlive it. */
static void world_on(struct test_world *test, const struct sqz_book *book, struct sqz_level *levels,
                     size_t count)
{
    test_world_init(test, levels, count, 0.01, 1000);
    test->world.book = book;
}

static void check_relative(const char *what, double value, double expected, double relative)
{
    check_near(what, value, expected, relative * fabs(expected));
}

/* ---- the branching ratio by its definition --------------------------------------------------- */

enum { UNEVEN = 50 };
static const double SCALE = 0.0043, SURVIVAL = 0.23;

/* Fifty levels a side, unevenly spaced and sized; the first two and two more share a price. */
static void uneven_levels(struct sqz_level level[2 * UNEVEN])
{
    struct sqz_stream stream;
    sqz_stream_open(&stream, SEED, 0, 0);
    for (int side = 0; side < 2; side++) {
        double at = 0.0;
        for (int i = 0; i < UNEVEN; i++) {
            double u = sqz_stream_uniform(&stream);
            at += i == 0 ? 0.0007 : i == 17 ? 0.0 : 0.004 * u * u;
            level[side * UNEVEN + i] =
                (struct sqz_level){.distance_log = at,
                                   .notional_usd = 6e6 * sqz_stream_uniform(&stream),
                                   .side = (unsigned char)side};
        }
    }
}

/* R at the centre `p`: a loop over the levels and a plain search for the order. */
static double ratio_at(const struct sqz_ladder_side *levels, int which, int side, double p)
{
    double lo = fmax(p - SCALE / 2, 0.0), sum = 0.0;
    for (size_t i = 0; i < levels->count; i++)
        if (levels->distance_log[i] >= lo && levels->distance_log[i] < lo + SCALE)
            sum += (1 - SURVIVAL) * levels->notional_usd[i];
    return sum / order_for(which, side, SCALE);
}

/* The ratio that the program gives there; 0 beyond the last stretch. */
static double piece_ratio(const struct sqz_branching_side *side, double p)
{
    for (size_t i = 0; i < side->count; i++)
        if (p > side->piece[i].lo_log && p <= side->piece[i].hi_log)
            return side->piece[i].ratio;
    return 0.0;
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
        test.world.survival = SURVIVAL;
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

/* `count` equal levels of one side, evenly from lo to hi, that amount to `n` times the density
 * which moves a flat book of `depth_usd` as far as it reaches. */
static void add_band(struct sqz_level *level, size_t count, double lo, double hi, double n,
                     double depth_usd, enum sqz_side side)
{
    double width = (hi - lo) / (double)count;
    for (size_t i = 0; i < count; i++)
        level[i] = (struct sqz_level){.distance_log = lo + ((double)i + 0.5) * width,
                                      .notional_usd = n * depth_usd / 0.01 * width,
                                      .side = (unsigned char)side};
}

enum { MANY = 20000 };

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
    struct sqz_rest rest;
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
    assert_int_equal(sqz_rest_init(&rest, &test.world, &diag), SQZ_OK);
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
    sqz_rest_free(&rest);
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
    test.world.desk = (struct sqz_desk){.latency_s = 3, .usd_per_s = 100, .interval_s = 1};
    check_near("late", initial_ratio(&test.world, scale), notional / order, 1e-12);
    test.world.apart = true;
    test.world.mark_rate = 1.0 / 30;
    check_near("mark price", initial_ratio(&test.world, scale), notional / order, 1e-12);
    test.world.mark_rate = 0;
    check_near("index", initial_ratio(&test.world, scale), permanent * notional / order, 1e-12);
    test.world.impact = false;
    check_near("no impact", initial_ratio(&test.world, scale), 0.0, 0.0);
    test_world_free(&test);
}

/* ---- danger zones ------------------------------------------------------------------------------
 */

static void zones_of(const struct test_world *test, double scale, struct sqz_zone **zone,
                     size_t *count, uint64_t work, size_t *stride)
{
    struct sqz_rest rest;
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_rest_init(&rest, &test->world, &diag), SQZ_OK);
    assert_int_equal(sqz_zones_find(&rest, scale, zone, count, &diag), SQZ_OK);
    assert_int_equal(sqz_zones_burn(&rest, *zone, *count, work, stride, &diag), SQZ_OK);
    sqz_rest_free(&rest);
}

/* The zone with most notional. Where the ratio crosses 1 from level to level, slivers about as wide
 * as the levels lie apart (`cell`) may stand beside it; they are checked to be no more than that.
 */
static const struct sqz_zone *main_zone(const struct sqz_zone *zone, size_t count, double cell)
{
    const struct sqz_zone *most = zone;
    assert_true(count > 0);
    for (size_t i = 1; i < count; i++)
        if (zone[i].notional_usd > most->notional_usd)
            most = &zone[i];
    for (size_t i = 0; i < count; i++) {
        double apart = fmax(most->lo_log - zone[i].hi_log, zone[i].lo_log - most->hi_log);
        assert_true(&zone[i] == most ||
                    (zone[i].hi_log - zone[i].lo_log < 4 * cell && apart < 4 * cell));
    }
    return most;
}

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
    const struct sqz_zone *found = main_zone(zone, count, cell);
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
    const struct sqz_zone *found = main_zone(zone, count, end / MANY);
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
static void burn_by_hand(const struct sqz_ladder_side *levels, int which, int side, double gamma,
                         size_t first, struct sqz_burn *burn)
{
    struct eaten eaten = {.which = which, .side = side, .gamma = gamma};
    double price = levels->distance_log[first];
    for (size_t i = first; i < levels->count && levels->distance_log[i] <= price + 1e-10; i++) {
        eat_forced(&eaten, (1 - SURVIVAL) * levels->notional_usd[i]);
        price = levels->distance_log[first] + eaten_price(&eaten);
    }
    *burn = (struct sqz_burn){.forced_usd = eaten.executed_usd,
                              .from_log = levels->distance_log[first],
                              .reach_log = price};
}

static void check_zone(const struct sqz_zone *zone, const struct test_world *test, int which,
                       double gamma)
{
    const struct sqz_ladder_side *levels = &test->ladder.side[zone->side];
    struct sqz_burn burn, worst;
    size_t first = 0;
    while (levels->distance_log[first] < zone->lo_log)
        first++;
    burn_by_hand(levels, which, zone->side, gamma, first, &burn);
    check_near("edge", zone->edge.from_log, burn.from_log, 0);
    check_relative("forced at the edge", zone->edge.forced_usd, burn.forced_usd, 1e-12);
    check_near("reach from the edge", zone->edge.reach_log, burn.reach_log, 1e-12);
    worst = burn;
    double notional = 0.0;
    for (size_t i = first; i < levels->count && levels->distance_log[i] <= zone->hi_log; i++) {
        notional += (1 - SURVIVAL) * levels->notional_usd[i];
        burn_by_hand(levels, which, zone->side, gamma, i, &burn);
        if (burn.forced_usd > worst.forced_usd)
            worst = burn;
    }
    check_near("notional", zone->notional_usd, notional, 1e-6);
    check_near("worst", zone->worst.from_log, worst.from_log, 0);
    check_relative("worst forces", zone->worst.forced_usd, worst.forced_usd, 1e-12);
    check_near("worst reaches", zone->worst.reach_log, worst.reach_log, 1e-12);
}

/* On every book, with withdrawal: zones are where the definition says, and burn as by hand. */
static void test_zones_by_hand(void **state)
{
    (void)state;
    const double gamma = 0.6;
    for (int which = 0; which < BOOKS; which++) {
        struct sqz_level level[2 * UNEVEN];
        struct shaped_book shaped;
        struct test_world test;
        struct sqz_zone *zone;
        size_t count, stride;
        uneven_levels(level);
        shaped_book_init(&shaped, which, gamma);
        world_on(&test, &shaped.book, level, 2 * UNEVEN);
        test.world.survival = SURVIVAL;
        zones_of(&test, SCALE, &zone, &count, 1000000, &stride);
        assert_int_equal(stride, 1);
        assert_true(count > 2);
        for (size_t i = 0; i < count; i++) {
            const struct sqz_ladder_side *levels = &test.ladder.side[zone[i].side];
            double step = 1e-9, middle = 0.5 * (zone[i].lo_log + zone[i].hi_log);
            int side = zone[i].side;
            assert_true(ratio_at(levels, which, side, middle) >= 1);
            assert_true(ratio_at(levels, which, side, zone[i].lo_log + step) >= 1);
            assert_true(ratio_at(levels, which, side, zone[i].hi_log - step) >= 1);
            assert_true(zone[i].lo_log == 0 ||
                        ratio_at(levels, which, side, zone[i].lo_log - step) < 1);
            assert_true(ratio_at(levels, which, side, zone[i].hi_log + step) < 1);
            check_zone(&zone[i], &test, which, gamma);
        }
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
 * the scale of 50 bp, and what the map says of them. `keep`: the share that is closed. */
static void map_priced(double outside_usd, double inside_usd, double keep, enum sqz_side side,
                       struct sqz_map *map)
{
    struct sqz_level level[PRICED];
    struct test_world test;
    struct sqz_diag diag = {0};
    priced_levels(level, PRICED, side);
    for (size_t i = 0; i < PRICED; i++)
        level[i].notional_usd = (i >= BAND && i < BAND_END ? inside_usd : outside_usd) / keep;
    test_book_init(&test.book, 1e6, 1, 0.25, 60);
    test_world_init(&test, level, PRICED, 0, 1);
    test.world.survival = 1 - keep;
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
    double notional_usd = (BAND_END - BAND) * (inside_usd - outside_usd) +
                          outside_usd * (double)(last + 1 - first);
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
 * windows are no longer full. */
static void test_ratio_of_one_is_one_zone(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct sqz_map map;
        map_priced(10000, 10000, i == 0 ? 0.9 : 0.77, SQZ_UP, &map);
        assert_int_equal(map.n_zones, 1);
        check_near("near edge", map.zone[0].lo_log, 0, 0);
        check_near("far edge", map.zone[0].hi_log, 1e-4 * (PRICED - WINDOW + 25.5), 1e-12);
        assert_true(map.branching.side[SQZ_UP].initial >= 1);
        sqz_map_free(&map);
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

/* Narrower than a tenth of the scale and without a level: none. */
static void test_slivers_are_no_zones(void **state)
{
    (void)state;
    check_sliver(45.3, 700, 0);
    check_sliver(44.7, 700, 1);
    check_sliver(49.7, 700, 0);
    check_sliver(49.7, 24.8, 1);
    check_sliver(49.7, 25.1, 0);
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
    struct sqz_rest rest;
    struct sqz_diag diag = {0};
    test_book_init(&test.book, 20e6, 1, 0.2, 60);
    test_world_init(&test, level, count, 0, 1);
    assert_int_equal(sqz_rest_init(&rest, &test.world, &diag), SQZ_OK);
    size_t found = sqz_clusters_find(&rest, SQZ_DOWN, 0.005, cluster);
    sqz_rest_free(&rest);
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
    test.world.survival = 0.1;
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
        struct sqz_rest rest;
        struct sqz_diag diag = {0};
        uneven_levels(level);
        shaped_book_init(&shaped, which, gamma);
        world_on(&test, &shaped.book, level, 2 * UNEVEN);
        test.world.survival = SURVIVAL;
        assert_int_equal(sqz_rest_init(&rest, &test.world, &diag), SQZ_OK);
        for (int i = 0; i < 5; i++) {
            int side = i % 2;
            struct eaten eaten = {.which = which, .side = side, .gamma = gamma};
            struct sqz_run run = {side, PUSH[i], FIRST[i], END[i]};
            eat_freely(&eaten, PUSH[i]);
            for (size_t k = FIRST[i]; k < END[i]; k++)
                eat_forced(&eaten, (1 - SURVIVAL) * test.ladder.side[side].notional_usd[k]);
            check_near("price", sqz_rest_price(&rest, &run), eaten_price(&eaten), 1e-13);
            check_near("watched", sqz_rest_watched(&rest, &run), eaten_price(&eaten), 1e-13);
            rest.world.apart = true;
            check_near("index", sqz_rest_watched(&rest, &run), eaten_permanent(&eaten), 1e-13);
            rest.world.apart = false;
        }
        sqz_rest_free(&rest);
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
        cmocka_unit_test(test_zone_edges),
        cmocka_unit_test(test_zone_cascade_reach),
        cmocka_unit_test(test_zones_by_hand),
        cmocka_unit_test(test_zone_exhausts_the_book),
        cmocka_unit_test(test_work_is_bounded),
        cmocka_unit_test(test_uniform_spacing_has_one_ratio),
        cmocka_unit_test(test_uniform_band_is_one_zone),
        cmocka_unit_test(test_ratio_of_one_is_one_zone),
        cmocka_unit_test(test_slivers_are_no_zones),
        cmocka_unit_test(test_crossed_levels_are_apart),
        cmocka_unit_test(test_clusters_by_hand),
        cmocka_unit_test(test_totals),
        cmocka_unit_test(test_empty_map),
        cmocka_unit_test(test_mirrored_map),
        cmocka_unit_test(test_run_of_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
