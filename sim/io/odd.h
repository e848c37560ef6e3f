/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that are legal but can hardly be meant: percentages typed as numbers. */
#ifndef SQZ_IO_ODD_H
#define SQZ_IO_ODD_H

#include "sim/io/axis.h"
#include "sim/io/params.h"
#include "sim/io/remarks.h"
#include "sim/io/tiers.h"

#define SQZ_ODD_CODE "percent-as-number"

enum { SQZ_ODD_TEXT = 256 };

/* A number in inside units, and the unit it was written in. */
struct sqz_written {
    double inside;
    const char *unit;
};

/* Whether a number reaches what its parameter calls odd, and then, in `text`, what it means and
 * what to write. One written with a percent sign means what it says, but for a volatility of a day
 * or less: a lone % is one of a day, where most quote those of a year. */
bool sqz_odd_describe(const struct sqz_param *param, const struct sqz_written *written, char *text,
                      size_t size);

/* Make a remark of every such number that was written, in a setting or in a table that one names,
 * by what its parameter or column calls odd. `group` is filled. SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_odd_find(const struct sqz_param_group *group, const struct sqz_settings *settings,
                 struct sqz_remarks *remarks, struct sqz_diag *diag);

/* One remark of an axis, if an end of it is such a number. SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_odd_axis(const struct sqz_axis *axis, struct sqz_remarks *remarks, struct sqz_diag *diag);

/* The same of the maintenance of first tiers, of tiers read from `file`: later tiers ask for as
 * much as half. */
int sqz_odd_tiers(const struct sqz_tier_tables *tables, const char *file,
                  struct sqz_remarks *remarks, struct sqz_diag *diag);

/* And of the maintenance rate and the fee in the row of a position. */
int sqz_odd_position(const struct sqz_csv_row *row, const struct sqz_csv_column *rate,
                     const struct sqz_csv_column *fee, struct sqz_remarks *remarks,
                     struct sqz_diag *diag);

#endif
