/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "sim/analysis/fit.h"
#include "sim/analysis/fit_market.h"
#include "sim/core/side.h"

/* The distance that depth is stated at, and where a book adds less than this exponent it is taken
 * for one that was not recorded whole. */
static const double UNIT_BP = 100, THINNEST = 0.5;

/* Sides differ where their difference is more than so many standard errors. */
static const double DIFFERENT = 3;

/* ---- which distances are complete ----------------------------------------------------------- */

static bool known(const struct sqz_depth_shot *shot, int side, size_t band, double band_bp)
{
    double usd = shot->cumulative_usd[side][band];
    return usd > 0 && isfinite(usd) && band_bp <= shot->reach_bp[side];
}

/* Bands 0 .. count - 1 of a side are complete: up to the first one beyond which the book as
 * recorded is thin. */
static size_t complete_bands(const struct sqz_depth_record *depth, size_t shot, int side)
{
    const struct sqz_depth_shot *book = &depth->shot[shot];
    size_t count = 0;
    while (count < depth->bands && known(book, side, count, depth->band_bp[count])) {
        const double *usd = &book->cumulative_usd[side][count], *bp = &depth->band_bp[count];
        if (count > 0 && log(usd[0] / usd[-1]) < THINNEST * log(bp[0] / bp[-1]))
            break;
        count++;
    }
    return count;
}

/* ---- the law of each snapshot --------------------------------------------------------------- */

/* How far a snapshot must be complete to be carried on to 1 %, as a share of that or of the
 * furthest distance; and at how many distances. */
static const double REACH_LEAST = 0.2;
enum { BANDS_LEAST = 3 };

static double last_band_bp(const struct sqz_depth_record *depth)
{
    return fmin(UNIT_BP, depth->band_bp[depth->bands - 1]);
}

/* Log depth within 1 % and exponent, by least squares over the bands. */
static bool fit_shot(const struct sqz_depth_record *depth, size_t shot, int side, double law[2])
{
    size_t bands = complete_bands(depth, shot, side);
    double x = 0, y = 0, xx = 0, xy = 0, n = (double)bands;
    for (size_t b = 0; b < bands; b++) {
        double u = log(depth->band_bp[b] / UNIT_BP);
        double v = log(depth->shot[shot].cumulative_usd[side][b]);
        x += u;
        y += v;
        xx += u * u;
        xy += u * v;
    }
    double spread = n * xx - x * x;
    if (bands < BANDS_LEAST || depth->band_bp[bands - 1] < REACH_LEAST * last_band_bp(depth))
        return false;
    law[1] = (n * xy - x * y) / spread;
    law[0] = (y - law[1] * x) / n;
    return true;
}

struct book_laws {
    double *value[2][2]; /* of a side, log depth and exponent, of each snapshot */
    size_t count;
    double bands; /* mean number of distances that were complete */
};

static bool make_room(struct book_laws *laws, size_t count)
{
    bool whole = true;
    for (int side = 0; side < 2; side++)
        for (int k = 0; k < 2; k++) {
            laws->value[side][k] = malloc((count + 1) * sizeof(double));
            whole = whole && laws->value[side][k] != NULL;
        }
    return whole;
}

static void free_room(struct book_laws *laws)
{
    for (int side = 0; side < 2; side++)
        for (int k = 0; k < 2; k++)
            free(laws->value[side][k]);
}

/* Snapshots of which both sides have a law. */
static void fit_shots(struct book_laws *laws, const struct sqz_depth_record *depth)
{
    laws->count = 0;
    for (size_t i = 0; i < depth->count; i++) {
        double law[2][2];
        if (!fit_shot(depth, i, SQZ_UP, law[SQZ_UP]) ||
            !fit_shot(depth, i, SQZ_DOWN, law[SQZ_DOWN]))
            continue;
        laws->bands +=
            0.5 * (double)(complete_bands(depth, i, SQZ_UP) + complete_bands(depth, i, SQZ_DOWN));
        for (int side = 0; side < 2; side++)
            for (int k = 0; k < 2; k++)
                laws->value[side][k][laws->count] = law[side][k];
        laws->count++;
    }
}

/* ---- rows ----------------------------------------------------------------------------------- */

struct side_law {
    double mean[2], se[2];
};

static struct side_law summarise(double *const value[2], size_t count)
{
    struct side_law law;
    for (int k = 0; k < 2; k++)
        law.mean[k] = sqz_series_mean(value[k], count, &law.se[k]);
    return law;
}

/* Mean of both sides, snapshot by snapshot, in the place of the asks. */
static struct side_law pool(struct book_laws *laws)
{
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < laws->count; i++)
            laws->value[SQZ_UP][k][i] =
                0.5 * (laws->value[SQZ_UP][k][i] + laws->value[SQZ_DOWN][k][i]);
    return summarise(laws->value[SQZ_UP], laws->count);
}

static bool differ(const struct side_law *a, const struct side_law *b, int k)
{
    return fabs(a->mean[k] - b->mean[k]) > DIFFERENT * hypot(a->se[k], b->se[k]);
}

static void add_sides(struct sqz_fits *fits, const struct side_law side[2])
{
    if (differ(&side[SQZ_UP], &side[SQZ_DOWN], 0)) {
        sqz_fits_add(fits, "book.depth_ask", "usd", exp(side[SQZ_UP].mean[0]),
                     exp(side[SQZ_UP].mean[0]) * side[SQZ_UP].se[0], "asks alone");
        sqz_fits_add(fits, "book.depth_bid", "usd", exp(side[SQZ_DOWN].mean[0]),
                     exp(side[SQZ_DOWN].mean[0]) * side[SQZ_DOWN].se[0], "bids alone");
    }
    if (differ(&side[SQZ_UP], &side[SQZ_DOWN], 1)) {
        sqz_fits_add(fits, "book.shape_ask", "1", side[SQZ_UP].mean[1], side[SQZ_UP].se[1],
                     "asks alone");
        sqz_fits_add(fits, "book.shape_bid", "1", side[SQZ_DOWN].mean[1], side[SQZ_DOWN].se[1],
                     "bids alone");
    }
}

static void add_rows(struct sqz_fits *fits, struct book_laws *laws,
                     const struct sqz_depth_record *depth)
{
    struct side_law side[2] = {summarise(laws->value[SQZ_UP], laws->count),
                               summarise(laws->value[SQZ_DOWN], laws->count)};
    struct side_law both = pool(laws);
    double last_bp = depth->band_bp[depth->bands - 1];
    sqz_fits_add(fits, "book.depth", "usd", exp(both.mean[0]), exp(both.mean[0]) * both.se[0],
                 "%zu snapshot%s, from %g bp to %g where the record is complete (%.2g of %zu "
                 "distances)%s; one venue's book",
                 laws->count, laws->count == 1 ? "" : "s", depth->band_bp[0], last_bp,
                 laws->bands / (double)laws->count, depth->bands,
                 last_bp < UNIT_BP ? ", carried on to 1 % by the exponent" : "");
    sqz_fits_add(fits, "book.shape", "1", both.mean[1], both.se[1],
                 "exponent of cumulative depth over the same distances");
    add_sides(fits, side);
}

int sqz_fit_book(struct sqz_fits *fits, const struct sqz_depth_record *depth, struct sqz_diag *diag)
{
    struct book_laws laws = {0};
    int error = make_room(&laws, depth->count)
                    ? SQZ_OK
                    : sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for depth");
    if (error == SQZ_OK)
        fit_shots(&laws, depth);
    if (error == SQZ_OK && laws.count > 0)
        add_rows(fits, &laws, depth);
    else if (error == SQZ_OK)
        sqz_fits_refuse(
            fits, "book.depth",
            "no snapshot is complete on both sides at %d distances or more, out to %g bp",
            BANDS_LEAST, REACH_LEAST * last_band_bp(depth));
    free_room(&laws);
    return error;
}
