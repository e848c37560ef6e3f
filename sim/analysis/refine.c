#include "sim/analysis/refine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/analysis/control_variate.h"
#include "sim/analysis/sweep.h"
#include "sim/io/result_files.h"

/* Ends closer than this share of the axis stand on one another in a figure. */
static const double LEAST_WIDTH = 1.0 / 256;

/* Between two neighbours. */
struct interval {
    const struct sqz_point *lo, *hi;
    double jump, width; /* width: share of the axis */
};

/* ---- intervals ----------------------------------------------------------------------------- */

static double jump_of(const struct interval *interval, int quantity)
{
    const struct sqz_estimate *a = &interval->lo->estimate[quantity];
    const struct sqz_estimate *b = &interval->hi->estimate[quantity];
    if (isnan(a->value) || isnan(b->value))
        return 0.0;
    return fmax(0.0, fabs(b->value - a->value) - sqz_estimate_half_width() * hypot(a->se, b->se));
}

static void measure(struct interval *interval, const struct sqz_sweep *sweep)
{
    const struct sqz_axis *axis = &sweep->axis[0];
    bool watched = !isnan(sweep->point[0].estimate[SQZ_POINT_TARGET].value) ||
                   !isnan(sweep->point[0].estimate[SQZ_POINT_FLOOR].value);
    interval->width =
        sqz_axis_place(axis, interval->hi->label[0]) - sqz_axis_place(axis, interval->lo->label[0]);
    interval->jump =
        watched ? fmax(jump_of(interval, SQZ_POINT_TARGET), jump_of(interval, SQZ_POINT_FLOOR))
                : jump_of(interval, SQZ_POINT_FORCED);
}

static int by_value(const void *a, const void *b)
{
    double left = strtod((*(const struct sqz_point *const *)a)->label[0], NULL);
    double right = strtod((*(const struct sqz_point *const *)b)->label[0], NULL);
    return (left > right) - (left < right);
}

/* Steepest first; then the widest, then the one with the smaller values. */
static int by_need(const void *a, const void *b)
{
    const struct interval *left = a, *right = b;
    if (left->jump != right->jump)
        return left->jump < right->jump ? 1 : -1;
    if (fabs(left->width - right->width) > LEAST_WIDTH / 2)
        return left->width < right->width ? 1 : -1;
    return by_value(&left->lo, &right->lo);
}

/* The intervals between points 1 .. index - 1, in the order in which they are to be halved. NULL:
 * no memory. */
static struct interval *list_intervals(const struct sqz_sweep *sweep, size_t index)
{
    const struct sqz_point **point = calloc(index, sizeof *point);
    struct interval *interval = calloc(index, sizeof *interval);
    for (size_t i = 1; point != NULL && i < index; i++)
        point[i - 1] = &sweep->point[i];
    if (point != NULL)
        qsort(point, index - 1, sizeof *point, by_value);
    for (size_t i = 0; point != NULL && interval != NULL && i + 2 < index; i++) {
        interval[i] = (struct interval){.lo = point[i], .hi = point[i + 1]};
        measure(&interval[i], sweep);
    }
    if (point == NULL) {
        free(interval);
        return NULL;
    }
    free(point);
    if (interval != NULL)
        qsort(interval, index - 2, sizeof *interval, by_need);
    return interval;
}

/* ---- a point ------------------------------------------------------------------------------- */

static void clear(struct sqz_point *point)
{
    free(point->label[0]);
    point->label[0] = NULL;
    while (point->n_settings > 0)
        free(point->setting[--point->n_settings]);
}

/* Put point `index` between the ends, if a scenario can have that value. */
static int try_between(struct sqz_sweep *sweep, size_t index, const struct interval *interval,
                       const struct sqz_point_runner *runner, bool *planned, struct sqz_diag *diag)
{
    struct sqz_point *point = &sweep->point[index];
    char value[SQZ_AXIS_TEXT];
    sqz_axis_between(&sweep->axis[0], interval->lo->label[0], interval->hi->label[0], value);
    if (sqz_sweep_place(sweep, point, 0, value) != SQZ_OK)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the points of a sweep");
    int error = sqz_sweep_check_point(sweep, index, runner, diag);
    *planned = error == SQZ_OK;
    if (error != SQZ_ERR_DATA)
        return error;
    clear(point);
    *diag = (struct sqz_diag){0};
    return SQZ_OK;
}

static int plan(struct sqz_sweep *sweep, size_t index, const struct sqz_point_runner *runner,
                bool *planned, struct sqz_diag *diag)
{
    struct interval *interval = list_intervals(sweep, index);
    int error = SQZ_OK;
    if (interval == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the points of a sweep");
    for (size_t i = 0; error == SQZ_OK && !*planned && i + 2 < index; i++)
        if (interval[i].width > LEAST_WIDTH)
            error = try_between(sweep, index, &interval[i], runner, planned, diag);
    free(interval);
    return error;
}

int sqz_sweep_refine(struct sqz_sweep *sweep, size_t index, const struct sqz_point_runner *runner,
                     bool *planned, struct sqz_diag *diag)
{
    char *read = sweep->point[index].label[0]; /* from an earlier run */
    *planned = false;
    sweep->point[index].label[0] = NULL;
    sqz_sweep_control(sweep);
    int error = plan(sweep, index, runner, planned, diag);
    if (error == SQZ_OK && read != NULL &&
        (!*planned || strcmp(read, sweep->point[index].label[0]) != 0))
        error = sqz_fail_at(diag, SQZ_ERR_DATA, sqz_result_file_name(SQZ_FILE_POINTS), 0, NULL,
                            "point %zu is at %s, where this sweep has none; --force starts anew",
                            index, read);
    free(read);
    return error;
}

void sqz_sweep_end_refining(struct sqz_sweep *sweep)
{
    sweep->n_points = sweep->done;
}
