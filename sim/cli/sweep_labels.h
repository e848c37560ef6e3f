/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rows of a sweep's table are called. */
#ifndef SQZ_CLI_SWEEP_LABELS_H
#define SQZ_CLI_SWEEP_LABELS_H

#include "sim/io/sweep.h"

enum { SQZ_SWEEP_LABEL_SIZE = 128 };

/* How labels are written: digits of the values of each axis, as few as tell the points apart, and
 * the columns that they take, which is less than 0 for words, which stand to the left. */
struct sqz_sweep_labels {
    int digits[SQZ_SWEEP_LABELS], width[SQZ_SWEEP_LABELS];
};

void sqz_sweep_labels_measure(const struct sqz_sweep *sweep, struct sqz_sweep_labels *labels);

/* Cell `l` of a point: a value of a grid, or a tornado's words as they are; and its title. */
void sqz_sweep_label(const struct sqz_sweep *sweep, const struct sqz_sweep_labels *labels,
                     size_t index, size_t l, char text[SQZ_SWEEP_LABEL_SIZE]);
void sqz_sweep_label_title(const struct sqz_sweep *sweep, size_t l,
                           char text[SQZ_SWEEP_LABEL_SIZE]);

/* A value of an axis in the digits of its labels. */
void sqz_sweep_label_value(const struct sqz_sweep *sweep, size_t axis, const char *value,
                           char text[SQZ_SWEEP_LABEL_SIZE]);

#endif
