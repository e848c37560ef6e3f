/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Positions inside a step: staying probabilities against series of another kind, filled-in
 * positions against their closed-form laws. */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>

#include "sim/core/bridge.h"
#include "sim/core/exit_maximum.h"

/* ---- kernels by eigenfunctions ------------------------------------------------------------- */

/* Terms below exp(-EXPONENT_MAX) are beyond double precision. */
static const double EXPONENT_MAX = 50.0;

static double gauss(double x, double variance)
{
    return exp(-x * x / (2 * variance)) / sqrt(2 * M_PI * variance);
}

/* Density at y, after `duration`, of standard Brownian motion from x killed at 0 and `width`. */
static double killed_density(double x, double y, double duration, double width)
{
    double sum = 0.0;
    for (int n = 1;; n++) {
        double k = n * M_PI / width;
        if (0.5 * k * k * duration > EXPONENT_MAX)
            break;
        sum += sin(k * x) * sin(k * y) * exp(-0.5 * k * k * duration);
    }
    return 2.0 / width * sum;
}

/* Rate at which the same motion leaves through `width` at time `duration`. */
static double exit_rate(double x, double duration, double width)
{
    double sum = 0.0;
    for (int n = 1;; n++) {
        double k = n * M_PI / width;
        if (0.5 * k * k * duration > EXPONENT_MAX)
            break;
        sum -= (n % 2 == 0 ? 1.0 : -1.0) * k * sin(k * x) * exp(-0.5 * k * k * duration);
    }
    return sum / width;
}

/* ---- probabilities ------------------------------------------------------------------------- */

/* The interval (-a, b) of the file, seen from its middle. */
static void test_stay_matches_oracle(void **state)
{
    (void)state;
    struct oracle oracle;
    oracle_read(&oracle, "bridge_crossing.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        double a = oracle_number(&oracle, row, "a_down"), b = oracle_number(&oracle, row, "b_up");
        double shift = 0.5 * (a - b), end = oracle_number(&oracle, row, "x_end");
        double expected = oracle_number(&oracle, row, "p_stay_two_sided");
        check_near("stay", sqz_bridge_stay(shift, end + shift, 1.0, 0.5 * (a + b)), expected,
                   2e-12);
        /* With the far end out of reach one side is left. */
        double one_sided = oracle_number(&oracle, row, "p_cross_up_onesided"), far = 50.0;
        check_near("one side",
                   sqz_bridge_stay(0.5 * (far - b), end + 0.5 * (far - b), 1.0, 0.5 * (far + b)),
                   1 - one_sided, 2e-12);
    }
    assert_int_equal(oracle.rows, 6);
    oracle_free(&oracle);
}

static void test_stay_matches_eigenfunctions(void **state)
{
    (void)state;
    struct sqz_stream stream;
    int checked = 0;
    sqz_stream_open(&stream, 61, 0, 0);
    for (int run = 0; run < 2000; run++) {
        double half = 0.2 + 2 * sqz_stream_uniform(&stream);
        double x = half * (2 * sqz_stream_uniform(&stream) - 1);
        double y = half * (2 * sqz_stream_uniform(&stream) - 1);
        double duration = half * half * pow(10, 2.3 * sqz_stream_uniform(&stream) - 1.7);
        if ((y - x) * (y - x) > 16 * duration) /* the series cancels to less than 12 digits */
            continue;
        double expected =
            killed_density(x + half, y + half, duration, 2 * half) / gauss(y - x, duration);
        checked++;
        check_near("stay", sqz_bridge_stay(x, y, duration, half), expected, 1e-11);
        check_near("backwards", sqz_bridge_stay(y, x, duration, half), expected, 1e-11);
        check_near("mirrored", sqz_bridge_stay(-x, -y, duration, half), expected, 1e-11);
    }
    assert_true(checked > 1000);
}

static void test_stay_is_certain_far_inside(void **state)
{
    (void)state;
    assert_true(sqz_bridge_stay(0.1, -0.2, 1e-4, 2.385) == 1.0);
    assert_true(sqz_bridge_stay_below(0.7, 0.9, 1e-4, 2.385) == 1.0);
}

/* The motion killed at 0 alone: one image. */
static double half_line_density(double x, double y, double duration)
{
    return gauss(y - x, duration) - gauss(y + x, duration);
}

static void test_stay_below_is_ratio_of_kernels(void **state)
{
    (void)state;
    struct sqz_stream stream;
    sqz_stream_open(&stream, 62, 0, 0);
    for (int run = 0; run < 2000; run++) {
        double width = 0.2 + 3 * sqz_stream_uniform(&stream);
        double x = width * (0.02 + 0.97 * sqz_stream_uniform(&stream));
        double y = width * (0.02 + 0.97 * sqz_stream_uniform(&stream));
        double duration = width * width * pow(10, 2.0 * sqz_stream_uniform(&stream) - 1.5);
        double expected = killed_density(x, y, duration, width) / half_line_density(x, y, duration);
        check_near("stay below", sqz_bridge_stay_below(x, y, duration, width), expected, 1e-9);
        check_near("backwards", sqz_bridge_stay_below(y, x, duration, width), expected, 1e-9);
    }
}

/* To 0: the ratio of the rates of leaving there. On the half-line, x/d times the density. */
static void test_stay_below_to_zero(void **state)
{
    (void)state;
    struct sqz_stream stream;
    sqz_stream_open(&stream, 63, 0, 0);
    for (int run = 0; run < 2000; run++) {
        double width = 0.2 + 3 * sqz_stream_uniform(&stream);
        double x = width * (0.02 + 0.97 * sqz_stream_uniform(&stream));
        double duration = width * width * pow(10, 2.0 * sqz_stream_uniform(&stream) - 1.5);
        double expected =
            exit_rate(width - x, duration, width) / (x / duration * gauss(x, duration));
        double stay = sqz_bridge_stay_below(x, 0.0, duration, width);
        check_near("stay below", stay, expected, 1e-9);
        check_near("from just above", sqz_bridge_stay_below(x, 1e-7 * width, duration, width), stay,
                   1e-6);
    }
}

/* ---- filled-in positions ------------------------------------------------------------------- */

/* Moments of the positions at two times, summed up from draws or integrated from densities. */
enum { FIRST, SECOND, FIRST_SQUARE, SECOND_SQUARE, PRODUCT, MOMENTS };
static const char *const MOMENT[] = {"first", "second", "first square", "second square", "product"};

static void moments_of(double x, double y, double sample[MOMENTS])
{
    sample[FIRST] = x;
    sample[SECOND] = y;
    sample[FIRST_SQUARE] = x * x;
    sample[SECOND_SQUARE] = y * y;
    sample[PRODUCT] = x * y;
}

static void draw_moments(const struct sqz_step *step, const double time[2], uint64_t path,
                         struct sqz_mean mean[MOMENTS])
{
    struct sqz_stream stream;
    sqz_stream_open(&stream, 64, path, SQZ_STREAM_RECORDER);
    for (uint64_t i = 0; i < test_paths(60000); i++) {
        double position[2], sample[MOMENTS];
        sqz_bridge_fill(&stream, step, time, position, 2);
        assert_true(fabs(position[0]) < step->half_width && fabs(position[1]) < step->half_width);
        moments_of(position[0], position[1], sample);
        for (int m = 0; m < MOMENTS; m++)
            sqz_mean_add(&mean[m], sample[m]);
    }
}

/* What is left of the step from y: the density of its end, or the rate of leaving at its end. */
static double rest_of_step(const struct sqz_step *step, double y, double left)
{
    double h = step->half_width;
    if (!step->exited)
        return killed_density(y + h, step->end + h, left, 2 * h);
    return exit_rate(step->end > 0 ? y + h : h - y, left, 2 * h);
}

enum { CELLS = 160 };

/* The midpoint rule on a grid over the interval; the densities vanish at its ends. */
static void integrate_moments(const struct sqz_step *step, const double time[2],
                              double expected[MOMENTS])
{
    double h = step->half_width, cell = 2 * h / CELLS, total = 0.0;
    double place[CELLS], start[CELLS], rest[CELLS];
    static double between[CELLS][CELLS];
    for (int i = 0; i < CELLS; i++) {
        place[i] = -h + (i + 0.5) * cell;
        start[i] = killed_density(h, place[i] + h, time[0], 2 * h);
        rest[i] = rest_of_step(step, place[i], step->duration - time[1]);
    }
    for (int i = 0; i < CELLS; i++)
        for (int j = 0; j <= i; j++)
            between[i][j] = between[j][i] =
                killed_density(place[i] + h, place[j] + h, time[1] - time[0], 2 * h);
    for (int m = 0; m < MOMENTS; m++)
        expected[m] = 0.0;
    for (int i = 0; i < CELLS; i++)
        for (int j = 0; j < CELLS; j++) {
            double sample[MOMENTS], weight = start[i] * between[i][j] * rest[j];
            moments_of(place[i], place[j], sample);
            total += weight;
            for (int m = 0; m < MOMENTS; m++)
                expected[m] += weight * sample[m];
        }
    for (int m = 0; m < MOMENTS; m++)
        expected[m] /= total;
}

static void check_fill(const struct sqz_step *step, double first, double second, uint64_t path)
{
    double time[2] = {first * step->duration, second * step->duration}, expected[MOMENTS];
    struct sqz_mean mean[MOMENTS] = {0};
    draw_moments(step, time, path, mean);
    integrate_moments(step, time, expected);
    for (int m = 0; m < MOMENTS; m++)
        check_mean_4se(MOMENT[m], &mean[m], expected[m], 1e-4 * step->half_width);
}

static void test_survivors_follow_their_law(void **state)
{
    (void)state;
    check_fill(&(struct sqz_step){1.3, 0.9, 0.37, 0, 0}, 0.3, 0.8, 0);
    check_fill(&(struct sqz_step){0.7, 1.1, -0.52, 0, 0}, 0.45, 0.6, 1);
    check_fill(&(struct sqz_step){0.5, 0.31, 0.47, 0, 0}, 0.2, 0.9, 2);
}

static void test_exits_follow_their_law(void **state)
{
    (void)state;
    check_fill(&(struct sqz_step){1.3, 0.9, 1.3, 1, 0}, 0.3, 0.8, 3);
    check_fill(&(struct sqz_step){0.7, 1.1, -0.7, 1, 0}, 0.45, 0.6, 4);
    check_fill(&(struct sqz_step){0.5, 0.11, 0.5, 1, 0}, 0.2, 0.9, 5);
}

/* No constraint: a plain Brownian bridge. */
static void test_free_step_is_plain_bridge(void **state)
{
    (void)state;
    const struct sqz_step step = {INFINITY, 2.5, 1.7, 0, 0};
    const double time[2] = {0.75, 2.0};
    struct sqz_mean mean[MOMENTS] = {0};
    draw_moments(&step, time, 6, mean);
    double m1 = 1.7 * 0.3, m2 = 1.7 * 0.8, v1 = 0.75 * 1.75 / 2.5, v2 = 2.0 * 0.5 / 2.5;
    check_mean_4se("first", &mean[FIRST], m1, 0.0);
    check_mean_4se("second", &mean[SECOND], m2, 0.0);
    check_mean_4se("first square", &mean[FIRST_SQUARE], m1 * m1 + v1, 0.0);
    check_mean_4se("second square", &mean[SECOND_SQUARE], m2 * m2 + v2, 0.0);
    check_mean_4se("product", &mean[PRODUCT], m1 * m2 + 0.75 * 0.5 / 2.5, 0.0);
}

/* More times in between leave the law at the others alone. */
static void test_extra_times_change_no_law(void **state)
{
    (void)state;
    const struct sqz_step step = {0.7, 1.1, -0.7, 1, 0};
    const double pair[2] = {0.45 * 1.1, 0.6 * 1.1};
    const double many[7] = {0.01, 0.2, pair[0], 0.55, pair[1], 0.9, 1.0999};
    double expected[MOMENTS];
    struct sqz_mean mean[MOMENTS] = {0};
    struct sqz_stream stream;
    sqz_stream_open(&stream, 65, 0, SQZ_STREAM_RECORDER);
    integrate_moments(&step, pair, expected);
    for (uint64_t i = 0; i < test_paths(40000); i++) {
        double position[7], sample[MOMENTS];
        sqz_bridge_fill(&stream, &step, many, position, 7);
        moments_of(position[2], position[4], sample);
        for (int m = 0; m < MOMENTS; m++)
            sqz_mean_add(&mean[m], sample[m]);
    }
    for (int m = 0; m < MOMENTS; m++)
        check_mean_4se(MOMENT[m], &mean[m], expected[m], 1e-4 * step.half_width);
}

/* Times next to either end of the step: positions next to the start and the exit. */
static void test_times_next_to_the_ends(void **state)
{
    (void)state;
    const struct sqz_step step = {0.7, 1.1, 0.7, 1, 0};
    const double time[2] = {1e-12, 1.1 * (1 - 1e-15)};
    struct sqz_stream stream;
    sqz_stream_open(&stream, 66, 0, SQZ_STREAM_RECORDER);
    for (int i = 0; i < 1000; i++) {
        double position[2];
        sqz_bridge_fill(&stream, &step, time, position, 2);
        check_near("start", position[0], 0.0, 1e-5);
        check_near("exit", position[1], 0.7, 1e-6);
    }
}

/* An interval that is not about the start: the same law as in the middle of a wider step. */
static void test_pieces_follow_the_law_of_the_whole(void **state)
{
    (void)state;
    static const double START = 0.31, HALF_WIDTH = 0.7;
    static const double END[] = {-0.2, -HALF_WIDTH, HALF_WIDTH};
    for (size_t i = 0; i < 3; i++) {
        const struct sqz_step piece = {HALF_WIDTH, 0.4, END[i] - START, i > 0, -START};
        const double time = 0.13;
        struct sqz_stream stream;
        struct sqz_mean mean = {0}, square = {0};
        sqz_stream_open(&stream, 67, i, SQZ_STREAM_EXTREMES);
        for (uint64_t n = 0; n < test_paths(40000); n++) {
            double position;
            sqz_bridge_fill(&stream, &piece, &time, &position, 1);
            position += START;
            assert_true(fabs(position) < HALF_WIDTH);
            sqz_mean_add(&mean, position);
            sqz_mean_add(&square, position * position);
        }
        struct sqz_step rest = piece;
        rest.end = END[i];
        double total = 0, first = 0, second = 0;
        for (int k = 0; k < 2000; k++) {
            double y = HALF_WIDTH * ((k + 0.5) / 1000 - 1);
            double weight =
                killed_density(START + HALF_WIDTH, y + HALF_WIDTH, time, 2 * HALF_WIDTH) *
                rest_of_step(&rest, y, piece.duration - time);
            total += weight;
            first += weight * y;
            second += weight * y * y;
        }
        check_mean_4se("mean", &mean, first / total, 1e-5);
        check_mean_4se("mean square", &square, second / total, 1e-5);
    }
}

/* ---- the maximum --------------------------------------------------------------------------- */

/* P(max <= r) of a bridge to `end` in a corridor, from what stays in a narrower one: other series
 * than those the maximum is drawn by. */
static double below(double end, double duration, const struct sqz_corridor *corridor, double r)
{
    double low = fmin(corridor->low, 30.0), high = fmin(corridor->high, 30.0);
    if (end == -corridor->low)
        return sqz_bridge_stay_below(low, 0.0, duration, low + r) /
               sqz_bridge_stay_below(low, 0.0, duration, low + high);
    double half = 0.5 * (low + r), whole = 0.5 * (low + high);
    return sqz_bridge_stay(low - half, end + low - half, duration, half) /
           sqz_bridge_stay(low - whole, end + low - whole, duration, whole);
}

/* Ends inside, at the floor and at the ceiling; corridors narrow, wide and none at all; where the
 * maximum is beyond the room, and where it is not. */
static void test_maximum_inverts_its_law(void **state)
{
    (void)state;
    static const double ROOM[] = {0.0, 0.1, 0.35, 1.1}, UNIFORM[] = {1e-6, 0.02, 0.3, 0.62, 0.97};
    static const struct sqz_corridor CORRIDOR[] = {{0.6, 0.8}, {0.2, 1.3},           {1.5, 0.9},
                                                   {4.5, 0.7}, {INFINITY, INFINITY}, {0.9, 30.0}};
    static const double END[] = {-0.19, 0.0, 0.27, -0.6, -0.2, -1.5, -0.9};
    for (size_t c = 0; c < 6; c++)
        for (size_t e = 0; e < 7; e++)
            for (double duration = 0.11; duration < 3.0; duration *= 2.3)
                for (size_t k = 0; k < 20; k++) {
                    double end = END[e], room = fmax(ROOM[k % 4], end), u = UNIFORM[k / 4];
                    if (end < -CORRIDOR[c].low || room >= CORRIDOR[c].high)
                        continue;
                    double max = sqz_bridge_maximum(end, duration, CORRIDOR[c], room, u);
                    double here = below(end, duration, &CORRIDOR[c], room);
                    assert_true(max >= room && max <= CORRIDOR[c].high);
                    if (max > room)
                        check_near("P(max <= drawn)", below(end, duration, &CORRIDOR[c], max),
                                   1 - u, 1e-7);
                    else
                        assert_true(here >= 1 - u - 1e-9);
                    assert_true(max > room || u > 1 - here - 1e-9);
                }
}

/* Exits from an interval, short and long. What stays below both walls for long is rare, and its
 * own share of the tail's error grows as it gets rarer: errors are those of leaving at `duration`
 * without having been higher, times the share that the density of exits at that time leaves. */
static void test_exit_maximum_inverts_its_law(void **state)
{
    (void)state;
    static struct sqz_exit_maxima maxima;
    static const double ROOM[] = {-0.1, 0.0, 0.07, 0.4, 0.9};
    static const struct sqz_corridor CORRIDOR = {1.0, 1.0};
    sqz_exit_maxima_init(&maxima);
    for (double duration = 0.002; duration < SQZ_EXIT_MAXIMA_SPAN; duration *= 1.17) {
        double all = sqz_bridge_stay_below(1.0, 0.0, duration, 2.0);
        for (int k = 0; k < 5 * 97; k++) {
            double room = ROOM[k % 5], u = (k / 5 + 0.5) / 97;
            double max = sqz_exit_maximum(&maxima, duration, room, u);
            double from = fmax(room, 0.0);
            assert_true(max >= room && max <= 1.0);
            if (max > room)
                check_near("P(max <= drawn)", all * below(-1.0, duration, &CORRIDOR, max),
                           all * (1 - u), 1e-7);
            assert_true(max > room ||
                        u > all - all * below(-1.0, duration, &CORRIDOR, from) - 1e-7);
            if (max > room && room > 0.0)
                assert_true(all * below(-1.0, duration, &CORRIDOR, room) <= all * (1 - u) + 1e-7);
        }
    }
}

/* Against a grid of 2,000 positions: the maximum of a discrete path lies below by 0.5826 steps of
 * its noise (Broadie, Glasserman and Kou 1997), to first order. Two-sample Kolmogorov-Smirnov. */
enum { GRID = 2000, GRID_PATHS = 2000 };

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double distance_of_laws(double *first, double *second, size_t count)
{
    double worst = 0;
    qsort(first, count, sizeof *first, by_size);
    qsort(second, count, sizeof *second, by_size);
    for (size_t i = 0, j = 0; i < count && j < count;) {
        first[i] < second[j] ? i++ : j++;
        worst = fmax(worst, fabs((double)i - (double)j) / (double)count);
    }
    return worst;
}

static void check_grid(const struct sqz_step *step, uint64_t path)
{
    static double time[GRID], position[GRID], grid[GRID_PATHS], drawn[GRID_PATHS];
    struct sqz_stream stream;
    sqz_stream_open(&stream, 68, path, SQZ_STREAM_EXTREMES);
    for (int i = 0; i < GRID; i++)
        time[i] = step->duration * (i + 1) / (GRID + 1);
    double room = fmax(step->end, 0.0), correction = 0.5826 * sqrt(step->duration / (GRID + 1));
    for (size_t n = 0; n < GRID_PATHS; n++) {
        double most = room;
        sqz_bridge_fill(&stream, step, time, position, GRID);
        for (int i = 0; i < GRID; i++)
            most = fmax(most, position[i]);
        grid[n] = most + correction;
        drawn[n] = sqz_bridge_maximum(step->end, step->duration,
                                      (struct sqz_corridor){step->half_width, step->half_width},
                                      room, sqz_stream_uniform(&stream));
    }
    double distance = distance_of_laws(grid, drawn, GRID_PATHS);
    /* P(distance > 1.95 sqrt(2/n)) = 0.001; the correction is good to a hundredth of the law. */
    if (distance > 1.95 * sqrt(2.0 / GRID_PATHS) + 0.01)
        fail_msg("step %d: the laws are %.4f apart", (int)path, distance);
}

static void test_maximum_of_a_fine_grid(void **state)
{
    (void)state;
    check_grid(&(struct sqz_step){1.0, 0.8, 0.2, 0, 0}, 0);
    check_grid(&(struct sqz_step){1.0, 0.5, -1.0, 1, 0}, 1);
    check_grid(&(struct sqz_step){0.6, 0.7, -0.6, 1, 0}, 2);
    check_grid(&(struct sqz_step){INFINITY, 2.0, -0.4, 0, 0}, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stay_matches_oracle),
        cmocka_unit_test(test_stay_matches_eigenfunctions),
        cmocka_unit_test(test_stay_is_certain_far_inside),
        cmocka_unit_test(test_stay_below_is_ratio_of_kernels),
        cmocka_unit_test(test_stay_below_to_zero),
        cmocka_unit_test(test_survivors_follow_their_law),
        cmocka_unit_test(test_exits_follow_their_law),
        cmocka_unit_test(test_free_step_is_plain_bridge),
        cmocka_unit_test(test_extra_times_change_no_law),
        cmocka_unit_test(test_times_next_to_the_ends),
        cmocka_unit_test(test_pieces_follow_the_law_of_the_whole),
        cmocka_unit_test(test_maximum_inverts_its_law),
        cmocka_unit_test(test_exit_maximum_inverts_its_law),
        cmocka_unit_test(test_maximum_of_a_fine_grid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
