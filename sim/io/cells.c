#include "sim/io/cells.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sim/io/units.h"

int sqz_cell_fail(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                  const char *expected, struct sqz_diag *diag)
{
    return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column->name, "'%s' %s",
                       sqz_csv_field(row, column), expected);
}

bool sqz_cell_is_empty(const struct sqz_csv_row *row, const struct sqz_csv_column *column)
{
    return sqz_csv_field(row, column)[0] == '\0';
}

/* ---- words --------------------------------------------------------------------------------- */

bool sqz_cell_is(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                 const char *word)
{
    return strcasecmp(sqz_csv_field(row, column), word) == 0;
}

/* "ask or bid", "coin, usd or contract" */
static void list_words(const char *const *words, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; words[i] != NULL; i++) {
        size_t used = strlen(text);
        const char *before = i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ";
        snprintf(text + used, size - used, "%s%s", before, words[i]);
    }
}

int sqz_cell_word(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                  const char *const *words, size_t *word, struct sqz_diag *diag)
{
    char known[128];
    for (*word = 0; words[*word] != NULL; ++*word)
        if (sqz_cell_is(row, column, words[*word]))
            return SQZ_OK;
    list_words(words, known, sizeof known);
    return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column->name,
                       "'%s' is unknown; expected %s", sqz_csv_field(row, column), known);
}

int sqz_cell_side(const struct sqz_csv_row *row, const struct sqz_csv_column *column, bool *is_long,
                  struct sqz_diag *diag)
{
    *is_long = sqz_cell_is(row, column, "long");
    if (*is_long || sqz_cell_is(row, column, "short"))
        return SQZ_OK;
    bool order = sqz_cell_is(row, column, "buy") || sqz_cell_is(row, column, "sell");
    return sqz_fail_at(
        diag, SQZ_ERR_DATA, row->file, row->line, column->name,
        "'%s' is not a side; expected short or long, the position that gets closed%s",
        sqz_csv_field(row, column),
        order ? " (a buy opens a long, and closes a short: it could mean either)" : "");
}

/* ---- numbers ------------------------------------------------------------------------------- */

int sqz_cell_check_comma(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                         const char *name, struct sqz_diag *diag)
{
    const char *text = sqz_csv_field(row, column);
    const char *comma = strchr(text, ',');
    size_t sign = text[0] == '-' || text[0] == '+';
    bool apart = row->delimiter != ',' && row->delimiter != '\0';
    if (!apart || comma == NULL || strlen(comma) != 4)
        return SQZ_OK;
    for (const char *digit = text + sign; *digit != '\0'; digit++)
        if (digit != comma && !isdigit((unsigned char)*digit))
            return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, name,
                       "'%s' may have a decimal comma or one between thousands; expected a point "
                       "or no comma",
                       text);
}

enum { MULTIPLE_SIZE = 32 };

/* "50x" as 50: leverage as people write it. */
static const char *without_times(const char *text, char bare[MULTIPLE_SIZE])
{
    size_t length = strlen(text);
    if (length == 0 || length > MULTIPLE_SIZE || tolower((unsigned char)text[length - 1]) != 'x')
        return text;
    do
        length--;
    while (length > 0 && text[length - 1] == ' ');
    if (length == 0 || !isdigit((unsigned char)text[length - 1]))
        return text;
    memcpy(bare, text, length);
    bare[length] = '\0';
    return bare;
}

int sqz_cell_number(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                    double *value, struct sqz_diag *diag)
{
    const char *text = sqz_csv_field(row, column);
    char bare[MULTIPLE_SIZE];
    bool plain = column->dimension == SQZ_DIM_NONE;
    bool money = column->dimension == SQZ_DIM_USD;
    struct sqz_diag why = {0};
    int error = sqz_cell_check_comma(row, column, column->name, diag);
    if (error != SQZ_OK)
        return error;
    const char *number = column->multiple ? without_times(text, bare) : text;
    error = plain ? sqz_units_parse(number, "1", "1", SQZ_DIM_NUMBER, value, &why)
                  : sqz_units_read(number, money ? "usd" : "1", column->dimension, value, &why);
    if (error == SQZ_OK && isfinite(*value))
        return SQZ_OK;
    if (error != SQZ_OK && strchr(text, ',') != NULL)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column->name, "%s",
                           why.message);
    return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column->name,
                       "'%s' is not a finite number; expected plain digits%s", text,
                       plain   ? ""
                       : money ? " or k, M, B, bn behind them"
                               : " or % behind them");
}

int sqz_cell_within(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                    const struct sqz_cell_limits *limits, double *value, struct sqz_diag *diag)
{
    int error = sqz_cell_number(row, column, value, diag);
    if (error != SQZ_OK)
        return error;
    if (*value < limits->lo || *value > limits->hi || (limits->above_lo && *value == limits->lo) ||
        (limits->below_hi && *value == limits->hi))
        return sqz_cell_fail(row, column, limits->wrong, diag);
    return SQZ_OK;
}

int sqz_cell_optional(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                      const struct sqz_cell_limits *limits, double absent, double *value,
                      struct sqz_diag *diag)
{
    *value = absent;
    if (sqz_cell_is_empty(row, column))
        return SQZ_OK;
    return limits != NULL ? sqz_cell_within(row, column, limits, value, diag)
                          : sqz_cell_number(row, column, value, diag);
}
