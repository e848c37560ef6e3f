/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/loading.h"

#include <stdio.h>

#include "models/registry.h"
#include "sim/analysis/examine.h"
#include "sim/cli/layout.h"

void sqz_say_remarks(struct sqz_remarks *remarks, const struct sqz_options *options)
{
    char text[sizeof(struct sqz_diag)], harmless[4 * sizeof text];
    fflush(stdout); /* in order where both go to one place */
    for (; !options->quiet && remarks->said < remarks->count; remarks->said++) {
        sqz_remark_format(&remarks->item[remarks->said], text, sizeof text);
        fprintf(stderr, "squeeze: remark: %s\n",
                sqz_layout_harmless(harmless, sizeof harmless, text));
    }
}

int sqz_load(struct sqz_scenario *scenario, const char *path, const struct sqz_options *options,
             struct sqz_diag *diag)
{
    struct sqz_load_options how = {
        .set = options->set, .n_set = options->n_set, .allow_crossed = options->allow_crossed};
    int error = sqz_scenario_load(scenario, path, &how, &sqz_registry, diag);
    if (error != SQZ_OK)
        return error;
    error = sqz_examine(scenario, diag);
    if (error == SQZ_OK)
        sqz_say_remarks(&scenario->remarks, options);
    else
        sqz_scenario_free(scenario);
    return error;
}
