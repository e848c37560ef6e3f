/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The histograms of a tally, fan aside, in one list for init, merge and free. */
enum { HISTOGRAMS = SQZ_WATCHES + 5 };

static void histograms_of(struct sqz_tally *tally, struct sqz_histogram *list[HISTOGRAMS])
{
    struct sqz_histogram *all[HISTOGRAMS] = {
        &tally->touch_s[SQZ_TARGET], &tally->touch_s[SQZ_FLOOR],
        &tally->forced_log,          &tally->peak_log,
        &tally->trough_log,          &tally->final_log,
        &tally->largest_cascade_log};
    memcpy(list, all, sizeof all);
}

/* `touch_width_s`: resolution of the times of touching. */
static int init(struct sqz_tally *tally, double touch_width_s, size_t n_measures, size_t n_fan,
                struct sqz_diag *diag)
{
    memset(tally, 0, sizeof *tally);
    for (int w = 0; w < SQZ_WATCHES; w++)
        sqz_histogram_init(&tally->touch_s[w], touch_width_s);
    sqz_histogram_init(&tally->forced_log, SQZ_TALLY_NOTIONAL_LOG);
    sqz_histogram_init(&tally->largest_cascade_log, SQZ_TALLY_NOTIONAL_LOG);
    sqz_histogram_init(&tally->peak_log, SQZ_TALLY_PRICE_LOG);
    sqz_histogram_init(&tally->trough_log, SQZ_TALLY_PRICE_LOG);
    sqz_histogram_init(&tally->final_log, SQZ_TALLY_PRICE_LOG);
    tally->largest_forced_usd = -1.0;
    tally->measure = calloc(n_measures + 1, sizeof *tally->measure);
    tally->fan = calloc(n_fan + 1, sizeof *tally->fan);
    if (tally->measure == NULL || tally->fan == NULL) {
        sqz_tally_free(tally);
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu output times", n_fan);
    }
    tally->n_measures = n_measures;
    tally->n_fan = n_fan;
    for (size_t i = 0; i < n_fan; i++)
        sqz_histogram_init(&tally->fan[i], SQZ_TALLY_PRICE_LOG);
    return SQZ_OK;
}

int sqz_tally_init(struct sqz_tally *tally, double horizon_s, size_t n_measures, size_t n_fan,
                   struct sqz_diag *diag)
{
    return init(tally, horizon_s * SQZ_TALLY_TIME_SHARE, n_measures, n_fan, diag);
}

int sqz_tally_init_like(struct sqz_tally *tally, const struct sqz_tally *other,
                        struct sqz_diag *diag)
{
    return init(tally, other->touch_s[SQZ_TARGET].width, other->n_measures, other->n_fan, diag);
}

void sqz_tally_free(struct sqz_tally *tally)
{
    struct sqz_histogram *list[HISTOGRAMS];
    histograms_of(tally, list);
    for (int i = 0; i < HISTOGRAMS; i++)
        sqz_histogram_free(list[i]);
    for (size_t i = 0; i < tally->n_fan; i++)
        sqz_histogram_free(&tally->fan[i]);
    free(tally->measure);
    free(tally->fan);
    memset(tally, 0, sizeof *tally);
}

/* A total order on (notional, path), so that the largest does not depend on the order of merging.
 */
static void offer_largest(struct sqz_tally *tally, double forced_usd, uint64_t path)
{
    if (forced_usd < tally->largest_forced_usd ||
        (forced_usd == tally->largest_forced_usd && path > tally->largest_forced_path))
        return;
    tally->largest_forced_usd = forced_usd;
    tally->largest_forced_path = path;
}

static int add_cascades(struct sqz_tally *tally, const struct sqz_outcome *outcome)
{
    uint64_t deepest = outcome->generations;
    tally->generations += deepest;
    tally->generations_squared += deepest * deepest;
    if (outcome->generations > tally->max_generations)
        tally->max_generations = outcome->generations;
    if (outcome->cascades == 0)
        return SQZ_OK;
    tally->cascade_paths++;
    return sqz_histogram_add(&tally->largest_cascade_log, log(outcome->largest_cascade_usd));
}

int sqz_tally_add(struct sqz_tally *tally, uint64_t path, const struct sqz_outcome *outcome)
{
    double forced = outcome->forced_usd[SQZ_UP] + outcome->forced_usd[SQZ_DOWN];
    tally->paths++;
    tally->stopped[outcome->stop]++;
    tally->exhausted += outcome->exhausted;
    tally->beyond_known += outcome->beyond_known;
    sqz_mean_add(&tally->forced_usd, forced);
    sqz_mean_add(&tally->forced_side_usd[SQZ_UP], outcome->forced_usd[SQZ_UP]);
    sqz_mean_add(&tally->forced_side_usd[SQZ_DOWN], outcome->forced_usd[SQZ_DOWN]);
    sqz_mean_add(&tally->final_mean_log, outcome->final_log);
    offer_largest(tally, forced, path);
    int error = sqz_histogram_add(&tally->forced_log, log(forced));
    error |= add_cascades(tally, outcome);
    error |= sqz_histogram_add(&tally->peak_log, outcome->peak_log);
    error |= sqz_histogram_add(&tally->trough_log, outcome->trough_log);
    error |= sqz_histogram_add(&tally->final_log, outcome->final_log);
    for (int w = 0; w < SQZ_WATCHES; w++)
        if (!isnan(outcome->touch_s[w])) {
            tally->touched[w]++;
            error |= sqz_histogram_add(&tally->touch_s[w], outcome->touch_s[w]);
        }
    for (size_t m = 0; m < tally->n_measures; m++)
        if (isfinite(outcome->measure[m])) /* a runaway may have passed what a double holds */
            sqz_mean_add(&tally->measure[m], outcome->measure[m]);
    return error != 0 ? SQZ_ERR_NOMEM : SQZ_OK;
}

int sqz_tally_merge(struct sqz_tally *tally, const struct sqz_tally *other)
{
    struct sqz_histogram *mine[HISTOGRAMS], *theirs[HISTOGRAMS];
    histograms_of(tally, mine);
    histograms_of((struct sqz_tally *)other, theirs); /* read only */
    int error = 0;
    for (int i = 0; i < HISTOGRAMS; i++)
        error |= sqz_histogram_merge(mine[i], theirs[i]);
    for (size_t m = 0; m < tally->n_measures; m++)
        sqz_mean_merge(&tally->measure[m], &other->measure[m]);
    for (size_t i = 0; i < tally->n_fan; i++)
        error |= sqz_histogram_merge(&tally->fan[i], &other->fan[i]);
    tally->paths += other->paths;
    tally->exhausted += other->exhausted;
    tally->beyond_known += other->beyond_known;
    for (int i = 0; i < 2; i++)
        tally->stopped[i] += other->stopped[i];
    for (int w = 0; w < SQZ_WATCHES; w++)
        tally->touched[w] += other->touched[w];
    sqz_mean_merge(&tally->forced_usd, &other->forced_usd);
    sqz_mean_merge(&tally->forced_side_usd[SQZ_UP], &other->forced_side_usd[SQZ_UP]);
    sqz_mean_merge(&tally->forced_side_usd[SQZ_DOWN], &other->forced_side_usd[SQZ_DOWN]);
    sqz_mean_merge(&tally->final_mean_log, &other->final_mean_log);
    tally->cascade_paths += other->cascade_paths;
    if (other->max_generations > tally->max_generations)
        tally->max_generations = other->max_generations;
    tally->generations += other->generations;
    tally->generations_squared += other->generations_squared;
    offer_largest(tally, other->largest_forced_usd, other->largest_forced_path);
    return error != 0 ? SQZ_ERR_NOMEM : SQZ_OK;
}

void sqz_tally_code(struct sqz_tally *tally, struct sqz_codec *codec)
{
    struct sqz_histogram *list[HISTOGRAMS];
    uint64_t generations = tally->max_generations;
    uint64_t *counts[] = {&tally->paths,
                          &tally->stopped[0],
                          &tally->stopped[1],
                          &tally->exhausted,
                          &tally->beyond_known,
                          &tally->touched[SQZ_TARGET],
                          &tally->touched[SQZ_FLOOR],
                          &tally->cascade_paths,
                          &tally->generations,
                          &tally->generations_squared,
                          &tally->largest_forced_path,
                          &generations};
    struct sqz_mean *means[] = {&tally->forced_usd, &tally->forced_side_usd[SQZ_UP],
                                &tally->forced_side_usd[SQZ_DOWN], &tally->final_mean_log};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        sqz_codec_count(codec, counts[i]);
    tally->max_generations = (unsigned)generations;
    sqz_codec_double(codec, &tally->largest_forced_usd);
    for (size_t i = 0; i < sizeof means / sizeof means[0]; i++)
        sqz_mean_code(means[i], codec);
    histograms_of(tally, list);
    for (int i = 0; i < HISTOGRAMS; i++)
        sqz_histogram_code(list[i], codec);
    sqz_codec_expect(codec, tally->n_measures);
    for (size_t m = 0; m < tally->n_measures; m++)
        sqz_mean_code(&tally->measure[m], codec);
    sqz_codec_expect(codec, tally->n_fan);
    for (size_t i = 0; i < tally->n_fan; i++)
        sqz_histogram_code(&tally->fan[i], codec);
}
