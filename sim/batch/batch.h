/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many paths: fixed blocks claimed by threads, tallied exactly.
 *
 * Results are the same bytes for a seed at any number of threads: a path depends on its number
 * alone, and tallies merge exactly. Blocks are handed on in path order. */
#ifndef SQZ_BATCH_BATCH_H
#define SQZ_BATCH_BATCH_H

#include <signal.h>

#include "sim/batch/store.h"
#include "sim/core/engine.h"

enum { SQZ_BATCH_BLOCK = 256 };

/* Called in path order, one thread at a time; `context` is the caller's. */
struct sqz_batch_hooks {
    void *context;
    /* Outcomes of `count` paths from `first` on: outcome[i * n_worlds + w]. May be NULL. A code
     * other than SQZ_OK ends the batch with that code. */
    int (*block)(void *context, uint64_t first, size_t count, const struct sqz_outcome *outcome,
                 struct sqz_diag *diag);
    /* `done` paths of all are complete. May be NULL. */
    void (*progress)(void *context, uint64_t done);
};

/* Two worlds to be compared path by path. */
struct sqz_pairing {
    size_t x, y;
};

struct sqz_batch_plan {
    struct sqz_engine_plan engine;
    const struct sqz_pairing *pairing;
    size_t n_pairings;
    uint64_t seed;
    uint64_t first, paths;             /* the number of the first path, and how many */
    int jobs;                          /* threads; at least 1 */
    const volatile sig_atomic_t *stop; /* set to non-zero to finish early; may be NULL */
    /* Where what is done is kept; NULL: nowhere. Paths that it has already are not run again: their
     * tallies are to be loaded before. */
    struct sqz_store *store;
    double store_s; /* a thread puts there what it has done once in so many seconds */
    struct sqz_batch_hooks hooks;
};

/* Run the paths into `tally`, one initialised tally per world with a fan of n_outputs, and `pair`,
 * one zeroed pair per pairing (NULL if there are none).
 * Returns SQZ_ERR_INTERRUPTED if stopped early: the tallies then hold a whole number of blocks from
 * the first path on that was to be run. A path that takes half a second more is left, and so is
 * what its block has after it; the message names it. */
int sqz_batch_run(const struct sqz_batch_plan *plan, struct sqz_tally *tally, struct sqz_pair *pair,
                  struct sqz_diag *diag);

#endif
