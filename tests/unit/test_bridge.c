/* Positions inside a step: staying probabilities against series of another kind, filled-in
 * positions against their closed-form laws. */
#include "tests/support/support.h"

#include <math.h>

#include "sim/core/bridge.h"

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
    for (int trial = 0; trial < 2000; trial++) {
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
    for (int trial = 0; trial < 2000; trial++) {
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
    for (int trial = 0; trial < 2000; trial++) {
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

static void moments_of(double x, double y, double moment[MOMENTS])
{
    moment[FIRST] = x;
    moment[SECOND] = y;
    moment[FIRST_SQUARE] = x * x;
    moment[SECOND_SQUARE] = y * y;
    moment[PRODUCT] = x * y;
}

static void draw_moments(const struct sqz_step *step, const double time[2], uint64_t path,
                         struct sqz_mean mean[MOMENTS])
{
    struct sqz_stream stream;
    sqz_stream_open(&stream, 64, path, SQZ_STREAM_RECORDER);
    for (uint64_t i = 0; i < test_paths(60000); i++) {
        double position[2], moment[MOMENTS];
        sqz_bridge_fill(&stream, step, time, position, 2);
        assert_true(fabs(position[0]) < step->half_width && fabs(position[1]) < step->half_width);
        moments_of(position[0], position[1], moment);
        for (int m = 0; m < MOMENTS; m++)
            sqz_mean_add(&mean[m], moment[m]);
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
            double moment[MOMENTS], weight = start[i] * between[i][j] * rest[j];
            moments_of(place[i], place[j], moment);
            total += weight;
            for (int m = 0; m < MOMENTS; m++)
                expected[m] += weight * moment[m];
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
    check_fill(&(struct sqz_step){1.3, 0.9, 0.37, 0}, 0.3, 0.8, 0);
    check_fill(&(struct sqz_step){0.7, 1.1, -0.52, 0}, 0.45, 0.6, 1);
    check_fill(&(struct sqz_step){0.5, 0.31, 0.47, 0}, 0.2, 0.9, 2);
}

static void test_exits_follow_their_law(void **state)
{
    (void)state;
    check_fill(&(struct sqz_step){1.3, 0.9, 1.3, 1}, 0.3, 0.8, 3);
    check_fill(&(struct sqz_step){0.7, 1.1, -0.7, 1}, 0.45, 0.6, 4);
    check_fill(&(struct sqz_step){0.5, 0.11, 0.5, 1}, 0.2, 0.9, 5);
}

/* No constraint: a plain Brownian bridge. */
static void test_free_step_is_plain_bridge(void **state)
{
    (void)state;
    const struct sqz_step step = {INFINITY, 2.5, 1.7, 0};
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
    const struct sqz_step step = {0.7, 1.1, -0.7, 1};
    const double pair[2] = {0.45 * 1.1, 0.6 * 1.1};
    const double many[7] = {0.01, 0.2, pair[0], 0.55, pair[1], 0.9, 1.0999};
    double expected[MOMENTS];
    struct sqz_mean mean[MOMENTS] = {0};
    struct sqz_stream stream;
    sqz_stream_open(&stream, 65, 0, SQZ_STREAM_RECORDER);
    integrate_moments(&step, pair, expected);
    for (uint64_t i = 0; i < test_paths(40000); i++) {
        double position[7], moment[MOMENTS];
        sqz_bridge_fill(&stream, &step, many, position, 7);
        moments_of(position[2], position[4], moment);
        for (int m = 0; m < MOMENTS; m++)
            sqz_mean_add(&mean[m], moment[m]);
    }
    for (int m = 0; m < MOMENTS; m++)
        check_mean_4se(MOMENT[m], &mean[m], expected[m], 1e-4 * step.half_width);
}

/* Times next to either end of the step: positions next to the start and the exit. */
static void test_times_next_to_the_ends(void **state)
{
    (void)state;
    const struct sqz_step step = {0.7, 1.1, 0.7, 1};
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
