/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/registry.h"

#include "models/books/books.h"
#include "models/drivers/drivers.h"
#include "models/venues/venues.h"

static const struct sqz_book_model *const BOOKS[] = {
    &sqz_book_power,
    &sqz_book_table,
    NULL,
};

/* The order numbers the random streams: append, never insert. */
static const struct sqz_driver_model *const DRIVERS[] = {
    &sqz_driver_jumps,  &sqz_driver_calendar, &sqz_driver_regimes, &sqz_driver_flow,
    &sqz_driver_hunter, &sqz_driver_funding,  &sqz_driver_replay,  NULL,
};

static const struct sqz_venue_model *const VENUES[] = {
    &sqz_venue_full,
    &sqz_venue_binance,
    &sqz_venue_bybit,
    &sqz_venue_okx,
    &sqz_venue_hyperliquid,
    &sqz_venue_dydx,
    NULL,
};

const struct sqz_registry sqz_registry = {.books = BOOKS, .drivers = DRIVERS, .venues = VENUES};
