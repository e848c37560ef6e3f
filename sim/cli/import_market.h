/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The market that a map is held against while it is imported: a power-law book and a volatility,
 * from --set or assumed. */
#ifndef SQZ_CLI_IMPORT_MARKET_H
#define SQZ_CLI_IMPORT_MARKET_H

#include "sim/analysis/standstill.h"
#include "sim/cli/options.h"
#include "sim/io/import_result.h"
#include "sim/io/params.h"

/* Owns what it points to. */
struct sqz_import_market {
    struct sqz_settings settings;
    struct sqz_book_params book_params;
    void *shape_params, *shape_shared;
    struct sqz_book book;
    double depth_usd, volatility_per_sqrt_s;
    bool assumed; /* the depth is nobody's */
};

/* Free after success and failure alike. */
int sqz_import_market_open(struct sqz_import_market *market, const struct sqz_options *options,
                           struct sqz_diag *diag);
/* Safe on a zeroed one. */
void sqz_import_market_free(struct sqz_import_market *market);

/* The standstill scale of levels in that market, and how soon their nearest zone. */
int sqz_import_market_judge(const struct sqz_import_market *market,
                            struct sqz_import_answer *answer, struct sqz_diag *diag);

#endif
