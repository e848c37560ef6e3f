/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of values in bins of equal width: quantiles at a stated resolution, merging exactly. */
#ifndef SQZ_CORE_HISTOGRAM_H
#define SQZ_CORE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/codec.h"

enum { SQZ_HISTOGRAM_PAGE = 256 };

/* Counts in bins of one width, bin k covering [k width, (k + 1) width). They are kept in pages that
 * are had when first counted in, so that far-flung values cost no memory in between. Owns `page`.
 */
struct sqz_histogram {
    double width;
    int64_t first; /* page p holds bins (first + p) SQZ_HISTOGRAM_PAGE and on */
    size_t pages;
    uint64_t **page;       /* NULL: all of its bins are 0 */
    uint64_t total, below; /* all values; those equal to -INFINITY, which lie in no bin */
    double min, max;       /* of the finite values, exactly */
};

void sqz_histogram_init(struct sqz_histogram *histogram, double width);
/* Safe on a zeroed or already freed histogram. */
void sqz_histogram_free(struct sqz_histogram *histogram);
/* Add a finite value or -INFINITY. Returns SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_histogram_add(struct sqz_histogram *histogram, double value);
/* Widths must be equal. Returns SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_histogram_merge(struct sqz_histogram *histogram, const struct sqz_histogram *other);
/* Write it, or read one of the same width into an empty one; of equal counts the bytes are equal.
 */
void sqz_histogram_code(struct sqz_histogram *histogram, struct sqz_codec *codec);
/* The value below which a `share` lies, to within one bin width; NAN when empty. */
double sqz_histogram_quantile(const struct sqz_histogram *histogram, double share);

#endif
