/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one path of one world ended with. */
#ifndef SQZ_CORE_OUTCOME_H
#define SQZ_CORE_OUTCOME_H

#include "sim/core/stops.h"

enum sqz_stop { SQZ_STOP_HORIZON, SQZ_STOP_MAX_EVENTS };

/* Log prices relative to the start price, notionals in USD by the side of the levels. */
struct sqz_outcome {
    double final_log, peak_log, trough_log;
    double forced_usd[2];
    uint64_t liquidations[2];
    /* Only in traced worlds: cascades, the deepest generation, the largest family with any
     * descendant. */
    uint64_t cascades;
    unsigned generations;
    double largest_cascade_usd;
    double measure[SQZ_MEASURES_MAX]; /* of the drivers, in their order */
    double touch_s[SQZ_WATCHES];      /* first touch; NAN if never, or not watched */
    bool exhausted, beyond_known;     /* of the book, as struct sqz_book_state has them */
    enum sqz_stop stop;
};

#endif
