/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What earlier runs have done of a batch or a comparison: beside its result directory while it
 * runs, in DIR.resume, and inside the results that it goes on with or is put together from, in
 * their state.bin. */
#ifndef SQZ_CLI_STORED_H
#define SQZ_CLI_STORED_H

#include "sim/batch/store.h"
#include "sim/cli/options.h"

struct sqz_stored {
    struct sqz_store store;   /* of this run: DIR.resume */
    struct sqz_store *source; /* read only: state.bin of other results */
    size_t n_sources;
};

/* The name of DIR.resume; of a directory's name too long for that its beginning. */
enum { SQZ_STORED_NAME = 4096 };
int sqz_stored_name(char path[SQZ_STORED_NAME], const char *directory, struct sqz_diag *diag);

/* Open the state.bin of the result in `directory`, to read. */
int sqz_stored_open_state(struct sqz_store *store, const char *directory, struct sqz_diag *diag);

/* Open what there is of the batch of that identity, and refuse what is of another: the file beside
 * --output, and the results that --resume, --continue or merge name, with --outcomes their rows.
 * Close it also after a failure. */
int sqz_stored_open(struct sqz_stored *stored, const struct sqz_options *options,
                    const char *identity, struct sqz_diag *diag);

/* SQZ_ERR_DATA, with what is missing, where paths of 0 .. count - 1 are. */
int sqz_stored_check_whole(const struct sqz_stored *stored, uint64_t count, struct sqz_diag *diag);

/* Merge the tallies of all that is stored. */
int sqz_stored_load(const struct sqz_stored *stored, struct sqz_tallies *tallies,
                    struct sqz_diag *diag);

/* `kept`: a result is in place that holds everything, so DIR.resume goes. Safe on a zeroed one. */
void sqz_stored_close(struct sqz_stored *stored, bool kept);

#endif
