/* "Did you mean ...": the known name with the smallest edit distance to a wrong one. */
#ifndef SQZ_IO_NEAREST_H
#define SQZ_IO_NEAREST_H

#include <stddef.h>

struct sqz_nearest {
    const char *wrong;
    const char *best; /* NULL: nothing close enough yet */
    size_t distance;
    char hint[128];
};

struct sqz_nearest sqz_nearest_begin(const char *wrong);
void sqz_nearest_offer(struct sqz_nearest *nearest, const char *known);

/* "; did you mean 'x'?", or "" when nothing offered is close; `prefix` stands before the name.
 * Points into `nearest`. */
const char *sqz_nearest_hint(struct sqz_nearest *nearest, const char *prefix);

#endif
