/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The book models. One line per model here, one in models/registry.c. */
#ifndef SQZ_MODELS_BOOKS_H
#define SQZ_MODELS_BOOKS_H

#include "sim/core/model.h"

extern const struct sqz_book_model sqz_book_power;
extern const struct sqz_book_model sqz_book_table;

#endif
