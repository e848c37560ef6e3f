/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/position_set.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/odd.h"
#include "sim/io/settle.h"

int sqz_position_set_choose(struct sqz_position_set *set, const struct sqz_registry *registry,
                            struct sqz_settings *settings, struct sqz_diag *diag)
{
    struct sqz_setting *setting = sqz_settings_find(settings, "venue");
    const struct sqz_venue_model *first = registry->venues[0];
    struct sqz_diag why = {0};
    if (first == NULL)
        return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "venue", "the program knows no venue");
    if (sqz_venue_find(registry, setting != NULL ? setting->value : first->name, &set->model,
                       &why) != SQZ_OK)
        return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, setting->line, "venue", "%s",
                           why.message);
    if (setting != NULL && sqz_setting_spell(setting, set->model->name, diag) != SQZ_OK)
        return SQZ_ERR_NOMEM;
    if (set->model->params_size == 0)
        return SQZ_OK;
    set->params = calloc(1, set->model->params_size);
    return set->params != NULL ? SQZ_OK : sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a venue");
}

/* What a drawn position is subject to. */
static int make_template(const struct sqz_position_set *set, const char *symbol,
                         struct sqz_position *position, struct sqz_diag *diag)
{
    *position = sqz_margin_terms_position(&set->terms, false);
    if (set->terms.tables.count == 0)
        return SQZ_OK;
    struct sqz_diag why = {0};
    if (sqz_tiers_find(&set->terms.tables, symbol != NULL ? symbol : "", &position->tiers, &why) ==
        SQZ_OK)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "symbol", "%s", why.message);
}

static int draw(struct sqz_position_set *set, const struct sqz_position_set_terms *terms,
                struct sqz_diag *diag)
{
    struct sqz_position position;
    int error = make_template(set, terms->symbol, &position, diag);
    if (error != SQZ_OK)
        return error;
    return sqz_population_draw(&set->population, terms->price_usd, &position,
                               &set->positions.holding, &set->positions.count, diag);
}

static int read(struct sqz_position_set *set, const struct sqz_setting *setting,
                struct sqz_diag *diag)
{
    set->file = sqz_setting_path(setting);
    if (set->file == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a file name");
    int error = sqz_positions_read(&set->positions, set->file, &set->terms, &set->digest, diag);
    if (error == SQZ_ERR_DATA)
        sqz_setting_cite(setting, diag);
    return error;
}

/* The line of the file that a position stands on; 0 if it was drawn. */
static long line_of(const struct sqz_position_set *set, uint32_t row)
{
    return set->positions.line != NULL ? (long)set->positions.line[row - 1] : 0;
}

static int check_contracts(const struct sqz_position_set *set, struct sqz_diag *diag)
{
    const struct sqz_account_table *account_table = &set->account_table;
    for (size_t i = 1; i < account_table->count; i++)
        if (account_table->position[i].contract != account_table->position[0].contract)
            return sqz_fail_at(diag, SQZ_ERR_DATA, set->file, line_of(set, account_table->row[i]),
                               "contract",
                               "is of another kind than on line %ld; expected linear or inverse "
                               "positions alone, as each kind has a fund of its own",
                               line_of(set, account_table->row[0]));
    return SQZ_OK;
}

/* One price moves all positions. */
static int check_symbols(const struct sqz_position_set *set, struct sqz_diag *diag)
{
    const struct sqz_positions *positions = &set->positions;
    size_t first = 0;
    while (first < positions->rows && positions->line[first] == 0)
        first++;
    for (size_t i = first + 1; i < positions->rows; i++)
        if (positions->line[i] != 0 && positions->symbol[i] != positions->symbol[first])
            return sqz_fail_at(diag, SQZ_ERR_DATA, set->file, (long)positions->line[i], "symbol",
                               "'%s' stands beside '%s'; expected one market, as one price moves "
                               "all positions",
                               sqz_names_text(&positions->symbols, positions->symbol[i]),
                               sqz_names_text(&positions->symbols, positions->symbol[first]));
    return SQZ_OK;
}

/* An account that is to be liquidated at the start price already. */
static int check_crossed(const struct sqz_position_set *set, const struct sqz_ladder *ladder,
                         double price_usd, struct sqz_diag *diag)
{
    for (int side = 0; side < 2; side++) {
        const struct sqz_ladder_side *levels = &ladder->side[side];
        if (levels->count == 0 || levels->distance_log[0] > 0)
            continue;
        uint32_t row = set->account_table.row[set->account_table.first[levels->account[0]]];
        bool equity = sqz_remarks_find(set->terms.remarks, "margin-is-equity") != NULL;
        return sqz_fail_at(diag, SQZ_ERR_DATA, set->file, line_of(set, row), "entry_usd",
                           "the account is below its maintenance at the start price %.12g "
                           "(--allow-crossed liquidates such accounts at time zero%s)",
                           price_usd,
                           equity ? "; a margin_usd that is equity at a mark belongs in equity_usd"
                                  : "");
    }
    return SQZ_OK;
}

static int make_venue(struct sqz_position_set *set, const struct sqz_position_set_terms *terms,
                      const struct sqz_ladder *ladder, struct sqz_diag *diag)
{
    const struct sqz_venue_terms venue = {
        .model = set->model,
        .params = set->params,
        .account_table = &set->account_table,
        .ladder = ladder,
        .start_usd = terms->price_usd,
        .fund_usd = set->terms.params.fund_usd,
        .scale = terms->scale,
    };
    return sqz_venue_init(&set->venue, &venue, diag);
}

int sqz_position_set_prepare(struct sqz_position_set *set,
                             const struct sqz_position_set_terms *terms,
                             struct sqz_settings *settings, struct sqz_ladder *ladder,
                             struct sqz_diag *diag)
{
    const struct sqz_setting *setting = sqz_settings_find(settings, "positions");
    int error = sqz_margin_terms_load(&set->terms, set->model, settings, diag);
    if (terms->symbol != NULL && terms->symbol[0] != '\0')
        set->terms.symbol = terms->symbol;
    set->terms.price_usd = terms->price_usd;
    set->terms.remarks = terms->remarks;
    if (error == SQZ_OK)
        error = sqz_odd_tiers(&set->terms.tables, set->terms.file, terms->remarks, diag);
    if (error == SQZ_OK && terms->scale <= 0.0)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "levels.scale",
                            "is 0; expected more with positions");
    if (error == SQZ_OK)
        error = setting != NULL ? read(set, setting, diag) : draw(set, terms, diag);
    if (error == SQZ_OK)
        error = sqz_account_table_build(&set->account_table, set->positions.holding,
                                        set->positions.count, diag);
    if (error == SQZ_OK)
        error = check_contracts(set, diag);
    if (error == SQZ_OK)
        error = check_symbols(set, diag);
    if (error == SQZ_OK)
        sqz_account_table_merge(&set->account_table, set->model->one_way);
    if (error == SQZ_OK)
        error = sqz_account_table_ladder(&set->account_table, terms->price_usd, terms->scale,
                                         ladder, diag);
    if (error == SQZ_OK)
        error = sqz_account_table_arrange(&set->account_table, ladder, diag);
    if (error == SQZ_OK && !terms->allow_crossed)
        error = check_crossed(set, ladder, terms->price_usd, diag);
    if (error == SQZ_OK)
        error = make_venue(set, terms, ladder, diag);
    return error;
}

void sqz_position_set_free(struct sqz_position_set *set)
{
    free(set->file);
    free(set->params);
    sqz_venue_free(&set->venue);
    sqz_account_table_free(&set->account_table);
    sqz_positions_free(&set->positions);
    sqz_margin_terms_free(&set->terms);
    memset(set, 0, sizeof *set);
}
