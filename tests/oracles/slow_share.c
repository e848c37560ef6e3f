/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The endogenous share of the move by a time-stepped simulation: nothing of it is the program's.
 *
 *     gcc -O2 -o slow_share tests/oracles/slow_share.c -lm
 *     ./slow_share HORIZON_S STEPS PATHS SEED [key=value ...]
 *
 * prints the share, its standard error and the means of the largest excursion with and without
 * impact. The market is that of tests/science/test_extremes.c: four levels, a book with two
 * half-lives. In a step the price is Brownian motion along a straight line, so its highest and
 * lowest values are those of a Brownian bridge, max = (y + sqrt(y^2 - 2 v log u))/2. A level that
 * the bridge touches fires there, and the rest of the step goes on from the price after the order.
 * Steps are so short that when in a step a level was touched does not matter.
 *
 * Made endogenous_share.csv: HORIZON_S STEPS PATHS SEED stand there in each row. Keys: shape, gamma
 * (withdrawal), window (s: levels watch the mark), slice (USD/s); the tests use none of them. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* xoshiro256+ (Blackman and Vigna 2018), seeded by splitmix64. */
static uint64_t word[4];

static uint64_t next_word(void)
{
    uint64_t result = word[0] + word[3], t = word[1] << 17;
    word[2] ^= word[0];
    word[3] ^= word[1];
    word[1] ^= word[2];
    word[0] ^= word[3];
    word[2] ^= t;
    word[3] = word[3] << 45 | word[3] >> 19;
    return result;
}

static void seed_words(uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        uint64_t z = seed += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        word[i] = z ^ z >> 31;
    }
}

static double uniform(void)
{
    return ((double)(next_word() >> 11) + 0.5) * 0x1p-53;
}

/* Box and Muller, both halves. */
static double normal(void)
{
    static double spare;
    static bool has_spare;
    has_spare = !has_spare;
    if (!has_spare)
        return spare;
    double radius = sqrt(-2 * log(uniform())), angle = 2 * M_PI * uniform();
    spare = radius * sin(angle);
    return radius * cos(angle);
}

enum { LEVELS = 4 };

struct market {
    double sigma; /* per sqrt(s) */
    double depth, permanent, shape, rate[2], weight[2], gamma, gamma_rate;
    double mark_rate;             /* 0: levels watch the last price */
    double slice_rate, slice_gap; /* USD/s and s; 0: at once */
    double level[LEVELS], usd[LEVELS];
};

struct order {
    double due_s, usd; /* signed */
};

struct world {
    bool impact;
    double permanent, missing[2], displacement, mark, stress;
    bool fired[LEVELS];
    double line_free_s[2];
    struct order queue[4096];
    int queued;
    double highest, lowest;
};

static double displace(const struct market *market, double missing)
{
    return missing == 0
               ? 0
               : copysign(0.01 * pow(fabs(missing) / market->depth, 1 / market->shape), missing);
}

static void execute(const struct market *market, struct world *world, double usd)
{
    double left = 1 / (1 + market->gamma * world->stress);
    world->permanent += market->permanent * 0.01 * usd / market->depth;
    for (int i = 0; i < 2; i++)
        world->missing[i] += market->weight[i] * (1 - market->permanent) * usd / left;
    if (market->gamma > 0)
        world->stress += fabs(usd) / market->depth;
    world->displacement = displace(market, world->missing[0] + world->missing[1]);
}

/* A level's order, at once or in slices behind those of its side. */
static void force(const struct market *market, struct world *world, double usd, double now_s)
{
    int side = usd < 0;
    if (market->slice_rate == 0) {
        execute(market, world, usd);
        return;
    }
    double turn_s = fmax(now_s, world->line_free_s[side]), left = fabs(usd);
    world->line_free_s[side] = turn_s + left / market->slice_rate;
    for (; left > 1; turn_s += market->slice_gap) {
        double part = fmin(left, market->slice_rate * market->slice_gap);
        left -= part;
        if (turn_s <= now_s)
            execute(market, world, copysign(part, usd));
        else
            world->queue[world->queued++] = (struct order){turn_s, copysign(part, usd)};
    }
}

static void see(struct world *world, double price)
{
    world->highest = fmax(world->highest, price);
    world->lowest = fmin(world->lowest, price);
}

/* Fire the levels at or inside `trigger`. */
static bool fire(const struct market *market, struct world *world, double trigger, double now_s)
{
    bool any = false;
    for (int i = 0; i < LEVELS; i++) {
        double beyond =
            market->level[i] > 0 ? trigger - market->level[i] : market->level[i] - trigger;
        if (world->fired[i] || beyond < -1e-12)
            continue;
        world->fired[i] = any = true;
        if (world->market.impact)
            force(market, world, market->level[i] > 0 ? market->usd[i] : -market->usd[i], now_s);
    }
    return any;
}

static double impact_of(const struct world *world)
{
    return world->permanent + world->displacement;
}

/* The same `dt` from now. */
static double impact_later(const struct market *market, const struct world *world, double dt)
{
    double missing = 0;
    for (int i = 0; i < 2; i++)
        missing += world->missing[i] * exp(-market->rate[i] * dt);
    return world->permanent + displace(market, missing);
}

/* The nearest level that stands above and below. */
static void barriers(const struct market *market, const struct world *world, double *up,
                     double *down)
{
    *up = INFINITY;
    *down = -INFINITY;
    for (int i = 0; i < LEVELS; i++) {
        if (world->fired[i])
            continue;
        if (market->level[i] > 0)
            *up = fmin(*up, market->level[i]);
        else
            *down = fmax(*down, market->level[i]);
    }
}

/* The exogenous price goes from s0 to s1 over `dt`, the impact along its chord. `u` are
 * two uniform numbers, the same in all worlds. */
static void cross(const struct market *market, struct world *world, double s0, double s1, double dt,
                  const double *u, double now_s)
{
    double impact = impact_of(world), x0 = s0 + impact, up, down;
    double y = s1 + impact_later(market, world, dt) - x0, v = market->sigma * market->sigma * dt;
    double high = x0 + 0.5 * (y + sqrt(y * y - 2 * v * log(u[0])));
    double low = x0 + 0.5 * (y - sqrt(y * y - 2 * v * log(u[1])));
    double shift = market->mark_rate > 0 ? world->mark - world->displacement : 0;
    barriers(market, world, &up, &down);
    if (high + shift < up && low + shift > down) {
        see(world, high);
        see(world, low);
        return;
    }
    bool above = high + shift >= up;
    double touched = (above ? up : down) - shift - impact; /* exogenous price at the touch */
    see(world, touched + impact);
    if (above && low + shift > down) /* before or after the touch: half of the steps either way */
        see(world, low);
    if (!above)
        see(world, high);
    fire(market, world, (above ? up : down), now_s);
    double trigger;
    do {
        see(world, touched + impact_of(world));
        trigger = touched + world->permanent +
                  (market->mark_rate > 0 ? world->mark : world->displacement);
    } while (fire(market, world, trigger, now_s));
    double rest[2] = {uniform(), uniform()};
    cross(market, world, touched, s1, dt * uniform(), rest, now_s);
}

static void recover(const struct market *market, struct world *world, double dt, double now_s)
{
    for (int i = 0; i < 2; i++)
        world->missing[i] *= exp(-market->rate[i] * dt);
    world->stress *= exp(-market->gamma_rate * dt);
    double before = world->displacement;
    world->displacement = displace(market, world->missing[0] + world->missing[1]);
    if (market->mark_rate > 0) {
        double keep = exp(-market->mark_rate * dt);
        world->mark = world->mark * keep + 0.5 * (before + world->displacement) * (1 - keep);
    }
    for (int i = 0; i < world->queued;) {
        if (world->queue[i].due_s > now_s) {
            i++;
            continue;
        }
        execute(market, world, world->queue[i].usd);
        world->queue[i] = world->queue[--world->queued];
    }
}

static void settle(const struct market *market, struct world *world, double s, double now_s)
{
    double trigger;
    do {
        see(world, s + impact_of(world));
        trigger =
            s + world->permanent + (market->mark_rate > 0 ? world->mark : world->displacement);
    } while (fire(market, world, trigger, now_s));
}

static double run(const struct market *market, double horizon_s, long steps, double move[2])
{
    static struct world world[2];
    memset(world, 0, sizeof world);
    world[0].impact = true;
    double s = 0, dt = horizon_s / (double)steps, v = market->sigma * market->sigma * dt;
    for (long i = 0; i < steps; i++) {
        double next = s + sqrt(v) * normal(), u[2] = {uniform(), uniform()},
               now_s = dt * (double)(i + 1);
        for (int w = 0; w < 2; w++) {
            cross(market, &world[w], s, next, dt, u, now_s);
            if (w == 0)
                recover(market, &world[w], dt, now_s);
            settle(market, &world[w], next, now_s);
        }
        s = next;
    }
    for (int w = 0; w < 2; w++)
        move[w] = fmax(world[w].highest, -world[w].lowest);
    return s;
}

static void set(struct market *market, const char *text)
{
    double value = atof(strchr(text, '=') + 1);
    if (strncmp(text, "shape=", 6) == 0)
        market->shape = value;
    else if (strncmp(text, "gamma=", 6) == 0)
        market->gamma = value;
    else if (strncmp(text, "window=", 7) == 0)
        market->mark_rate = 1 / value;
    else if (strncmp(text, "slice=", 6) == 0)
        market->slice_rate = value;
    else
        exit(2);
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 2;
    struct market market = {.sigma = 0.03 / sqrt(86400),
                            .depth = 100e6,
                            .permanent = 0.3,
                            .shape = 1,
                            .rate = {M_LN2 / 20, M_LN2 / 900},
                            .weight = {0.7, 0.3},
                            .gamma_rate = M_LN2 / 600,
                            .slice_gap = 1,
                            .level = {log(1.0015), log(1.004), log(0.9985), log(0.996)},
                            .usd = {20e6, 20e6, 20e6, 20e6}};
    double horizon_s = atof(argv[1]);
    long steps = atol(argv[2]), paths = atol(argv[3]);
    seed_words((uint64_t)atol(argv[4]));
    for (int i = 5; i < argc; i++)
        set(&market, argv[i]);
    double sum[2] = {0, 0}, square[2] = {0, 0}, product = 0;
    for (long p = 0; p < paths; p++) {
        double move[2];
        run(&market, horizon_s, steps, move);
        for (int w = 0; w < 2; w++) {
            sum[w] += move[w];
            square[w] += move[w] * move[w];
        }
        product += move[0] * move[1];
    }
    double n = (double)paths, with = sum[0] / n, without = sum[1] / n, ratio = without / with;
    double variance = square[1] / n - without * without -
                      2 * ratio * (product / n - with * without) +
                      ratio * ratio * (square[0] / n - with * with);
    printf("%g,%ld,%ld,%.6f,%.6f,%.8f,%.8f\n", horizon_s, steps, paths, 1 - ratio,
           sqrt(variance / n) / with, with, without);
    return 0;
}
