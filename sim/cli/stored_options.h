/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of a run that goes on with an earlier one, or puts several together: what is not
 * given now is as it was then. */
#ifndef SQZ_CLI_STORED_OPTIONS_H
#define SQZ_CLI_STORED_OPTIONS_H

#include "sim/cli/options.h"
#include "sim/io/stored_command.h"

/* The words that completed options point into. Zero-initialise. */
struct sqz_words {
    struct sqz_stored_command stored;
    int argc;
    char **argv; /* the array alone is owned */
};

/* Complete the options of --resume DIR or --continue DIR, before anything is loaded: where the
 * result is, the seed, and how many paths. Without operands the earlier command line is parsed
 * again with the options given now behind it. Without those two options nothing is changed. */
int sqz_stored_options(struct sqz_options *options, struct sqz_words *words, struct sqz_diag *diag);

/* Make the options of merge, whose operands are results of shards, those of the command that made
 * the first one. */
int sqz_stored_merge(struct sqz_options *options, struct sqz_words *words, struct sqz_diag *diag);

/* Safe on zeroed ones. */
void sqz_words_free(struct sqz_words *words);

#endif
