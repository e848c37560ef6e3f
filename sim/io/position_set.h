/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The open positions of a scenario, the venue that holds them, and the ladder of their triggers. */
#ifndef SQZ_IO_POSITION_SET_H
#define SQZ_IO_POSITION_SET_H

#include <stdbool.h>

#include "sim/core/population.h"
#include "sim/core/venue.h"
#include "sim/io/margin_terms.h"
#include "sim/io/params.h"
#include "sim/io/positions.h"

/* Owns everything it points to. Do not copy: `venue` points into it. */
struct sqz_position_set {
    char *file; /* as opened; NULL: the positions are drawn, or the scenario has levels */
    struct sqz_digest digest;
    const struct sqz_venue_model *model;
    void *params; /* of the model, NULL if it has none */
    struct sqz_margin_terms terms;
    struct sqz_population_params population;
    struct sqz_positions positions;
    struct sqz_account_table account_table;
    struct sqz_venue venue;
};

/* What the scenario says to it. */
struct sqz_position_set_terms {
    const char *symbol; /* may be NULL */
    double price_usd, scale;
    bool allow_crossed;
    struct sqz_remarks *remarks; /* NULL: they are not wanted */
};

/* Choose the venue model that the settings name, and reserve its parameters. Free the set
 * also after a failure. */
int sqz_position_set_choose(struct sqz_position_set *set, const struct sqz_registry *registry,
                            struct sqz_settings *settings, struct sqz_diag *diag);

/* Read or draw the positions and build the ladder of their triggers. */
int sqz_position_set_prepare(struct sqz_position_set *set,
                             const struct sqz_position_set_terms *terms,
                             struct sqz_settings *settings, struct sqz_ladder *ladder,
                             struct sqz_diag *diag);

/* Safe on a zeroed set. */
void sqz_position_set_free(struct sqz_position_set *set);

#endif
