/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How one scenario differs from the base it shares its exogenous paths with. */
#ifndef SQZ_IO_DIFFERENCE_H
#define SQZ_IO_DIFFERENCE_H

#include "sim/core/pair.h"
#include "sim/io/json.h"
#include "sim/io/scenario.h"

/* What is compared. */
enum sqz_contrast {
    SQZ_CONTRAST_TARGET, /* probability of touching the target; of the floor */
    SQZ_CONTRAST_FLOOR,
    SQZ_CONTRAST_FORCED, /* mean forced notional, USD */
    SQZ_CONTRAST_FINAL,  /* mean log return over the horizon */
    SQZ_CONTRASTS
};
extern const char *const sqz_contrast_name[SQZ_CONTRASTS]; /* target_probability, ... */

struct sqz_difference {
    double watch_usd[SQZ_WATCHES], base_watch_usd[SQZ_WATCHES]; /* NAN: not watched */
    /* Scenario minus base, paired; all NAN where a price is not watched in both. */
    struct sqz_estimate value[SQZ_CONTRASTS];
    /* By what factor pairing shrinks the variance, against independent runs of equal size; INFINITY
     * where no pair differs, NAN where it cannot be said. */
    double variance_reduction[SQZ_CONTRASTS];
};

/* `pair` compares the scenario (x) with the base (y). */
void sqz_difference_make(struct sqz_difference *difference, const struct sqz_scenario *scenario,
                         const struct sqz_scenario *base, const struct sqz_pair *pair);

/* Add the members of one difference to `object`: each contrast, null where it does not apply, and
 * "variance_reduction" of each; and the watched prices of both where either watches one. */
void sqz_difference_add_json(json_t *object, const struct sqz_difference *difference);

#endif
