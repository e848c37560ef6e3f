#include "sim/core/histogram.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Values further out share the outermost bin; at a width of 1e-4 that is a log price of 1677. */
static const double FARTHEST_BIN = 1 << 24;

void sqz_histogram_init(struct sqz_histogram *histogram, double width)
{
    memset(histogram, 0, sizeof *histogram);
    histogram->width = width;
    histogram->min = INFINITY;
    histogram->max = -INFINITY;
}

void sqz_histogram_free(struct sqz_histogram *histogram)
{
    free(histogram->count);
    memset(histogram, 0, sizeof *histogram);
}

/* Make room for bins first..last. */
static int cover(struct sqz_histogram *histogram, int64_t first, int64_t last)
{
    if (histogram->bins > 0) {
        int64_t present_last = histogram->first + (int64_t)histogram->bins - 1;
        if (first >= histogram->first && last <= present_last)
            return SQZ_OK;
        /* Grow by half as much again as is there, in the direction needed. */
        int64_t spare = (int64_t)histogram->bins / 2;
        first = first < histogram->first ? first - spare : histogram->first;
        last = last > present_last ? last + spare : present_last;
    }
    size_t bins = (size_t)(last - first + 1);
    uint64_t *count = calloc(bins, sizeof *count);
    if (count == NULL)
        return SQZ_ERR_NOMEM;
    if (histogram->bins > 0)
        memcpy(count + (histogram->first - first), histogram->count,
               histogram->bins * sizeof *count);
    free(histogram->count);
    histogram->count = count;
    histogram->first = first;
    histogram->bins = bins;
    return SQZ_OK;
}

int sqz_histogram_add(struct sqz_histogram *histogram, double value)
{
    assert(!isnan(value) && value < INFINITY);
    if (value == -INFINITY) {
        histogram->total++;
        histogram->below++;
        return SQZ_OK;
    }
    double place = floor(value / histogram->width);
    int64_t bin = (int64_t)fmax(-FARTHEST_BIN, fmin(FARTHEST_BIN, place));
    int error = cover(histogram, bin, bin);
    if (error != SQZ_OK)
        return error;
    histogram->count[bin - histogram->first]++;
    histogram->total++;
    histogram->min = fmin(histogram->min, value);
    histogram->max = fmax(histogram->max, value);
    return SQZ_OK;
}

int sqz_histogram_merge(struct sqz_histogram *histogram, const struct sqz_histogram *other)
{
    assert(histogram->width == other->width);
    if (other->bins > 0) {
        int error = cover(histogram, other->first, other->first + (int64_t)other->bins - 1);
        if (error != SQZ_OK)
            return error;
        for (size_t k = 0; k < other->bins; k++)
            histogram->count[other->first - histogram->first + (int64_t)k] += other->count[k];
    }
    histogram->total += other->total;
    histogram->below += other->below;
    histogram->min = fmin(histogram->min, other->min);
    histogram->max = fmax(histogram->max, other->max);
    return SQZ_OK;
}

double sqz_histogram_quantile(const struct sqz_histogram *histogram, double p)
{
    if (histogram->total == 0)
        return NAN;
    double rank = p * (double)histogram->total, seen = (double)histogram->below;
    if (histogram->below > 0 && rank <= seen)
        return -INFINITY;
    for (size_t k = 0; k < histogram->bins; k++) {
        double here = (double)histogram->count[k];
        if (here > 0 && seen + here >= rank) {
            double inside = (double)(histogram->first + (int64_t)k) + (rank - seen) / here;
            return fmax(histogram->min, fmin(histogram->max, inside * histogram->width));
        }
        seen += here;
    }
    return histogram->max;
}
