#include "sim/io/settle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- texts --------------------------------------------------------------------------------- */

static int replace(char **text, const char *with, struct sqz_diag *diag)
{
    if (*text != NULL && strcmp(*text, with) == 0)
        return SQZ_OK;
    char *copy = strdup(with);
    if (copy == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a scenario");
    free(*text);
    *text = copy;
    return SQZ_OK;
}

int sqz_setting_spell(struct sqz_setting *setting, const char *word, struct sqz_diag *diag)
{
    return replace(&setting->value, word, diag);
}

static int fail_at(const struct sqz_setting *setting, struct sqz_diag *diag, const char *message)
{
    return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, setting->line, setting->key, "%s",
                       message);
}

static bool is_from_command_line(const struct sqz_setting *setting)
{
    return setting->file != NULL && setting->line == 0;
}

/* ---- units --------------------------------------------------------------------------------- */

/* Two names of one unit. */
static bool same_unit(enum sqz_dimension dimension, const char *a, const char *b)
{
    char name_a[SQZ_UNIT_SIZE], name_b[SQZ_UNIT_SIZE];
    return sqz_units_name(dimension, a, name_a) && sqz_units_name(dimension, b, name_b) &&
           strcmp(name_a, name_b) == 0;
}

static bool is_percent(const char *unit)
{
    return strcmp(unit, "%") == 0;
}

/* A price relative to the start. */
static bool is_relative(const struct sqz_param *param, const char *unit)
{
    return param->dimension == SQZ_DIM_PRICE && is_percent(unit);
}

/* The unit of a row whose value and unit column are these; "" if it has none. */
static void unit_of_row(const struct sqz_param *param, const char *value, const char *column,
                        char unit[SQZ_UNIT_SIZE])
{
    char number[SQZ_SETTING_MAX], behind[SQZ_SETTING_MAX];
    sqz_units_split(value, param->dimension, number, behind, sizeof number);
    snprintf(unit, SQZ_UNIT_SIZE, "%.*s", SQZ_UNIT_SIZE - 1, behind[0] != '\0' ? behind : column);
    sqz_units_complete(param->dimension, column[0] != '\0' ? column : param->unit, unit);
    if (is_relative(param, unit)) /* a number without a % is no share of the start */
        unit[0] = '\0';
}

/* A unit that was not typed should not be found wrong as if it had been. */
int sqz_setting_row_unit(const struct sqz_setting *setting, const struct sqz_param *param,
                         char unit[SQZ_UNIT_SIZE], struct sqz_diag *diag)
{
    bool typed = setting != NULL && is_from_command_line(setting);
    snprintf(unit, SQZ_UNIT_SIZE, "%s", param->unit);
    if (setting == NULL || setting->file == NULL || (typed && setting->row_unit == NULL))
        return SQZ_OK;
    char own[SQZ_UNIT_SIZE];
    unit_of_row(param, typed ? setting->row_value : setting->value,
                typed ? setting->row_unit : setting->unit, own);
    if (own[0] == '\0' || sqz_units_name(param->dimension, own, unit))
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, setting->line, setting->key,
                       "has no unit, and that of the scenario's row, '%s', does not fit; expected "
                       "a number with a unit",
                       own);
}

/* A unit behind the number and one in the column are one too many, unless they are the same or the
 * column completes a %. */
static int check_column(const struct sqz_setting *setting, const struct sqz_param *param,
                        const char *behind, struct sqz_diag *diag)
{
    const char *column = setting->unit;
    bool completed = is_percent(behind) && (column[0] == '1' || param->dimension == SQZ_DIM_PRICE);
    if (column[0] == '\0' || completed || same_unit(param->dimension, behind, column))
        return SQZ_OK;
    if (sqz_units_factor(param->dimension, behind) > 0)
        return sqz_fail_at(
            diag, SQZ_ERR_DATA, setting->file, setting->line, setting->key,
            "'%s' has a unit; the unit belongs in the unit column, which says '%s', or "
            "behind the number, not in both",
            setting->value, column);
    double value;
    struct sqz_diag why = {0};
    sqz_units_parse(setting->value, column, column, param->dimension, &value, &why);
    return fail_at(setting, diag, why.message);
}

/* The unit in force, as it was written: `behind` the number, or else of the column or the row. */
static int choose_unit(const struct sqz_setting *setting, const struct sqz_param *param,
                       const char *behind, char unit[SQZ_UNIT_SIZE], struct sqz_diag *diag)
{
    char base[SQZ_UNIT_SIZE];
    if (strlen(behind) >= SQZ_UNIT_SIZE || strlen(setting->unit) >= SQZ_UNIT_SIZE)
        return fail_at(setting, diag, "has a unit that is too long");
    strcpy(unit, behind);
    strcpy(base, setting->unit);
    if (behind[0] != '\0' && !is_percent(behind))
        return check_column(setting, param, behind, diag);
    int error = SQZ_OK;
    if (behind[0] != '\0')
        error = check_column(setting, param, behind, diag);
    if (error == SQZ_OK && base[0] == '\0' && is_from_command_line(setting))
        error = sqz_setting_row_unit(setting, param, base, diag);
    else if (base[0] == '\0')
        snprintf(base, sizeof base, "%s", param->unit);
    if (error == SQZ_OK && behind[0] == '\0')
        strcpy(unit, base);
    if (error == SQZ_OK)
        sqz_units_complete(param->dimension, base, unit);
    return error;
}

/* ---- prices relative to the start ---------------------------------------------------------- */

int sqz_price_from_start(const char *number, double start_usd, double *usd, struct sqz_diag *diag)
{
    double share;
    int error = sqz_units_parse(number, "%", "%", SQZ_DIM_NUMBER, &share, diag);
    if (error != SQZ_OK)
        return error;
    const char *sign = number + strspn(number, " ");
    if (*sign != '+' && *sign != '-')
        return sqz_fail(diag, SQZ_ERR_DATA,
                        "'%s %%' has no sign; expected +%s%% or -%s%% of the start price, or usd",
                        sign, sign, sign);
    *usd = start_usd * (1.0 + share);
    return SQZ_OK;
}

/* 12 digits: a price that was typed, and a round share of it, come out as one would write them. */
static int settle_relative(struct sqz_setting *setting, const char *number,
                           const struct sqz_settings *settings, struct sqz_diag *diag)
{
    const struct sqz_setting *price = sqz_settings_find(settings, "price");
    struct sqz_diag why = {0};
    double start_usd, usd;
    char text[32];
    if (price == NULL ||
        sqz_units_parse(price->value, price->unit, "usd", SQZ_DIM_USD, &start_usd, NULL) != SQZ_OK)
        return fail_at(setting, diag, "is relative to a start price that is not given");
    if (sqz_price_from_start(number, start_usd, &usd, &why) != SQZ_OK)
        return fail_at(setting, diag, why.message);
    snprintf(text, sizeof text, "%.12g", usd);
    int error = replace(&setting->value, text, diag);
    return error == SQZ_OK ? replace(&setting->unit, "usd", diag) : error;
}

/* ---- all together -------------------------------------------------------------------------- */

int sqz_setting_settle(struct sqz_setting *setting, const struct sqz_param *param,
                       const struct sqz_settings *settings, struct sqz_diag *diag)
{
    char number[SQZ_SETTING_MAX], behind[SQZ_SETTING_MAX], unit[SQZ_UNIT_SIZE];
    if ((param->kind != SQZ_PARAM_NUMBER && param->kind != SQZ_PARAM_LIST) ||
        setting->value[0] == '\0')
        return SQZ_OK;
    sqz_units_split(setting->value, param->dimension, number, behind, sizeof number);
    int error = choose_unit(setting, param, behind, unit, diag);
    if (error != SQZ_OK)
        return error;
    if (is_relative(param, unit))
        return settle_relative(setting, number, settings, diag);
    sqz_units_name(param->dimension, unit, unit);
    error = replace(&setting->value, number, diag);
    return error == SQZ_OK ? replace(&setting->unit, unit, diag) : error;
}
