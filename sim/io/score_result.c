/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/score_result.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/version.h"

static const char *const WORLD[SQZ_SCORE_WORLDS] = {"none", "map", "mirror", "shuffled",
                                                    "constant"};
static const char *const EXTREME[SQZ_SCORE_EXTREMES] = {"peak", "trough"};

void sqz_score_free(struct sqz_score *score)
{
    free(score->row);
    free(score->touch);
    free(score->pit);
    free(score->bin);
    memset(score, 0, sizeof *score);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static json_t *pit_json(const double ks_p[SQZ_SCORE_EXTREMES], size_t apart)
{
    return json_pack("{s:o, s:o, s:I}", "peak_ks_p", sqz_json_number(ks_p[0]), "trough_ks_p",
                     sqz_json_number(ks_p[1]), "n", (json_int_t)apart);
}

static json_t *row_json(const struct sqz_score_row *row)
{
    return json_pack(
        "{s:f, s:f, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "horizon_s", row->horizon_s, "scale",
        row->scale, "n", (json_int_t)row->maps, "crps_none", sqz_json_estimate(&row->crps_none),
        "map_minus_none", sqz_json_estimate(&row->minus_none[SQZ_SCORE_MAP]), "map_minus_mirror",
        sqz_json_estimate(&row->map_minus_mirror), "map_minus_shuffled",
        sqz_json_estimate(&row->map_minus_shuffled), "constant_minus_none",
        sqz_json_estimate(&row->minus_none[SQZ_SCORE_CONSTANT]), "pit",
        pit_json(row->ks_p[1], row->apart), "pit_none", pit_json(row->ks_p[0], row->apart));
}

static json_t *rows_json(const struct sqz_score *score)
{
    json_t *list = json_array();
    for (size_t i = 0; i < score->n_rows; i++)
        sqz_json_append(list, row_json(&score->row[i]));
    return list;
}

static json_t *power_json(const struct sqz_score *score)
{
    json_t *list = json_array();
    for (size_t i = 0; i < score->n_rows; i++)
        sqz_json_append(list, json_pack("{s:f, s:f, s:o, s:o}", "horizon_s",
                                        score->row[i].horizon_s, "scale", score->row[i].scale,
                                        "uplift", sqz_json_number(score->row[i].uplift),
                                        "maps_needed", sqz_json_number(score->row[i].maps_needed)));
    return list;
}

static json_t *touch_json(const struct sqz_score *score)
{
    json_t *list = json_array();
    for (size_t h = 0; h < score->n_horizons; h++) {
        const struct sqz_score_touch *touch = &score->touch[h];
        sqz_json_append(list, json_pack("{s:f, s:I, s:o, s:o, s:o}", "horizon_s", touch->horizon_s,
                                        "n", (json_int_t)touch->n, "observed",
                                        sqz_json_number(touch->observed.value), "without_impact",
                                        sqz_json_number(touch->without_impact), "residual",
                                        sqz_json_estimate(&touch->residual)));
    }
    return list;
}

json_t *sqz_score_json(const struct sqz_score *score, const char *index,
                       const struct sqz_remarks *remarks)
{
    char seed[24];
    snprintf(seed, sizeof seed, "%" PRIu64, score->seed);
    return json_pack("{s:s, s:s, s:o, s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "schema",
                     "squeeze/score-1", "version", SQZ_VERSION, "index", sqz_json_text(index),
                     "seed", seed, "paths", (json_int_t)score->paths, "maps",
                     (json_int_t)score->maps, "days", (json_int_t)score->days, "results",
                     rows_json(score), "touch", touch_json(score), "power", power_json(score),
                     "remarks", sqz_remarks_json(remarks));
}

/* ---- files ---------------------------------------------------------------------------------- */

static int write_rows(const struct sqz_result_dir *dir, const struct sqz_score *score,
                      struct sqz_diag *diag)
{
    FILE *file;
    int error = sqz_result_dir_create(dir, SQZ_FILE_SCORE, &file, diag);
    if (error != SQZ_OK)
        return error;
    fputs("horizon_s,scale,world,difference,lo,hi\n", file);
    for (size_t i = 0; i < score->n_rows; i++)
        for (int world = SQZ_SCORE_MAP; world < SQZ_SCORE_WORLDS; world++) {
            const struct sqz_estimate *difference = &score->row[i].minus_none[world];
            if (isfinite(difference->value))
                fprintf(file, "%.17g,%.17g,%s,%.17g,%.17g,%.17g\n", score->row[i].horizon_s,
                        score->row[i].scale, WORLD[world], difference->value,
                        isnan(difference->lo) ? difference->value : difference->lo,
                        isnan(difference->hi) ? difference->value : difference->hi);
        }
    return sqz_result_dir_close(dir, SQZ_FILE_SCORE, &file, diag);
}

static int write_pits(const struct sqz_result_dir *dir, const struct sqz_score *score,
                      struct sqz_diag *diag)
{
    FILE *file;
    int error = sqz_result_dir_create(dir, SQZ_FILE_PIT, &file, diag);
    if (error != SQZ_OK)
        return error;
    fputs("horizon_s,scale,world,extreme,value\n", file);
    for (size_t i = 0; i < score->n_pits; i++) {
        const struct sqz_score_pit *pit = &score->pit[i];
        const struct sqz_score_row *row = &score->row[pit->row];
        for (int world = SQZ_SCORE_NONE; world <= SQZ_SCORE_MAP; world++)
            for (int extreme = 0; extreme < SQZ_SCORE_EXTREMES; extreme++)
                fprintf(file, "%.17g,%.17g,%s,%s,%.17g\n", row->horizon_s, row->scale, WORLD[world],
                        EXTREME[extreme], pit->value[world][extreme]);
    }
    return sqz_result_dir_close(dir, SQZ_FILE_PIT, &file, diag);
}

static int write_bins(const struct sqz_result_dir *dir, const struct sqz_score *score,
                      struct sqz_diag *diag)
{
    FILE *file;
    int error = sqz_result_dir_create(dir, SQZ_FILE_RELIABILITY, &file, diag);
    if (error != SQZ_OK)
        return error;
    fputs("horizon_s,lo,hi,predicted,observed,observed_lo,observed_hi,n\n", file);
    for (size_t i = 0; i < score->n_bins; i++) {
        const struct sqz_score_bin *bin = &score->bin[i];
        fprintf(file, "%.17g,%.17g,%.17g,%.17g,%.17g,%.17g,%.17g,%zu\n", bin->horizon_s, bin->lo,
                bin->hi, bin->predicted, bin->observed.value, bin->observed.lo, bin->observed.hi,
                bin->n);
    }
    return sqz_result_dir_close(dir, SQZ_FILE_RELIABILITY, &file, diag);
}

int sqz_results_score(const struct sqz_result_dir *dir, const struct sqz_score *score,
                      struct sqz_diag *diag)
{
    int error = write_rows(dir, score, diag);
    if (error == SQZ_OK)
        error = write_pits(dir, score, diag);
    return error == SQZ_OK ? write_bins(dir, score, diag) : error;
}
