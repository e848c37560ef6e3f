/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/score_text.h"

#include <inttypes.h>
#include <math.h>

#include "sim/cli/interval.h"
#include "sim/cli/layout.h"
#include "sim/cli/text.h"

/* Of the rows those in which the maps predict better than no map, and worse, surely. */
struct verdict {
    size_t better, worse;
};

static struct verdict count(const struct sqz_score *score)
{
    struct verdict verdict = {0};
    for (size_t i = 0; i < score->n_rows; i++) {
        verdict.better += score->row[i].minus_none[SQZ_SCORE_MAP].hi < 0;
        verdict.worse += score->row[i].minus_none[SQZ_SCORE_MAP].lo > 0;
    }
    return verdict;
}

static void say_answer(FILE *out, const struct sqz_score *score)
{
    struct verdict verdict = count(score);
    if (score->days < 2)
        sqz_layout_print(out, 2, 0,
                         "Maps of one day say nothing: intervals are made of whole days.");
    else if (verdict.better == 0)
        sqz_layout_print(out, 2, 0,
                         "At no horizon and scale do the maps predict better than the same model "
                         "without them; at %zu of %zu they surely predict worse.",
                         verdict.worse, score->n_rows);
    else
        sqz_layout_print(out, 2, 0,
                         "At %zu of %zu horizons and scales the maps surely predict better than "
                         "the same model without them, at %zu worse.",
                         verdict.better, score->n_rows, verdict.worse);
    fputc('\n', out);
}

enum { CELL = 64 };

/* Large ones need no digits behind the point. */
static const char *difference(char cell[CELL], const struct sqz_estimate *estimate)
{
    double size = fabs(estimate->value);
    int decimals = size < 1 ? 4 : size < 10 ? 3 : size < 100 ? 2 : 0;
    if (isnan(estimate->value))
        snprintf(cell, CELL, "-");
    else if (isnan(estimate->lo))
        snprintf(cell, CELL, "%+.*f", decimals, estimate->value);
    else
        snprintf(cell, CELL, "%+.*f [%+.*f, %+.*f]", decimals, estimate->value, decimals,
                 estimate->lo, decimals, estimate->hi);
    return cell;
}

static void print_rows(FILE *out, const struct sqz_score *score)
{
    char time[SQZ_TEXT_SIZE], cell[2][CELL], needed[32];
    fprintf(out, "  %-7s %6s %-27s %-27s %7s\n", "horizon", "scale", "map less none",
            "map less mirror", "needed");
    for (size_t i = 0; i < score->n_rows; i++) {
        const struct sqz_score_row *row = &score->row[i];
        snprintf(needed, sizeof needed, isnan(row->maps_needed) ? "-" : "%.3g", row->maps_needed);
        fprintf(out, "  %-7s %6.3g %-27s %-27s %7s\n", sqz_text_duration(time, row->horizon_s),
                row->scale, difference(cell[0], &row->minus_none[SQZ_SCORE_MAP]),
                difference(cell[1], &row->map_minus_mirror), needed);
    }
    sqz_layout_print(out, 2, 0,
                     "(CRPS of peak plus trough in units of sigma sqrt(h), less is better; none: "
                     "no impact, at the volatility that the record before each map forecasts; "
                     "mirror: shorts and longs swapped; needed: independent maps to see the gain "
                     "that they would have if they were true)");
    fputc('\n', out);
}

static void print_calibration(FILE *out, const struct sqz_score *score)
{
    char time[SQZ_TEXT_SIZE], cell[CELL];
    fprintf(out, "  %-7s %6s   %-10s %-10s  %s\n", "horizon", "maps", "p peak", "p trough",
            "constant volatility less conditional");
    for (size_t i = 0; i < score->n_rows; i += score->n_scales) {
        const struct sqz_score_row *row = &score->row[i];
        fprintf(out, "  %-7s %6zu   %-10.2g %-10.2g  %s\n", sqz_text_duration(time, row->horizon_s),
                row->apart, row->ks_p[0][SQZ_UP], row->ks_p[0][SQZ_DOWN],
                difference(cell, &row->minus_none[SQZ_SCORE_CONSTANT]));
    }
    sqz_layout_print(out, 2, 0,
                     "(p: whether the model without impact is calibrated, Kolmogorov-Smirnov, on "
                     "maps whose horizons do not overlap)");
    fputc('\n', out);
}

static void print_touches(FILE *out, const struct sqz_score *score)
{
    char time[SQZ_TEXT_SIZE], text[2][SQZ_TEXT_SIZE], cell[SQZ_INTERVAL_CELL];
    fprintf(out, "  %-7s %8s %10s %14s   %s\n", "horizon", "clusters", "touched", "without impact",
            "difference");
    for (size_t h = 0; h < score->n_horizons; h++) {
        const struct sqz_score_touch *touch = &score->touch[h];
        fprintf(out, "  %-7s %8zu %10s %14s   %s\n", sqz_text_duration(time, touch->horizon_s),
                touch->n, sqz_text_share(text[0], touch->observed.value),
                sqz_text_share(text[1], touch->without_impact),
                sqz_interval_cell(cell, &touch->residual, SQZ_QUANTITY_CHANGE, -1, 1));
    }
    sqz_layout_print(out, 2, 0,
                     "(the largest cluster of each side; a magnet would be touched more often)");
}

void sqz_score_text(FILE *out, const struct sqz_score *score, const char *index)
{
    sqz_layout_print(out, 0, 2, "%s: %zu maps on %zu days, %" PRIu64 " paths each", index,
                     score->maps, score->days, score->paths);
    fputc('\n', out);
    say_answer(out, score);
    print_rows(out, score);
    print_calibration(out, score);
    print_touches(out, score);
}
