/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/margin_terms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/io/nearest.h"

int sqz_venue_find(const struct sqz_registry *registry, const char *name,
                   const struct sqz_venue_model **venue, struct sqz_diag *diag)
{
    struct sqz_nearest nearest = sqz_nearest_begin(name);
    for (size_t m = 0; registry->venues[m] != NULL; m++) {
        if (strcasecmp(registry->venues[m]->name, name) == 0) {
            *venue = registry->venues[m];
            return SQZ_OK;
        }
        sqz_nearest_offer(&nearest, registry->venues[m]->name);
    }
    return sqz_fail(diag, SQZ_ERR_USAGE, "unknown venue '%s'%s", name,
                    nearest.best != NULL ? sqz_nearest_hint(&nearest, "")
                                         : " (see squeeze models)");
}

static int read_tables(struct sqz_margin_terms *terms, const struct sqz_settings *settings,
                       struct sqz_diag *diag)
{
    const struct sqz_setting *setting = sqz_settings_find(settings, "venue.tiers");
    terms->file = sqz_setting_path(setting);
    if (terms->file == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a file name");
    struct sqz_tiers_terms how = {terms->venue->deducted, terms->params.contract_size,
                                  settings->memory};
    int error = sqz_tiers_read(&terms->tables, terms->file, &how, &terms->digest, diag);
    if (error == SQZ_ERR_DATA)
        sqz_setting_cite(setting, diag);
    return error;
}

/* The venue's own keys are read here for what they say of maintenance; the scenario keeps them. */
static int read_rules(struct sqz_margin_terms *terms, struct sqz_settings *settings,
                      struct sqz_diag *diag)
{
    const struct sqz_venue_model *venue = terms->venue;
    if (venue->params_size == 0)
        return SQZ_OK;
    void *params = calloc(1, venue->params_size);
    if (params == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a venue");
    struct sqz_param_group group = {venue->params, venue->n_params, params};
    int error = sqz_params_fill(&group, settings, diag);
    terms->on_entry = error == SQZ_OK && venue->on_entry != NULL && venue->on_entry(params);
    sqz_params_release(&group);
    free(params);
    return error;
}

int sqz_margin_terms_load(struct sqz_margin_terms *terms, const struct sqz_venue_model *venue,
                          struct sqz_settings *settings, struct sqz_diag *diag)
{
    memset(terms, 0, sizeof *terms);
    terms->venue = venue;
    terms->memory = settings->memory;
    struct sqz_param_group group = {sqz_venue_param_table, sqz_venue_param_count, &terms->params};
    int error = sqz_params_fill(&group, settings, diag);
    if (error == SQZ_OK)
        error = read_rules(terms, settings, diag);
    if (error == SQZ_OK && terms->params.tiers != NULL)
        error = read_tables(terms, settings, diag);
    return error;
}

struct sqz_position sqz_margin_terms_position(const struct sqz_margin_terms *terms, bool cross)
{
    const struct sqz_venue_model *venue = terms->venue;
    return (struct sqz_position){
        .fee = isnan(terms->params.fee) ? venue->counted_fee : terms->params.fee,
        .on_entry = terms->on_entry,
        .fee_at_bankruptcy = terms->on_entry || (venue->fee_at_bankruptcy && !cross),
        .rate = terms->params.maintenance,
    };
}

void sqz_margin_terms_free(struct sqz_margin_terms *terms)
{
    sqz_tiers_free(&terms->tables);
    free(terms->file);
    memset(terms, 0, sizeof *terms);
}
