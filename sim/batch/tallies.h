/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tallies of one batch: one for each world, and one for each pair of worlds compared. */
#ifndef SQZ_BATCH_TALLIES_H
#define SQZ_BATCH_TALLIES_H

#include "sim/core/pair.h"
#include "sim/core/tally.h"

/* Owns its arrays where made by the functions below. */
struct sqz_tallies {
    struct sqz_tally *tally; /* n_worlds, initialised */
    struct sqz_pair *pair;   /* n_pairings; NULL if there are none */
    size_t n_worlds, n_pairings;
};

/* Empty ones of the same kind. Free them also after a failure. */
int sqz_tallies_init_like(struct sqz_tallies *tallies, const struct sqz_tallies *other,
                          struct sqz_diag *diag);
/* Safe on zeroed ones. */
void sqz_tallies_free(struct sqz_tallies *tallies);

/* Returns SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_tallies_merge(struct sqz_tallies *tallies, const struct sqz_tallies *other);
/* Write them, or read some into empty ones of the same kind. */
void sqz_tallies_code(struct sqz_tallies *tallies, struct sqz_codec *codec);

#endif
