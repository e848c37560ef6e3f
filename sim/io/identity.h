/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which batch this is: everything that decides the numbers, as a text, so that what was stored of
 * one is never taken for another's. */
#ifndef SQZ_IO_IDENTITY_H
#define SQZ_IO_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "sim/io/scenario.h"

struct sqz_identity {
    const char *command; /* batch or compare */
    const struct sqz_scenario *scenario;
    size_t count;
    uint64_t seed, max_events;
    bool attributed;  /* each scenario has a world without impact, too */
    size_t n_outputs; /* of the fan */
};

/* The text, one line of JSON: equal texts are one batch, whatever part of its paths is run. Caller
 * frees; NULL: no memory. */
char *sqz_identity_text(const struct sqz_identity *identity);

/* The seed in a text; false where there is none. */
bool sqz_identity_seed(const char *text, uint64_t *seed);

/* SQZ_ERR_DATA, with what differs, where `theirs`, which was found at `path`, is another batch. */
int sqz_identity_check(const char *mine, const char *theirs, const char *path,
                       struct sqz_diag *diag);

/* What of a scenario decides the numbers: { settings: {key: [value, unit]}, sha256: [of each file]
 * }. A new reference; NULL: no memory. */
json_t *sqz_identity_scenario(const struct sqz_scenario *scenario);

#endif
