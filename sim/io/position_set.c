/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/position_set.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/odd.h"
#include "sim/io/settle.h"

int sqz_position_set_choose(struct sqz_position_set *reg, const struct sqz_registry *registry,
                            struct sqz_settings *settings, struct sqz_diag *diag)
{
    struct sqz_setting *setting = sqz_settings_find(settings, "venue");
    const char *name = setting != NULL ? setting->value : registry->venues[0]->name;
    struct sqz_diag why = {0};
    if (sqz_venue_find(registry, name, &reg->model, &why) != SQZ_OK)
        return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, setting->line, "venue", "%s",
                           why.message);
    if (setting != NULL && sqz_setting_spell(setting, reg->model->name, diag) != SQZ_OK)
        return SQZ_ERR_NOMEM;
    if (reg->model->params_size == 0)
        return SQZ_OK;
    reg->params = calloc(1, reg->model->params_size);
    return reg->params != NULL ? SQZ_OK : sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a venue");
}

/* What a drawn position is subject to. */
static int make_template(const struct sqz_position_set *reg, const char *symbol,
                         struct sqz_position *position, struct sqz_diag *diag)
{
    *position = sqz_margin_terms_position(&reg->terms, false);
    if (reg->terms.tables.count == 0)
        return SQZ_OK;
    struct sqz_diag why = {0};
    if (sqz_tiers_find(&reg->terms.tables, symbol != NULL ? symbol : "", &position->tiers, &why) ==
        SQZ_OK)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "symbol", "%s", why.message);
}

static int draw(struct sqz_position_set *reg, const struct sqz_position_set_terms *terms,
                struct sqz_diag *diag)
{
    struct sqz_position position;
    int error = make_template(reg, terms->symbol, &position, diag);
    if (error != SQZ_OK)
        return error;
    return sqz_population_draw(&reg->population, terms->price_usd, &position,
                               &reg->positions.holding, &reg->positions.count, diag);
}

static int read(struct sqz_position_set *reg, const struct sqz_setting *setting,
                struct sqz_diag *diag)
{
    reg->file = sqz_setting_path(setting);
    if (reg->file == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a file name");
    int error = sqz_positions_read(&reg->positions, reg->file, &reg->terms, &reg->digest, diag);
    if (error == SQZ_ERR_DATA)
        sqz_setting_cite(setting, diag);
    return error;
}

/* The line of the file that a position stands on; 0 if it was drawn. */
static long line_of(const struct sqz_position_set *reg, uint32_t row)
{
    return reg->positions.line != NULL ? (long)reg->positions.line[row - 1] : 0;
}

static int check_contracts(const struct sqz_position_set *reg, struct sqz_diag *diag)
{
    const struct sqz_account_table *accounts_table = &reg->accounts_table;
    for (size_t i = 1; i < accounts_table->count; i++)
        if (accounts_table->position[i].contract != accounts_table->position[0].contract)
            return sqz_fail_at(diag, SQZ_ERR_DATA, reg->file, line_of(reg, accounts_table->row[i]),
                               "contract",
                               "is of another kind than on line %ld; expected linear or inverse "
                               "positions alone, as each kind has a fund of its own",
                               line_of(reg, accounts_table->row[0]));
    return SQZ_OK;
}

/* One price moves all positions. */
static int check_symbols(const struct sqz_position_set *reg, struct sqz_diag *diag)
{
    const struct sqz_positions *positions = &reg->positions;
    size_t first = 0;
    while (first < positions->rows && positions->line[first] == 0)
        first++;
    for (size_t i = first + 1; i < positions->rows; i++)
        if (positions->line[i] != 0 && positions->symbol[i] != positions->symbol[first])
            return sqz_fail_at(diag, SQZ_ERR_DATA, reg->file, (long)positions->line[i], "symbol",
                               "'%s' stands beside '%s'; expected one market, as one price moves "
                               "all positions",
                               sqz_names_text(&positions->symbols, positions->symbol[i]),
                               sqz_names_text(&positions->symbols, positions->symbol[first]));
    return SQZ_OK;
}

/* An account that is to be liquidated at the start price already. */
static int check_crossed(const struct sqz_position_set *reg, const struct sqz_ladder *ladder,
                         double price_usd, struct sqz_diag *diag)
{
    for (int side = 0; side < 2; side++) {
        const struct sqz_ladder_side *levels = &ladder->side[side];
        if (levels->count == 0 || levels->distance_log[0] > 0)
            continue;
        uint32_t row = reg->accounts_table.row[reg->accounts_table.first[levels->account[0]]];
        bool equity = sqz_remarks_find(reg->terms.remarks, "margin-is-equity") != NULL;
        return sqz_fail_at(diag, SQZ_ERR_DATA, reg->file, line_of(reg, row), "entry_usd",
                           "the account is below its maintenance at the start price %.12g "
                           "(--allow-crossed liquidates such accounts at time zero%s)",
                           price_usd,
                           equity ? "; a margin_usd that is equity at a mark belongs in equity_usd"
                                  : "");
    }
    return SQZ_OK;
}

/* Where each account stands on the ladder. */
static int invert_ladder(struct sqz_position_set *reg, const struct sqz_ladder *ladder,
                         struct sqz_diag *diag)
{
    size_t accounts = reg->accounts_table.accounts;
    for (int side = 0; side < 2; side++) {
        uint32_t *level_of = reg->level_of[side] = malloc((accounts + 1) * sizeof *level_of);
        if (level_of == NULL)
            return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu accounts", accounts);
        for (size_t a = 0; a < accounts; a++)
            level_of[a] = SQZ_NO_LEVEL;
        for (size_t i = 0; i < ladder->side[side].count; i++)
            level_of[ladder->side[side].account[i]] = (uint32_t)i;
    }
    return SQZ_OK;
}

static void bind_venue(struct sqz_position_set *reg, const struct sqz_position_set_terms *terms)
{
    const struct sqz_account_table *accounts_table = &reg->accounts_table;
    bool inverse = accounts_table->contract == SQZ_INVERSE;
    reg->venue = (struct sqz_venue){
        .model = reg->model,
        .params = reg->params,
        .accounts_table = accounts_table,
        .level_of = {reg->level_of[SQZ_UP], reg->level_of[SQZ_DOWN]},
        .start_usd = terms->price_usd,
        .fund = reg->terms.params.fund_usd / terms->scale / (inverse ? terms->price_usd : 1.0),
        .scale = terms->scale,
    };
    for (size_t a = 0; a < accounts_table->accounts; a++) {
        size_t legs = accounts_table->first[a + 1] - accounts_table->first[a];
        if (legs > reg->venue.legs_max)
            reg->venue.legs_max = legs;
    }
}

int sqz_position_set_prepare(struct sqz_position_set *reg,
                             const struct sqz_position_set_terms *terms,
                             struct sqz_settings *settings, struct sqz_ladder *ladder,
                             struct sqz_diag *diag)
{
    const struct sqz_setting *setting = sqz_settings_find(settings, "positions");
    int error = sqz_margin_terms_load(&reg->terms, reg->model, settings, diag);
    if (terms->symbol != NULL && terms->symbol[0] != '\0')
        reg->terms.symbol = terms->symbol;
    reg->terms.price_usd = terms->price_usd;
    reg->terms.remarks = terms->remarks;
    if (error == SQZ_OK)
        error = sqz_odd_tiers(&reg->terms.tables, reg->terms.file, terms->remarks, diag);
    if (error == SQZ_OK && terms->scale <= 0.0)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "levels.scale",
                            "is 0; expected more with positions");
    if (error == SQZ_OK)
        error = setting != NULL ? read(reg, setting, diag) : draw(reg, terms, diag);
    if (error == SQZ_OK)
        error = sqz_account_table_build(&reg->accounts_table, reg->positions.holding,
                                        reg->positions.count, diag);
    if (error == SQZ_OK)
        error = check_contracts(reg, diag);
    if (error == SQZ_OK)
        error = check_symbols(reg, diag);
    if (error == SQZ_OK)
        sqz_account_table_merge(&reg->accounts_table, reg->model->one_way);
    if (error == SQZ_OK)
        error = sqz_account_table_ladder(&reg->accounts_table, terms->price_usd, terms->scale,
                                         ladder, diag);
    if (error == SQZ_OK)
        error = sqz_account_table_arrange(&reg->accounts_table, ladder, diag);
    if (error == SQZ_OK && !terms->allow_crossed)
        error = check_crossed(reg, ladder, terms->price_usd, diag);
    if (error == SQZ_OK)
        error = invert_ladder(reg, ladder, diag);
    if (error == SQZ_OK)
        bind_venue(reg, terms);
    return error;
}

void sqz_position_set_free(struct sqz_position_set *reg)
{
    free(reg->file);
    free(reg->params);
    free(reg->level_of[SQZ_UP]);
    free(reg->level_of[SQZ_DOWN]);
    sqz_account_table_free(&reg->accounts_table);
    sqz_positions_free(&reg->positions);
    sqz_margin_terms_free(&reg->terms);
    memset(reg, 0, sizeof *reg);
}
