/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The yardstick of `make bench`: what a careful programmer would write instead of squeeze.
 *
 * One ladder, permanent and decaying linear impact, a time-stepped path: xoshiro256+ (Blackman and
 * Vigna 2018), ziggurat normals (Marsaglia and Tsang 2000), levels checked at each step only.
 *
 * Usage: yardstick PATHS STEPS STEP_SECONDS VOLATILITY SHORTS LONGS SPACING IMPACT PERMANENT
 * HALFLIFE with volatility per square-root second, spacing and impact (of one level's order) in log
 * price. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t state[4] = {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb, 42};

static inline uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

static inline uint64_t next(void)
{
    uint64_t result = state[0] + state[3], t = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= t;
    state[3] = rotate(state[3], 45);
    return result;
}

static inline double uniform(void)
{
    return (double)(next() >> 11) * 0x1p-53;
}

enum { LAYERS = 128 };
static const double TAIL = 3.442619855899, AREA = 9.91256303526217e-3;
static double edge[LAYERS + 1], ratio[LAYERS];

static void build_ziggurat(void)
{
    double f = exp(-0.5 * TAIL * TAIL);
    edge[0] = AREA / f;
    edge[1] = TAIL;
    edge[LAYERS] = 0;
    for (int i = 2; i < LAYERS; i++) {
        edge[i] = sqrt(-2 * log(AREA / edge[i - 1] + f));
        f = exp(-0.5 * edge[i] * edge[i]);
    }
    for (int i = 0; i < LAYERS; i++)
        ratio[i] = edge[i + 1] / edge[i];
}

static double normal_slow(int layer, double u)
{
    for (;;) {
        if (layer == 0) {
            double x, y;
            do {
                x = -log(1 - uniform()) / TAIL;
                y = -log(1 - uniform());
            } while (y + y < x * x);
            return u > 0 ? TAIL + x : -TAIL - x;
        }
        double x = u * edge[layer];
        double low = exp(-0.5 * (edge[layer] * edge[layer] - x * x));
        double high = exp(-0.5 * (edge[layer + 1] * edge[layer + 1] - x * x));
        if (high + uniform() * (low - high) < 1.0)
            return x;
        uint64_t bits = next();
        layer = bits & (LAYERS - 1);
        u = (double)((int64_t)bits >> 11) * 0x1p-52;
        if (fabs(u) < ratio[layer])
            return u * edge[layer];
    }
}

static inline double normal(void)
{
    uint64_t bits = next();
    int layer = bits & (LAYERS - 1);
    double u = (double)((int64_t)bits >> 11) * 0x1p-52;
    return fabs(u) < ratio[layer] ? u * edge[layer] : normal_slow(layer, u);
}

int main(int argc, char **argv)
{
    if (argc != 11) {
        fprintf(stderr, "usage: see the head of the source\n");
        return 2;
    }
    long paths = atol(argv[1]), steps = atol(argv[2]);
    double dt = atof(argv[3]), move = atof(argv[4]) * sqrt(dt);
    int shorts = atoi(argv[5]), longs = atoi(argv[6]);
    double spacing = atof(argv[7]), impact = atof(argv[8]), permanent = atof(argv[9]);
    double keep = exp2(-dt / atof(argv[10]));
    build_ziggurat();
    long fired = 0;
    double peaks = 0;
    clock_t begun = clock();
    for (long p = 0; p < paths; p++) {
        double s = 0, d = 0, peak = 0;
        int up = 0, down = 0;
        for (long t = 0; t < steps; t++) {
            s += move * normal();
            d *= keep;
            double x = s + d;
            while (up < shorts && x >= (up + 1) * spacing) {
                s += impact * permanent;
                d += impact * (1 - permanent);
                x = s + d;
                up++;
                fired++;
            }
            while (down < longs && x <= -(down + 1) * spacing) {
                s -= impact * permanent;
                d -= impact * (1 - permanent);
                x = s + d;
                down++;
                fired++;
            }
            peak = x > peak ? x : peak;
        }
        peaks += peak;
    }
    double seconds = (double)(clock() - begun) / CLOCKS_PER_SEC;
    printf("%.17g %.17g %.17g %.17g\n", seconds / (double)paths,
           1e9 * seconds / ((double)paths * (double)steps), (double)fired / (double)paths,
           peaks / (double)paths);
    return 0;
}
