/* points.csv, written a row at a time and read back when a sweep goes on. */
#include "sim/io/sweep.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/io/csv.h"

static const char *const ESTIMATE[SQZ_POINT_ESTIMATES] = {
    "target_probability",
    "floor_probability",
    "forced_usd",
    "target_probability_difference",
    "floor_probability_difference",
    "forced_usd_difference",
    "final_log_difference",
    "target_probability_own",
    "floor_probability_own",
    "forced_usd_own",
    "target_probability_own_base",
    "floor_probability_own_base",
    "forced_usd_own_base",
    "target_probability_own_difference",
    "floor_probability_own_difference",
    "forced_usd_own_difference",
};
static const char *const BRANCHING[2] = {"branching_short", "branching_long"};

/* Numbers of a row after its labels: estimates of four each, variance reductions, branching. After
 * them come three that are never empty (gnuplot takes the name of an empty last column for its
 * value), and of a refined sweep whether the point was added.
 */
enum { NUMBERS = 4 * SQZ_POINT_ESTIMATES + SQZ_CONTRASTS + 2, LAST_COLUMNS = 3 };

static void numbers_of(const struct sqz_point *point, double number[NUMBERS])
{
    size_t n = 0;
    for (int e = 0; e < SQZ_POINT_ESTIMATES; e++) {
        const struct sqz_estimate *estimate = &point->estimate[e];
        number[n++] = estimate->value;
        number[n++] = estimate->se;
        number[n++] = estimate->lo;
        number[n++] = estimate->hi;
    }
    for (int c = 0; c < SQZ_CONTRASTS; c++)
        number[n++] = point->variance_reduction[c];
    for (int side = 0; side < 2; side++)
        number[n++] = point->branching[side];
}

static void set_numbers(struct sqz_point *point, const double number[NUMBERS])
{
    size_t n = 0;
    for (int e = 0; e < SQZ_POINT_ESTIMATES; e++, n += 4)
        point->estimate[e] =
            (struct sqz_estimate){number[n], number[n + 1], number[n + 2], number[n + 3]};
    for (int c = 0; c < SQZ_CONTRASTS; c++)
        point->variance_reduction[c] = number[n++];
    for (int side = 0; side < 2; side++)
        point->branching[side] = number[n++];
}

/* How often the point alone touched: the file has it as mean d and standard error of the scores 1,
 * 0, -1, whose mean square is (only own + only base)/n; d is (only own - only base)/n. */
static void set_counts(struct sqz_point *point)
{
    for (int w = 0; w < SQZ_WATCHES; w++) {
        const struct sqz_estimate *d = &point->estimate[SQZ_POINT_OWN_DIFFERENCE + w];
        double n = (double)point->paths, square = n * d->se * d->se + d->value * d->value;
        point->only_own[w] = isnan(d->value) ? 0 : (uint64_t)llround(0.5 * n * (square + d->value));
    }
}

/* ---- writing ------------------------------------------------------------------------------- */

void sqz_sweep_write_header(const struct sqz_sweep *sweep, FILE *file)
{
    fputs("point", file);
    for (size_t l = 0; l < sweep->n_labels; l++)
        fprintf(file, ",%s", sweep->label_name[l]);
    for (int e = 0; e < SQZ_POINT_ESTIMATES; e++)
        fprintf(file, ",%s,%s_se,%s_lo,%s_hi", ESTIMATE[e], ESTIMATE[e], ESTIMATE[e], ESTIMATE[e]);
    for (int c = 0; c < SQZ_CONTRASTS; c++)
        fprintf(file, ",%s_variance_reduction", sqz_contrast_name[c]);
    for (int side = 0; side < 2; side++)
        fprintf(file, ",%s", BRANCHING[side]);
    fprintf(file, ",seed,paths,cut_off_paths%s\n", sweep->refine > 0 ? ",refined" : "");
}

void sqz_sweep_write_point(const struct sqz_sweep *sweep, size_t index, FILE *file)
{
    const struct sqz_point *point = &sweep->point[index];
    double number[NUMBERS];
    fprintf(file, "%zu", point->number);
    for (size_t l = 0; l < sweep->n_labels; l++)
        fprintf(file, ",%s", point->label[l]);
    numbers_of(point, number);
    for (int n = 0; n < NUMBERS; n++)
        if (isnan(number[n]))
            fputc(',', file);
        else
            fprintf(file, ",%.17g", number[n]);
    fprintf(file, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, sqz_sweep_seed(sweep, index), point->paths,
            point->cut_off);
    if (sweep->refine > 0)
        fprintf(file, ",%d", sqz_sweep_is_refined(sweep, index));
    fputc('\n', file);
}

/* ---- reading back -------------------------------------------------------------------------- */

struct reader {
    struct sqz_sweep *sweep;
    bool begun; /* the header has been seen */
};

/* Whether a row is that of point `index`; of a refined point it gives the value. */
static bool is_row_of(struct sqz_sweep *sweep, const struct sqz_csv_row *row, size_t index)
{
    size_t last = LAST_COLUMNS + (sweep->refine > 0);
    if (index >= sweep->n_points || row->count != 1 + sweep->n_labels + NUMBERS + last)
        return false;
    struct sqz_point *point = &sweep->point[index];
    if (sqz_sweep_is_refined(sweep, index))
        return point->label[0] == NULL && sqz_point_label(point, 0, row->field[1]) == SQZ_OK;
    for (size_t l = 0; l < sweep->n_labels; l++)
        if (strcmp(row->field[1 + l], point->label[l]) != 0)
            return false;
    return true;
}

static int read_point(struct reader *reader, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct sqz_sweep *sweep = reader->sweep;
    size_t index = strtoull(row->field[0], NULL, 10), column = 1 + sweep->n_labels;
    double number[NUMBERS];
    /* Rows of a finished sweep that was refined are in the order of their values. */
    bool right = sweep->refine > 0 ? index < sweep->n_points && sweep->point[index].paths == 0
                                   : index == sweep->done;
    if (!right || !is_row_of(sweep, row, index))
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, NULL,
                           "is not the row of point %zu of this sweep; --force starts anew",
                           sweep->refine > 0 ? index : sweep->done);
    struct sqz_point *point = &sweep->point[index];
    point->paths = strtoull(row->field[column + NUMBERS + 1], NULL, 10);
    point->cut_off = strtoull(row->field[column + NUMBERS + 2], NULL, 10);
    for (int n = 0; n < NUMBERS; n++) {
        const char *cell = row->field[column + (size_t)n];
        number[n] = cell[0] != '\0' ? strtod(cell, NULL) : NAN;
    }
    set_numbers(point, number);
    set_counts(point);
    sweep->done++;
    return SQZ_OK;
}

static int on_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct reader *reader = context;
    if (reader->begun)
        return read_point(reader, row, diag);
    reader->begun = true;
    return SQZ_OK;
}

/* Cut off what follows the last line break: a row that was being written when the program died. */
static int cut_to_rows(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return -1;
    long whole = 0, at = 0;
    for (int c; (c = fgetc(file)) != EOF;) {
        at++;
        whole = c == '\n' ? at : whole;
    }
    int failed = ferror(file) != 0;
    fclose(file);
    return failed ? -1 : truncate(path, whole);
}

int sqz_sweep_read_points(struct sqz_sweep *sweep, const char *path, struct sqz_diag *diag)
{
    struct reader reader = {.sweep = sweep};
    if (cut_to_rows(path) != 0)
        return sqz_fail_at(diag, SQZ_ERR_IO, path, 0, NULL, "cannot be read back: %s",
                           strerror(errno));
    int error = sqz_csv_read(path, on_row, &reader, NULL, diag);
    for (size_t i = 0; error == SQZ_OK && sweep->refine > 0 && i < sweep->done; i++)
        if (sweep->point[i].paths == 0)
            error = sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL,
                                "has no row of point %zu of this sweep; --force starts anew", i);
    return error;
}
