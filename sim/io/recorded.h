/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scenario on a recorded price: the same levels or positions, venue, book and execution, with the
 * bars of a record in place of everything that moves the exogenous price. */
#ifndef SQZ_IO_RECORDED_H
#define SQZ_IO_RECORDED_H

#include "sim/io/record.h"
#include "sim/io/scenario.h"

struct sqz_recorded_terms {
    const struct sqz_record *record;
    size_t bars;      /* of it, from the first on, that hang together */
    double depth_usd; /* in place of the book's own on both sides; NAN: its own */
    bool impact;      /* forced orders move the price on top of the record */
    bool allow_crossed;
};

/* Load what `base` says but for its price, horizon, volatility, drift, watched prices and drivers:
 * it starts at the record's first open and ends with its last bar. Errors are those of
 * sqz_scenario_load, as is what to free. */
int sqz_recorded_load(struct sqz_scenario *scenario, const struct sqz_scenario *base,
                      const struct sqz_recorded_terms *terms, const struct sqz_registry *registry,
                      struct sqz_diag *diag);

#endif
