/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/margin_sheet.h"

#include <string.h>

#include "sim/io/families.h"
#include "sim/io/nearest.h"
#include "sim/io/odd.h"

/* A key of all venues or of the one that was chosen. */
static int check_key(const struct sqz_setting *setting, const struct sqz_venue_model *venue,
                     const struct sqz_registry *registry, struct sqz_diag *diag)
{
    struct sqz_nearest nearest = sqz_nearest_begin(setting->key);
    struct sqz_family family;
    const char *other = NULL; /* a venue that has the key */
    for (size_t i = 0; sqz_family_at(registry, i, &family); i++) {
        bool of_venue = family.kind == SQZ_FAMILY_VENUE;
        bool own = of_venue && registry->venues[family.place] == venue;
        bool known = sqz_family_find(&family, setting->key) != NULL;
        if (of_venue && !own && known && other == NULL)
            other = family.name;
        if (!own && family.kind != SQZ_FAMILY_EVERY_VENUE)
            continue;
        if (known)
            return SQZ_OK;
        for (size_t p = 0; p < family.n_params; p++)
            sqz_nearest_offer(&nearest, family.params[p].key);
    }
    if (other != NULL)
        return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, 0, setting->key,
                           "belongs to venue '%s', but the venue here is '%s' (--venue)", other,
                           venue->name);
    return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, 0, setting->key, "unknown key%s",
                       nearest.best != NULL ? sqz_nearest_hint(&nearest, "")
                                            : "; expected one of venue.* (see squeeze models)");
}

static int load_settings(struct sqz_margin_sheet *sheet,
                         const struct sqz_margin_sheet_options *options,
                         const struct sqz_registry *registry, struct sqz_diag *diag)
{
    int error = SQZ_OK;
    sheet->settings.memory = options->memory;
    sheet->settings.registry = registry;
    for (size_t i = 0; error == SQZ_OK && i < options->n_set; i++)
        error = sqz_settings_override(&sheet->settings, options->set[i], diag);
    for (size_t i = 0; error == SQZ_OK && i < sheet->settings.count; i++)
        error = check_key(&sheet->settings.item[i], sheet->venue, registry, diag);
    return error;
}

static int choose_venue(const struct sqz_margin_sheet_options *options,
                        const struct sqz_registry *registry, const struct sqz_venue_model **venue,
                        struct sqz_diag *diag)
{
    struct sqz_diag why = {0};
    *venue = registry->venues[0];
    if (*venue == NULL)
        return sqz_fail(diag, SQZ_ERR_DATA, "the program knows no venue");
    if (options->venue == NULL)
        return SQZ_OK;
    int error = sqz_venue_find(registry, options->venue, venue, &why);
    return error == SQZ_OK
               ? SQZ_OK
               : sqz_fail_at(diag, error, NULL, 0, options->venue_field, "%s", why.message);
}

int sqz_margin_sheet_load(struct sqz_margin_sheet *sheet, const char *path,
                          const struct sqz_margin_sheet_options *options,
                          const struct sqz_registry *registry, struct sqz_diag *diag)
{
    struct sqz_margin_terms *terms = &sheet->terms;
    struct sqz_param_group group = {sqz_venue_param_table, sqz_venue_param_count, &terms->params};
    int error = choose_venue(options, registry, &sheet->venue, diag);
    if (error == SQZ_OK)
        error = load_settings(sheet, options, registry, diag);
    if (error == SQZ_OK)
        error = sqz_settings_remark(&sheet->settings, &sheet->remarks, diag);
    if (error == SQZ_OK)
        error = sqz_margin_terms_load(terms, sheet->venue, &sheet->settings, diag);
    if (error == SQZ_OK)
        error = sqz_odd_find(&group, &sheet->settings, &sheet->remarks, diag);
    terms->remarks = &sheet->remarks;
    if (error == SQZ_OK)
        error = sqz_odd_tiers(&terms->tables, terms->file, &sheet->remarks, diag);
    if (error == SQZ_OK)
        error = sqz_positions_read(&sheet->positions, path, terms, NULL, diag);
    sheet->settings.memory = terms->memory = NULL;
    return error;
}

void sqz_margin_sheet_free(struct sqz_margin_sheet *sheet)
{
    sqz_positions_free(&sheet->positions);
    sqz_margin_terms_free(&sheet->terms);
    sqz_settings_free(&sheet->settings);
    sqz_remarks_free(&sheet->remarks);
}
