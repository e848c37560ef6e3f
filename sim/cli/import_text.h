/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an import says to people. */
#ifndef SQZ_CLI_IMPORT_TEXT_H
#define SQZ_CLI_IMPORT_TEXT_H

#include <stdio.h>

#include "sim/cli/import_market.h"

void sqz_import_text_print(FILE *out, const struct sqz_import_result *result,
                           const struct sqz_import_market *market, bool automatic);

#endif
