/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/pair.h"

#include <math.h>

void sqz_pairs_add(struct sqz_pairs *pairs, double x, double y)
{
    sqz_mean_add(&pairs->y, y);
    sqz_mean_add(&pairs->difference, x - y);
    sqz_exact_sum_add(&pairs->product, (x - y) * y);
}

void sqz_pairs_merge(struct sqz_pairs *pairs, const struct sqz_pairs *other)
{
    sqz_mean_merge(&pairs->y, &other->y);
    sqz_mean_merge(&pairs->difference, &other->difference);
    sqz_exact_sum_merge(&pairs->product, &other->product);
}

/* Of the means of the difference d and of y. */
static double covariance(const struct sqz_pairs *pairs, double difference, double y)
{
    double n = (double)pairs->y.count;
    return (sqz_exact_sum_value(&pairs->product) / n - difference * y) / (n - 1);
}

/* x/y = 1 + d/y with d = x - y, of which small differences keep their digits. The delta method: the
 * variance of the ratio r = mean(d)/mean(y) is that of (d - r y)/mean(y) over n. */
struct sqz_estimate sqz_pairs_ratio(const struct sqz_pairs *pairs)
{
    struct sqz_estimate d = sqz_mean_estimate(&pairs->difference), y = sqz_mean_estimate(&pairs->y);
    double n = (double)pairs->y.count, r = d.value / y.value;
    if (n == 0 || y.value == 0.0)
        return (struct sqz_estimate){NAN, NAN, NAN, NAN};
    if (n < 2)
        return (struct sqz_estimate){1 + r, NAN, NAN, NAN};
    double variance =
        d.se * d.se - 2 * r * covariance(pairs, d.value, y.value) + r * r * y.se * y.se;
    double se = sqrt(fmax(variance, 0.0)) / fabs(y.value);
    return sqz_estimate_normal(1 + r, se);
}

struct sqz_estimate sqz_pairs_ratio_within(const struct sqz_pairs *pairs, double largest)
{
    struct sqz_estimate ratio = sqz_pairs_ratio(pairs);
    if (isnan(ratio.se) || pairs->difference.hits >= SQZ_ESTIMATE_FEW)
        return ratio;
    struct sqz_estimate change = sqz_mean_change(&pairs->difference, largest);
    double y = sqz_mean_estimate(&pairs->y).value;
    ratio.lo = 1 + change.lo / y;
    ratio.hi = 1 + change.hi / y;
    return ratio;
}

struct sqz_estimate sqz_estimate_share_difference(uint64_t only_x, uint64_t only_y, uint64_t trials)
{
    if (trials == 0)
        return (struct sqz_estimate){NAN, NAN, NAN, NAN};
    double n = (double)trials, x = (double)only_x, y = (double)only_y;
    double value = (x - y) / n;
    double se = sqrt(((x + y) / n - value * value) / n);
    double centre = (x - y) / (n + 2);
    double spread = sqrt(((x + y + 2) / (n + 2) - centre * centre) / (n + 2));
    double half = sqz_estimate_half_width() * spread;
    return (struct sqz_estimate){value, se, fmax(-1.0, centre - half), fmin(1.0, centre + half)};
}

static double move_of(const struct sqz_outcome *outcome)
{
    return fmax(outcome->peak_log, -outcome->trough_log);
}

void sqz_pair_add(struct sqz_pair *pair, const struct sqz_outcome *x, const struct sqz_outcome *y)
{
    pair->paths++;
    for (int w = 0; w < SQZ_WATCHES; w++) {
        bool in_x = !isnan(x->touch_s[w]), in_y = !isnan(y->touch_s[w]);
        pair->touched_x[w] += in_x;
        pair->touched_y[w] += in_y;
        pair->only_x[w] += in_x && !in_y;
        pair->only_y[w] += in_y && !in_x;
    }
    sqz_pairs_add(&pair->forced_usd, x->forced_usd[SQZ_UP] + x->forced_usd[SQZ_DOWN],
                  y->forced_usd[SQZ_UP] + y->forced_usd[SQZ_DOWN]);
    sqz_pairs_add(&pair->move_log, move_of(x), move_of(y));
    sqz_pairs_add(&pair->final_log, x->final_log, y->final_log);
}

void sqz_pair_merge(struct sqz_pair *pair, const struct sqz_pair *other)
{
    pair->paths += other->paths;
    for (int w = 0; w < SQZ_WATCHES; w++) {
        pair->touched_x[w] += other->touched_x[w];
        pair->touched_y[w] += other->touched_y[w];
        pair->only_x[w] += other->only_x[w];
        pair->only_y[w] += other->only_y[w];
    }
    sqz_pairs_merge(&pair->forced_usd, &other->forced_usd);
    sqz_pairs_merge(&pair->move_log, &other->move_log);
    sqz_pairs_merge(&pair->final_log, &other->final_log);
}

static void code_pairs(struct sqz_pairs *pairs, struct sqz_codec *codec)
{
    sqz_mean_code(&pairs->y, codec);
    sqz_mean_code(&pairs->difference, codec);
    sqz_exact_sum_code(&pairs->product, codec);
}

void sqz_pair_code(struct sqz_pair *pair, struct sqz_codec *codec)
{
    sqz_codec_count(codec, &pair->paths);
    for (int w = 0; w < SQZ_WATCHES; w++) {
        sqz_codec_count(codec, &pair->only_x[w]);
        sqz_codec_count(codec, &pair->only_y[w]);
        sqz_codec_count(codec, &pair->touched_x[w]);
        sqz_codec_count(codec, &pair->touched_y[w]);
    }
    code_pairs(&pair->forced_usd, codec);
    code_pairs(&pair->move_log, codec);
    code_pairs(&pair->final_log, codec);
}

double sqz_pairs_variance_reduction(const struct sqz_pairs *pairs)
{
    struct sqz_estimate d = sqz_mean_estimate(&pairs->difference), y = sqz_mean_estimate(&pairs->y);
    double variance_d = d.se * d.se, variance_y = y.se * y.se; /* x = d + y */
    double variance_x = variance_d + variance_y + 2 * covariance(pairs, d.value, y.value);
    return (variance_x + variance_y) / variance_d;
}

double sqz_pair_touch_variance_reduction(const struct sqz_pair *pair, enum sqz_watch watch)
{
    struct sqz_estimate x = sqz_estimate_share(pair->touched_x[watch], pair->paths);
    struct sqz_estimate y = sqz_estimate_share(pair->touched_y[watch], pair->paths);
    struct sqz_estimate difference =
        sqz_estimate_share_difference(pair->only_x[watch], pair->only_y[watch], pair->paths);
    return (x.se * x.se + y.se * y.se) / (difference.se * difference.se);
}
