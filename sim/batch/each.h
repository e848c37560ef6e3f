/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Independent items, claimed by threads one after another.
 *
 * What is made of an item must depend on its index alone and go to a place of its own: then the
 * result is the same bytes at any number of threads. */
#ifndef SQZ_BATCH_EACH_H
#define SQZ_BATCH_EACH_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"

struct sqz_each {
    size_t count;
    int jobs;                          /* threads; at least 1 */
    const volatile sig_atomic_t *stop; /* set to non-zero to finish early; may be NULL */
    void *context;
    /* Do item `index`. A code other than SQZ_OK ends the whole with that code. */
    int (*item)(void *context, size_t index, struct sqz_diag *diag);
    /* `done` items are complete; one thread at a time, with a context of its own. May be NULL. */
    void (*progress)(void *progress_context, uint64_t done);
    void *progress_context;
};

/* SQZ_OK, the first error that an item had, or SQZ_ERR_INTERRUPTED if stopped before all were done.
 */
int sqz_each_run(const struct sqz_each *each, struct sqz_diag *diag);

#endif
