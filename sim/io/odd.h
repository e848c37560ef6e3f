/* Numbers that are legal but can hardly be meant: percentages typed as numbers. */
#ifndef SQZ_IO_ODD_H
#define SQZ_IO_ODD_H

#include "sim/io/params.h"
#include "sim/io/remarks.h"

/* Make a remark of every number that was written, in a setting or in a table that one names, and
 * that reaches what its parameter or column calls odd. A number written with a percent sign means
 * what it says. `group` is filled. SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_odd_find(const struct sqz_param_group *group, const struct sqz_settings *settings,
                 struct sqz_remarks *remarks, struct sqz_diag *diag);

#endif
