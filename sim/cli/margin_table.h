/* The answer of `squeeze margin` for people: a sentence, then a table that fits a terminal. */
#ifndef SQZ_CLI_MARGIN_TABLE_H
#define SQZ_CLI_MARGIN_TABLE_H

#include <stdio.h>

#include "sim/io/margin_result.h"

/* The position that is nearest to its liquidation, and how many have what others have not. */
struct sqz_margin_outline {
    size_t nearest;         /* row - 1 */
    double nearest_percent; /* from its mark, or from its entry where that is unknown; INFINITY: no
                               price liquidates any, or all are past theirs */
    bool nearest_marked;    /* it has a mark */
    size_t unreachable;     /* no price liquidates them */
    size_t past;            /* on the far side of their liquidation price already */
};

void sqz_margin_outline(const struct sqz_margin_result *result, struct sqz_margin_outline *outline);

/* "20 positions in 9 margin accounts; no price liquidates 2; 1 past its liquidation price already"
 */
enum { SQZ_MARGIN_COUNTS = 256 };
const char *sqz_margin_counts(char text[SQZ_MARGIN_COUNTS], const struct sqz_margin_result *result,
                              const struct sqz_margin_outline *outline);

/* Print the sentence and the table. Columns that do not fit 80 characters are left out, and that is
 * said. */
void sqz_margin_table(FILE *out, const struct sqz_margin_result *result,
                      const struct sqz_positions *positions, const struct sqz_margin_terms *terms);

#endif
