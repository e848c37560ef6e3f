/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/commands.h"
#include "sim/cli/stored_options.h"

/* The command that made the shards, with nothing left to run. */
int sqz_cmd_merge(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct sqz_options whole = *options;
    struct sqz_words words = {0};
    int error = sqz_stored_merge(&whole, &words, diag);
    if (error == SQZ_OK)
        error = whole.command->run(&whole, diag);
    sqz_words_free(&words);
    return error;
}
