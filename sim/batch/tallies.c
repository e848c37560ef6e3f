/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/batch/tallies.h"

#include <stdlib.h>
#include <string.h>

int sqz_tallies_init_like(struct sqz_tallies *tallies, const struct sqz_tallies *other,
                          struct sqz_diag *diag)
{
    *tallies = (struct sqz_tallies){.n_worlds = other->n_worlds, .n_pairings = other->n_pairings};
    tallies->tally = calloc(other->n_worlds + 1, sizeof *tallies->tally);
    tallies->pair = calloc(other->n_pairings + 1, sizeof *tallies->pair);
    if (tallies->tally == NULL || tallies->pair == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the tallies");
    int error = SQZ_OK;
    for (size_t w = 0; error == SQZ_OK && w < other->n_worlds; w++)
        error = sqz_tally_init_like(&tallies->tally[w], &other->tally[w], diag);
    return error;
}

void sqz_tallies_free(struct sqz_tallies *tallies)
{
    for (size_t w = 0; tallies->tally != NULL && w < tallies->n_worlds; w++)
        sqz_tally_free(&tallies->tally[w]);
    free(tallies->tally);
    free(tallies->pair);
    memset(tallies, 0, sizeof *tallies);
}

int sqz_tallies_merge(struct sqz_tallies *tallies, const struct sqz_tallies *other)
{
    int error = SQZ_OK;
    for (size_t w = 0; error == SQZ_OK && w < tallies->n_worlds; w++)
        error = sqz_tally_merge(&tallies->tally[w], &other->tally[w]);
    for (size_t p = 0; error == SQZ_OK && p < tallies->n_pairings; p++)
        sqz_pair_merge(&tallies->pair[p], &other->pair[p]);
    return error;
}

void sqz_tallies_code(struct sqz_tallies *tallies, struct sqz_codec *codec)
{
    sqz_codec_expect(codec, tallies->n_worlds);
    sqz_codec_expect(codec, tallies->n_pairings);
    for (size_t w = 0; w < tallies->n_worlds; w++)
        sqz_tally_code(&tallies->tally[w], codec);
    for (size_t p = 0; p < tallies->n_pairings; p++)
        sqz_pair_code(&tallies->pair[p], codec);
}
