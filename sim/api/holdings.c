/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Margin prices of positions. */
#include <stdlib.h>

#include "models/registry.h"
#include "sim/analysis/accounts.h"
#include "sim/api/api.h"
#include "sim/io/margin_sheet.h"

struct sqz_holdings {
    struct sqz_margin_sheet sheet;
    struct sqz_margin_result result;
};

static int check(const sqz_holdings_input *input, sqz_failure *failure)
{
    if ((input->path != NULL) == (input->n_positions > 0))
        return sqz_api_refuse(failure, "positions",
                              input->path != NULL ? "stand beside a path; expected one of both"
                                                  : "are missing; expected some, or a path");
    for (size_t i = 0; i < input->n_settings; i++)
        if (input->settings[i] == NULL)
            return sqz_api_refuse(failure, "settings", "holds a NULL");
    return SQZ_OK;
}

/* In the C locale. */
static int load(struct sqz_holdings *holdings, const sqz_holdings_input *input,
                sqz_failure *failure)
{
    struct sqz_api_arrays arrays = {.position = input->positions,
                                    .n_positions = input->n_positions,
                                    .text = input->files,
                                    .n_texts = input->n_files};
    struct sqz_api_files files;
    struct sqz_diag diag = {0};
    struct sqz_margin_sheet_options options = {.venue = input->venue,
                                               .venue_field = "venue",
                                               .set = input->settings,
                                               .n_set = input->n_settings,
                                               .memory = &files.all};
    int error = sqz_api_gather(&files, &arrays, failure);
    if (error == SQZ_OK) {
        const char *path = input->path != NULL ? input->path : SQZ_API_POSITIONS;
        error = sqz_margin_sheet_load(&holdings->sheet, path, &options, &sqz_registry, &diag);
        if (error == SQZ_OK)
            error = sqz_accounts_compute(&holdings->result, &holdings->sheet.positions,
                                         holdings->sheet.venue->one_way, &diag);
        sqz_api_fail(failure, error, &diag);
    }
    sqz_api_free_files(&files);
    return error;
}

int sqz_holdings_load(const sqz_holdings_input *input, sqz_holdings **holdings,
                      sqz_failure *failure)
{
    struct sqz_api_locale locale;
    sqz_holdings_input own;
    *holdings = NULL;
    int error = sqz_api_take(&own, sizeof own, input, failure);
    if (error == SQZ_OK)
        error = check(&own, failure);
    if (error == SQZ_OK)
        error = sqz_api_enter(&locale, failure);
    if (error != SQZ_OK)
        return error;
    struct sqz_holdings *made = calloc(1, sizeof *made);
    error = made != NULL ? load(made, &own, failure) : sqz_api_no_memory(failure);
    if (error == SQZ_OK)
        *holdings = made;
    else
        sqz_holdings_free(made);
    sqz_api_leave(&locale);
    return error;
}

void sqz_holdings_free(sqz_holdings *holdings)
{
    if (holdings == NULL)
        return;
    sqz_margin_result_free(&holdings->result);
    sqz_margin_sheet_free(&holdings->sheet);
    free(holdings);
}

size_t sqz_holdings_rows(const sqz_holdings *holdings)
{
    return holdings->result.rows;
}

int sqz_holdings_price(const sqz_holdings *holdings, size_t index, sqz_margin_price *price)
{
    if (index >= holdings->result.rows)
        return SQZ_ERR_USAGE;
    const struct sqz_margin_row *row = &holdings->result.row[index];
    *price = (sqz_margin_price){
        .side = (int)row->side,
        .entry_usd = row->entry_usd,
        .liquidation_usd = row->liquidation_usd,
        .bankruptcy_usd = row->bankruptcy_usd,
        .maintenance_usd = row->maintenance_usd,
        .distance_percent = row->distance_percent,
        .mark_usd = row->mark_usd,
        .distance_from_mark_percent = row->distance_from_mark_percent,
        .tier = row->tier,
        .account = sqz_names_text(&holdings->sheet.positions.accounts, row->account),
    };
    return SQZ_OK;
}

static int print(FILE *out, const void *what, struct sqz_diag *diag)
{
    const struct sqz_holdings *holdings = what;
    return sqz_margin_result_json(out, &holdings->result, &holdings->sheet.positions.accounts,
                                  &holdings->sheet.remarks, diag);
}

int sqz_holdings_json(const sqz_holdings *holdings, char **text, sqz_failure *failure)
{
    struct sqz_api_locale locale;
    *text = NULL;
    int error = sqz_api_enter(&locale, failure);
    if (error != SQZ_OK)
        return error;
    error = sqz_api_print(print, holdings, text, failure);
    sqz_api_leave(&locale);
    return error;
}

size_t sqz_holdings_remarks(const sqz_holdings *holdings)
{
    return holdings->sheet.remarks.count;
}

int sqz_holdings_remark(const sqz_holdings *holdings, size_t index, sqz_remark_note *note)
{
    return sqz_api_remark(&holdings->sheet.remarks, index, note);
}
