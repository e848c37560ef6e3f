/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scenario made of one that has been read: the same but for some settings. */
#ifndef SQZ_IO_VARIANT_H
#define SQZ_IO_VARIANT_H

#include "sim/io/scenario.h"

/* Prepare `scenario` as `base` with the assignments of `options` on top, as if the file of `base`
 * had been loaded with them; that file is not read again. Its levels and tables are, so they must
 * be files, and the same bytes as before: else SQZ_ERR_IO. Other errors are those of
 * sqz_scenario_load, as is what to free. */
int sqz_scenario_vary(struct sqz_scenario *scenario, const struct sqz_scenario *base,
                      const struct sqz_load_options *options, const struct sqz_registry *registry,
                      struct sqz_diag *diag);

#endif
