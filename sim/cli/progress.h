/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A progress bar with the time left, on standard error, for people only. */
#ifndef SQZ_CLI_PROGRESS_H
#define SQZ_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct sqz_progress {
    bool enabled; /* standard error is a terminal and the user did not ask for quiet */
    bool drawn;
    uint64_t total;
    double begun_s, drawn_s;
};

void sqz_progress_begin(struct sqz_progress *progress, uint64_t total, bool quiet);
void sqz_progress_update(struct sqz_progress *progress, uint64_t done);
/* Erase the bar. */
void sqz_progress_end(struct sqz_progress *progress);

/* Seconds on a clock that only moves forward. */
double sqz_progress_clock_s(void);

#endif
