/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Positions of a file and what a venue makes of them, without a scenario: what margin is computed
 * from. */
#ifndef SQZ_IO_MARGIN_SHEET_H
#define SQZ_IO_MARGIN_SHEET_H

#include "sim/io/params.h"
#include "sim/io/positions.h"

/* Owns everything but the venue model. Zero-initialise; do not move once loaded, as its parts point
 * at each other. */
struct sqz_margin_sheet {
    const struct sqz_venue_model *venue;
    struct sqz_settings settings;
    struct sqz_margin_terms terms;
    struct sqz_positions positions;
    struct sqz_remarks remarks;
};

struct sqz_margin_sheet_options {
    const char *venue;       /* NULL: the registry's first */
    const char *venue_field; /* what an error calls the choice of the venue */
    const char *const *set;  /* "venue.*=value[unit]", in order */
    size_t n_set;
    const struct sqz_memory_files *memory; /* as of struct sqz_load_options */
};

/* Read the positions at `path`. Free the sheet after success and failure alike. */
int sqz_margin_sheet_load(struct sqz_margin_sheet *sheet, const char *path,
                          const struct sqz_margin_sheet_options *options,
                          const struct sqz_registry *registry, struct sqz_diag *diag);

/* Safe on a zeroed sheet. */
void sqz_margin_sheet_free(struct sqz_margin_sheet *sheet);

#endif
