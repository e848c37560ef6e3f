/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The arrays of positions that are read. */
#include <stdlib.h>
#include <string.h>

#include "sim/io/positions.h"

/* The array with room for more, or as it was and `enough` false. */
static void *resize(void *array, size_t capacity, size_t element, bool *enough)
{
    void *bigger = realloc(array, capacity * element);
    *enough &= bigger != NULL;
    return bigger != NULL ? bigger : array;
}

bool sqz_positions_reserve(struct sqz_positions *positions, size_t rows)
{
    struct sqz_positions *to = positions;
    bool enough = true;
    to->holding = resize(to->holding, rows, sizeof *to->holding, &enough);
    to->symbol = resize(to->symbol, rows, sizeof *to->symbol, &enough);
    to->line = resize(to->line, rows, sizeof *to->line, &enough);
    to->mark_usd = resize(to->mark_usd, rows, sizeof *to->mark_usd, &enough);
    return enough;
}

void sqz_positions_free(struct sqz_positions *positions)
{
    free(positions->holding);
    free(positions->line);
    free(positions->symbol);
    free(positions->mark_usd);
    sqz_names_free(&positions->accounts);
    sqz_names_free(&positions->symbols);
    memset(positions, 0, sizeof *positions);
}
