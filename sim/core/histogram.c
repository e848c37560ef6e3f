/* SPDX-License-Identifier: GPL-3.0-or-later */
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
    for (size_t p = 0; p < histogram->pages; p++)
        free(histogram->page[p]);
    free(histogram->page);
    memset(histogram, 0, sizeof *histogram);
}

/* Make room for the pages first..last in the directory. */
static int cover(struct sqz_histogram *histogram, int64_t first, int64_t last)
{
    if (histogram->pages > 0) {
        int64_t present_last = histogram->first + (int64_t)histogram->pages - 1;
        if (first >= histogram->first && last <= present_last)
            return SQZ_OK;
        /* Grow by half as much again as is there, in the direction needed. */
        int64_t spare = (int64_t)histogram->pages / 2;
        first = first < histogram->first ? first - spare : histogram->first;
        last = last > present_last ? last + spare : present_last;
    }
    size_t pages = (size_t)(last - first + 1);
    uint64_t **page = calloc(pages, sizeof *page);
    if (page == NULL)
        return SQZ_ERR_NOMEM;
    if (histogram->pages > 0)
        memcpy(page + (histogram->first - first), histogram->page, histogram->pages * sizeof *page);
    free(histogram->page);
    histogram->page = page;
    histogram->first = first;
    histogram->pages = pages;
    return SQZ_OK;
}

/* The counts of page `p`, counted from 0, which is not there yet; NULL: no memory. */
static __attribute__((noinline)) uint64_t *make_page(struct sqz_histogram *histogram, int64_t p)
{
    if (cover(histogram, p, p) != SQZ_OK)
        return NULL;
    uint64_t **page = &histogram->page[p - histogram->first];
    if (*page == NULL)
        *page = calloc(SQZ_HISTOGRAM_PAGE, sizeof **page);
    return *page;
}

/* The counts of page `p`; NULL: no memory. */
static inline uint64_t *open_page(struct sqz_histogram *histogram, int64_t p)
{
    uint64_t place = (uint64_t)(p - histogram->first); /* huge before the first */
    if (place < histogram->pages && histogram->page[place] != NULL)
        return histogram->page[place];
    return make_page(histogram, p);
}

int sqz_histogram_add(struct sqz_histogram *histogram, double value)
{
    assert(!isnan(value) && value < INFINITY);
    if (value == -INFINITY) {
        histogram->total++;
        histogram->below++;
        return SQZ_OK;
    }
    double place = value / histogram->width;
    place = place < -FARTHEST_BIN ? -FARTHEST_BIN : place > FARTHEST_BIN ? FARTHEST_BIN : place;
    int64_t bin = (int64_t)place;
    bin -= (double)bin > place; /* down, not towards 0 */
    int64_t offset = (bin % SQZ_HISTOGRAM_PAGE + SQZ_HISTOGRAM_PAGE) % SQZ_HISTOGRAM_PAGE;
    uint64_t *count = open_page(histogram, (bin - offset) / SQZ_HISTOGRAM_PAGE);
    if (count == NULL)
        return SQZ_ERR_NOMEM;
    count[offset]++;
    histogram->total++;
    if (value < histogram->min)
        histogram->min = value;
    if (value > histogram->max)
        histogram->max = value;
    return SQZ_OK;
}

/* ---- as bytes: each bin that is not empty, by its distance from the one before ----------------
 */

/* The first bin from `from` on that is not empty, and its count; false: there is none. `from` is
 * counted from the first page's first bin. */
static bool next_bin(const struct sqz_histogram *histogram, uint64_t *from, uint64_t *count)
{
    for (; *from < histogram->pages * SQZ_HISTOGRAM_PAGE; (*from)++) {
        const uint64_t *page = histogram->page[*from / SQZ_HISTOGRAM_PAGE];
        if (page == NULL)
            *from |= SQZ_HISTOGRAM_PAGE - 1;
        else if (page[*from % SQZ_HISTOGRAM_PAGE] > 0) {
            *count = page[*from % SQZ_HISTOGRAM_PAGE];
            return true;
        }
    }
    return false;
}

static void write_bins(struct sqz_histogram *histogram, struct sqz_codec *codec)
{
    int64_t zero = histogram->first * SQZ_HISTOGRAM_PAGE, last = 0;
    uint64_t count, end = 0;
    for (uint64_t at = 0; next_bin(histogram, &at, &count); at++) {
        int64_t step = zero + (int64_t)at - last;
        sqz_codec_count(codec, &count);
        sqz_codec_signed(codec, &step);
        last += step;
    }
    sqz_codec_count(codec, &end);
}

static void read_bins(struct sqz_histogram *histogram, struct sqz_codec *codec)
{
    int64_t bin = 0, step;
    uint64_t count;
    for (sqz_codec_count(codec, &count); count > 0; sqz_codec_count(codec, &count)) {
        sqz_codec_signed(codec, &step);
        if (step < -2 * FARTHEST_BIN || step > 2 * FARTHEST_BIN ||
            fabs((double)(bin + step)) > FARTHEST_BIN)
            codec->error = SQZ_ERR_DATA;
        if (codec->error != SQZ_OK)
            return;
        bin += step;
        int64_t offset = (bin % SQZ_HISTOGRAM_PAGE + SQZ_HISTOGRAM_PAGE) % SQZ_HISTOGRAM_PAGE;
        uint64_t *page = open_page(histogram, (bin - offset) / SQZ_HISTOGRAM_PAGE);
        if (page == NULL) {
            codec->error = SQZ_ERR_NOMEM;
            return;
        }
        page[offset] += count;
    }
}

void sqz_histogram_code(struct sqz_histogram *histogram, struct sqz_codec *codec)
{
    double width = histogram->width;
    sqz_codec_double(codec, &width);
    if (codec->error == SQZ_OK && width != histogram->width)
        codec->error = SQZ_ERR_DATA;
    sqz_codec_count(codec, &histogram->total);
    sqz_codec_count(codec, &histogram->below);
    sqz_codec_double(codec, &histogram->min);
    sqz_codec_double(codec, &histogram->max);
    if (sqz_codec_reads(codec))
        read_bins(histogram, codec);
    else
        write_bins(histogram, codec);
}

int sqz_histogram_merge(struct sqz_histogram *histogram, const struct sqz_histogram *other)
{
    assert(histogram->width == other->width);
    for (size_t p = 0; p < other->pages; p++) {
        if (other->page[p] == NULL)
            continue;
        uint64_t *count = open_page(histogram, other->first + (int64_t)p);
        if (count == NULL)
            return SQZ_ERR_NOMEM;
        for (size_t k = 0; k < SQZ_HISTOGRAM_PAGE; k++)
            count[k] += other->page[p][k];
    }
    histogram->total += other->total;
    histogram->below += other->below;
    histogram->min = fmin(histogram->min, other->min);
    histogram->max = fmax(histogram->max, other->max);
    return SQZ_OK;
}

double sqz_histogram_quantile(const struct sqz_histogram *histogram, double share)
{
    if (histogram->total == 0)
        return NAN;
    double rank = share * (double)histogram->total, seen = (double)histogram->below;
    if (histogram->below > 0 && rank <= seen)
        return -INFINITY;
    for (size_t p = 0; p < histogram->pages; p++)
        for (size_t k = 0; histogram->page[p] != NULL && k < SQZ_HISTOGRAM_PAGE; k++) {
            double here = (double)histogram->page[p][k];
            if (here > 0 && seen + here >= rank) {
                int64_t bin = (histogram->first + (int64_t)p) * SQZ_HISTOGRAM_PAGE + (int64_t)k;
                double inside = (double)bin + (rank - seen) / here;
                return fmax(histogram->min, fmin(histogram->max, inside * histogram->width));
            }
            seen += here;
        }
    return histogram->max;
}
