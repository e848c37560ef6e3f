/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recorded prices: bars from CSV, `time,open_usd,high_usd,low_usd,close_usd`, with whatever else
 * was recorded of them.
 *
 * Times are ISO 8601 in UTC or seconds since 1970 (clock.h), ascending; a bar is the time from its
 * own to that of the next. Where bars are missing the record has a gap: it is counted, and no
 * number is made up for it. */
#ifndef SQZ_IO_RECORD_H
#define SQZ_IO_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/error.h"
#include "sim/io/csv.h"
#include "sim/io/remarks.h"

/* NAN where the file does not say. */
struct sqz_bar {
    double time_s; /* of its beginning, since 1970 */
    double open_usd, high_usd, low_usd, close_usd;
    double volume_usd, taker_buy_usd; /* traded, and of that bought by takers */
    double open_interest_usd;         /* at its end */
    double funding;                   /* rate, a share of the notional */
    double liquidated_usd[2];         /* reported; indexed by enum sqz_side: shorts, longs */
};

struct sqz_record {
    struct sqz_bar *bar; /* ascending in time; owned */
    size_t count;
    double step_s;        /* from bar to bar, the one that is met most */
    size_t gaps, missing; /* places where bars are missing, and how many bars those are */
    char *file;           /* owned */
    struct sqz_digest digest;
};

/* Read the file at `path`. SQZ_ERR_DATA where it has no bars, where times do not ascend, or where
 * a bar's high is not its highest price or its low not its lowest. Missing bars are a remark.
 * `remarks` may be NULL. Free the record after success and failure alike. */
int sqz_record_read(struct sqz_record *record, const char *path, struct sqz_remarks *remarks,
                    struct sqz_diag *diag);
/* Hand on each bar as it is read, with nothing kept: `visit` returns SQZ_OK to go on. Errors as
 * those of sqz_record_read; `digest` may be NULL. */
int sqz_record_visit(const char *path,
                     int (*visit)(void *context, const struct sqz_bar *bar, struct sqz_diag *diag),
                     void *context, struct sqz_digest *digest, struct sqz_diag *diag);
/* Safe on a zeroed one. */
void sqz_record_free(struct sqz_record *record);

/* Whether bars are missing between bar `before` and the next. */
bool sqz_record_is_gap(const struct sqz_record *record, size_t before);

/* Index of the first bar that opens at or after a time; `count` if there is none. */
size_t sqz_record_at(const struct sqz_record *record, double time_s);

/* Index of the first bar from `begin` on that opens at `until_s` or later, or behind a gap;
 * `count` at the end: bars from `begin` to it hang together. */
size_t sqz_record_stretch(const struct sqz_record *record, size_t begin, double until_s);

#endif
