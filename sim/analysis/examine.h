/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a loaded scenario is legal but can hardly be meant, as far as it takes more than one
 * value or one file to see it. Remarks of single values and files are made in reading them. */
#ifndef SQZ_ANALYSIS_EXAMINE_H
#define SQZ_ANALYSIS_EXAMINE_H

#include "sim/io/scenario.h"

/* Add to the scenario's remarks; scenarios/README.md lists the codes. SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_examine(struct sqz_scenario *scenario, struct sqz_diag *diag);

#endif
