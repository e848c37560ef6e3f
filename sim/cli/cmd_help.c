/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/commands.h"
#include "sim/cli/manual.h"

int sqz_cmd_help(const struct sqz_options *options, struct sqz_diag *diag)
{
    const struct sqz_command *command = NULL;
    if (options->n_operands == 1) {
        command = sqz_command_find(options->operand[0]);
        if (command == NULL)
            return sqz_command_unknown(options->operand[0], diag);
    }
    if (options->man)
        sqz_manual_page(command);
    else if (options->completion)
        sqz_manual_completion();
    else
        sqz_manual_help(command);
    return SQZ_OK;
}
