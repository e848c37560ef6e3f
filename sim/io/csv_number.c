/* Numbers in the cells of a CSV file. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "sim/io/csv.h"
#include "sim/io/units.h"

int sqz_csv_check_comma(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
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

int sqz_csv_number(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                   double *value, struct sqz_diag *diag)
{
    const char *text = sqz_csv_field(row, column);
    char bare[MULTIPLE_SIZE];
    bool plain = column->dimension == SQZ_DIM_NONE;
    bool money = column->dimension == SQZ_DIM_USD;
    struct sqz_diag why = {0};
    int error = sqz_csv_check_comma(row, column, column->name, diag);
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
