/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A book, a driver and a venue that no market has: each one file beside this and one line in
 * registry.c, which is all that a new model takes (models/README.md). Tests of the contracts of
 * models run over these too. */
#ifndef SQZ_TESTS_TOYS_TOYS_H
#define SQZ_TESTS_TOYS_TOYS_H

#include "sim/core/model.h"

extern const struct sqz_book_model toy_book_swell;
extern const struct sqz_driver_model toy_driver_metronome;
extern const struct sqz_venue_model toy_venue_parts;

/* All models of the program, and then the toys. */
extern const struct sqz_registry toy_registry;

#endif
