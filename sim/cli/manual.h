/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the program says of itself, all from the tables of commands, options and parameters. */
#ifndef SQZ_CLI_MANUAL_H
#define SQZ_CLI_MANUAL_H

#include "sim/cli/options.h"

/* What a command does, its options and an example; NULL: the whole program. */
void sqz_manual_help(const struct sqz_command *command);

/* Its manual page, squeeze-COMMAND(1), in roff; NULL: that of the whole program, with all keys. */
void sqz_manual_page(const struct sqz_command *command);

/* Completions of commands and options, for bash. */
void sqz_manual_completion(void);

#endif
