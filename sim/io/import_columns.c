/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns of tables that other people named: by the names that are known, or as --columns says. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/cells.h"
#include "sim/io/import.h"
#include "sim/io/nearest.h"

/* What a table may say; readers ask for them by these names. */
static const char *const NAMES[] = {"side",
                                    "price",
                                    "notional",
                                    "leverage",
                                    "time",
                                    "quantity",
                                    "entry",
                                    "mode",
                                    "margin",
                                    "mark",
                                    "value",
                                    "equity",
                                    "liquidation",
                                    "account",
                                    "open",
                                    "high",
                                    "low",
                                    "close",
                                    "volume",
                                    "taker_buy",
                                    "open_interest",
                                    "coins",
                                    "amount",
                                    "funding",
                                    "floor",
                                    "cap",
                                    "mmr",
                                    "deduction",
                                    "tier",
                                    "symbol",
                                    "liquidated_short",
                                    "liquidated_long"};

int sqz_import_check_terms(const struct sqz_import_terms *terms, struct sqz_diag *diag)
{
    const struct sqz_import_format *format;
    const char *columns = terms->columns != NULL ? terms->columns : "";
    int error = strcmp(terms->format, "auto") == 0
                    ? SQZ_OK
                    : sqz_import_format_find(terms->format, &format, diag);
    while (error == SQZ_OK && *columns != '\0') {
        size_t item = strcspn(columns, ","), length = strcspn(columns, "=,");
        struct sqz_nearest nearest;
        char name[64];
        bool known = false;
        snprintf(name, sizeof name, "%.*s", (int)length, columns);
        nearest = sqz_nearest_begin(name);
        for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
            known = known || strcmp(NAMES[i], name) == 0;
            sqz_nearest_offer(&nearest, NAMES[i]);
        }
        if (!known || length + 1 >= item)
            error = sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--columns",
                                "'%.*s' names no column%s; expected price=NAME,notional=NAME,...",
                                (int)item, columns, known ? "" : sqz_nearest_hint(&nearest, ""));
        columns += item + (columns[item] == ',');
    }
    return error;
}

/* What --columns has for `name`, in `column`; false: nothing. */
static bool given(const char *columns, const char *name, char *column, size_t size)
{
    size_t length = strlen(name);
    while (columns != NULL && *columns != '\0') {
        size_t item = strcspn(columns, ",");
        if (item > length && strncmp(columns, name, length) == 0 && columns[length] == '=') {
            snprintf(column, size, "%.*s", (int)(item - length - 1), columns + length + 1);
            return true;
        }
        columns += item + (columns[item] == ',');
    }
    return false;
}

size_t sqz_import_column(const struct sqz_import *import, const struct sqz_payload *payload,
                         const char *name, const char *names)
{
    char column[128];
    if (payload->json != NULL)
        return SQZ_CSV_ABSENT;
    if (given(import->terms->columns, name, column, sizeof column))
        return sqz_payload_column(payload, column);
    size_t found = SQZ_CSV_ABSENT;
    while (found == SQZ_CSV_ABSENT && *names != '\0') {
        size_t length = strcspn(names, " ");
        snprintf(column, sizeof column, "%.*s", (int)length, names);
        found = sqz_payload_column(payload, column);
        names += length + strspn(names + length, " ");
    }
    return found;
}

const char *sqz_import_text(const struct sqz_payload *payload, size_t row, size_t column)
{
    const struct sqz_payload_row *cells = &payload->row[row];
    return column < cells->count ? payload->field[cells->first + column] : "";
}

/* Plain digits, as nearly all cells hold them: files of bars have millions. */
static bool is_plain(const char *text, double *value)
{
    char *end;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[strspn(text, "0123456789.")] != '\0')
        return false;
    *value = strtod(text, &end);
    return *end == '\0' && isfinite(*value);
}

int sqz_import_cell(const struct sqz_payload *payload, size_t row, size_t column, double *value,
                    struct sqz_diag *diag)
{
    if (is_plain(sqz_import_text(payload, row, column), value))
        return SQZ_OK;
    struct sqz_csv_row cells = sqz_payload_row(payload, row);
    struct sqz_csv_column named = {.name = sqz_import_text(payload, 0, column),
                                   .index = column,
                                   .dimension = SQZ_DIM_USD,
                                   .multiple = true};
    return sqz_cell_number(&cells, &named, value, diag);
}

int sqz_import_optional(const struct sqz_payload *payload, size_t row, size_t column, double *value,
                        struct sqz_diag *diag)
{
    *value = NAN;
    const char *text = sqz_import_text(payload, row, column);
    if (text[0] == '\0' || strcmp(text, "null") == 0 || strcmp(text, "None") == 0)
        return SQZ_OK;
    return sqz_import_cell(payload, row, column, value, diag);
}
