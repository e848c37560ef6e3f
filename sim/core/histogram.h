/* Counts of values in bins of equal width: quantiles at a stated resolution, merging exactly. */
#ifndef SQZ_CORE_HISTOGRAM_H
#define SQZ_CORE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"

/* Counts in bins of one width, growing with the range seen. Owns `count`. */
struct sqz_histogram {
    double width;
    int64_t first; /* bin k covers [(first + k) width, (first + k + 1) width) */
    size_t bins;
    uint64_t *count;
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
/* The value below which a share `p` lies, to within one bin width; NAN when empty. */
double sqz_histogram_quantile(const struct sqz_histogram *histogram, double p);

#endif
