#include "sim/io/odd.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/io/cells.h"
#include "sim/io/units.h"

static const char CODE[] = SQZ_ODD_CODE;

/* Half a percent typed as a number: what is smaller is a share of a short time, as 0.05 an hour. */
static const double LEAST_TYPED = 0.5;

/* Rates of a year from this on: an asset that doubles in a year drifts at 0.69. */
static const double YEARLY_RATE = 5;

/* Volatilities of a year beyond this are not seen: they are typed as percentages. */
static const double YEARLY_MOST = 2.0;

/* ---- sentences ----------------------------------------------------------------------------- */

/* " a day" for 1/d and 1/sqrt(d); "" for a unit without time. */
static const char *period_of(const char *unit)
{
    static const struct {
        const char *name, *words;
    } PERIODS[] = {{"s", " a second"}, {"min", " a minute"}, {"h", " an hour"},
                   {"d", " a day"},    {"w", " a week"},     {"yr", " a year"}};
    const char *slash = strchr(unit, '/');
    const char *at = slash != NULL ? slash + 1 : "";
    at += strncmp(at, "sqrt(", 5) == 0 ? 5 : 0;
    size_t length = strcspn(at, ")");
    for (size_t i = 0; i < sizeof PERIODS / sizeof PERIODS[0]; i++)
        if (strlen(PERIODS[i].name) == length && strncmp(PERIODS[i].name, at, length) == 0)
            return PERIODS[i].words;
    return "";
}

/* "3 1/sqrt(d) means 300 % a day; if 3 % is meant write 0.03" */
static void describe(double typed, const char *unit, char *text, size_t size)
{
    const char *shown = strcmp(unit, "1") == 0 ? "" : unit;
    int used = snprintf(text, size, "%.12g%s%s means %.12g %%%s; if %.12g %% is meant write %.12g",
                        typed, shown[0] != '\0' ? " " : "", shown, 100 * typed, period_of(unit),
                        typed, typed / 100);
    bool yearly = strcmp(unit, "1/sqrt(d)") == 0 && fabs(typed) <= YEARLY_MOST;
    if (yearly && used > 0 && (size_t)used < size)
        snprintf(text + used, size - (size_t)used, ", if %.12g %% a year write %.12g 1/sqrt(yr)",
                 100 * typed, typed);
}

/* "65% means 65 % a day; if 65 % a year is meant write 65%/sqrt(yr)" */
static void describe_percent(double typed, const char *unit, char *text, size_t size)
{
    bool daily = strcmp(unit, "%/sqrt(d)") == 0; /* the unit of a lone % */
    snprintf(text, size,
             "%.12g%s means %.12g %%%s; if %.12g %% a year is meant write %.12g%%/sqrt(yr)", typed,
             daily ? "%" : unit, typed, period_of(unit), typed, typed);
}

/* ---- numbers ------------------------------------------------------------------------------- */

static bool is_yearly(enum sqz_dimension dimension, double per_unit)
{
    return per_unit ==
           sqz_units_factor(dimension, dimension == SQZ_DIM_RATE ? "1/yr" : "%/sqrt(yr)");
}

/* A number with a percent sign means what it says, but for a volatility without its time. */
static bool is_odd_percent(const struct sqz_param *param, const struct sqz_written *written)
{
    return param->dimension == SQZ_DIM_VOLATILITY && written->inside >= param->odd_from &&
           !is_yearly(SQZ_DIM_VOLATILITY, sqz_units_factor(SQZ_DIM_VOLATILITY, written->unit));
}

static bool is_odd(const struct sqz_param *param, double inside, double per_unit)
{
    double typed = fabs(inside / per_unit);
    bool rate = param->dimension == SQZ_DIM_RATE,
         volatility = param->dimension == SQZ_DIM_VOLATILITY;
    if (rate && is_yearly(SQZ_DIM_RATE, per_unit) && typed >= YEARLY_RATE)
        return true;
    return fabs(inside) >= param->odd_from && ((!rate && !volatility) || typed >= LEAST_TYPED);
}

bool sqz_odd_describe(const struct sqz_param *param, const struct sqz_written *written, char *text,
                      size_t size)
{
    double per_unit = sqz_units_factor(param->dimension, written->unit);
    bool percent = strchr(written->unit, '%') != NULL;
    if (param->odd_from == 0 || per_unit == 0 || !isfinite(written->inside))
        return false;
    if (percent && is_odd_percent(param, written))
        describe_percent(written->inside / per_unit, written->unit, text, size);
    else if (!percent && is_odd(param, written->inside, per_unit))
        describe(written->inside / per_unit, written->unit, text, size);
    else
        return false;
    return true;
}

/* ---- settings ------------------------------------------------------------------------------ */

static int examine_number(const struct sqz_param *param, const struct sqz_setting *setting,
                          double inside, struct sqz_remarks *remarks)
{
    char text[SQZ_ODD_TEXT];
    struct sqz_written written = {inside, setting->unit};
    if (!sqz_odd_describe(param, &written, text, sizeof text))
        return SQZ_OK;
    return sqz_remarks_add(remarks, CODE, setting->file, setting->line, setting->key, "%s", text);
}

int sqz_odd_axis(const struct sqz_axis *axis, struct sqz_remarks *remarks, struct sqz_diag *diag)
{
    char text[SQZ_ODD_TEXT];
    double per_unit = sqz_units_factor(axis->param->dimension, axis->unit);
    struct sqz_written lo = {axis->lo * per_unit, axis->unit},
                       hi = {axis->hi * per_unit, axis->unit};
    if (!sqz_odd_describe(axis->param, &lo, text, sizeof text) &&
        !sqz_odd_describe(axis->param, &hi, text, sizeof text))
        return SQZ_OK;
    int error = sqz_remarks_add(remarks, CODE, "--vary", 0, axis->key, "%s", text);
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for remarks");
}

/* ---- tables -------------------------------------------------------------------------------- */

static int examine_table(const struct sqz_param *param, const struct sqz_table *table,
                         struct sqz_remarks *remarks)
{
    char text[SQZ_ODD_TEXT];
    int error = SQZ_OK;
    for (size_t c = 0; param->columns[c].name != NULL; c++) {
        double odd_from = param->columns[c].odd_from;
        for (size_t r = 0; odd_from > 0 && error == SQZ_OK && r < table->rows; r++) {
            double value = table->value[r * table->columns + c];
            if (fabs(value) < odd_from)
                continue;
            describe(value, "1", text, sizeof text);
            error = sqz_remarks_add(remarks, CODE, table->file, table->line[r],
                                    param->columns[c].name, "%s", text);
        }
    }
    return error;
}

int sqz_odd_find(const struct sqz_param_group *group, const struct sqz_settings *settings,
                 struct sqz_remarks *remarks, struct sqz_diag *diag)
{
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < group->count; i++) {
        const struct sqz_param *param = &group->table[i];
        const struct sqz_setting *setting = sqz_settings_find(settings, param->key);
        const void *place = (const char *)group->target + param->offset;
        if (setting == NULL || setting->file == NULL)
            continue;
        if (param->kind == SQZ_PARAM_TABLE)
            error = examine_table(param, place, remarks);
        else if (param->kind == SQZ_PARAM_NUMBER)
            error = examine_number(param, setting, *(const double *)place, remarks);
    }
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for remarks");
}

/* ---- margin -------------------------------------------------------------------------------- */

/* Maintenance of a first tier from this on is a percentage: no exchange lists a market that asks
 * for 10 % of its smallest positions, but at a leverage below 10, which the table then says. */
static const double FIRST_TIER = 0.1;

/* Of one position: its tier may be a high one. */
static const double POSITION_RATE = 0.5, POSITION_FEE = 0.02;

int sqz_odd_tiers(const struct sqz_tier_tables *tables, const char *file,
                  struct sqz_remarks *remarks, struct sqz_diag *diag)
{
    char text[SQZ_ODD_TEXT];
    int error = SQZ_OK;
    for (size_t t = 0; error == SQZ_OK && t < tables->count; t++) {
        const struct sqz_tier_table *table = &tables->table[t];
        const struct sqz_tier *first = table->tiers.tier;
        bool as_leverage = isfinite(first->max_leverage) && first->rate * first->max_leverage <= 1;
        if (table->typed_line == 0 || first->rate < FIRST_TIER || as_leverage)
            continue;
        describe(first->rate, "1", text, sizeof text);
        error = sqz_remarks_add(remarks, CODE, file, table->typed_line, "mmr", "%s", text);
    }
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for remarks");
}

static int examine_cell(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                        double odd_from, struct sqz_remarks *remarks)
{
    char text[SQZ_ODD_TEXT];
    double value;
    const char *cell = sqz_csv_field(row, column);
    if (cell[0] == '\0' || strchr(cell, '%') != NULL ||
        sqz_cell_number(row, column, &value, NULL) != SQZ_OK || value < odd_from)
        return SQZ_OK;
    describe(value, "1", text, sizeof text);
    return sqz_remarks_add(remarks, CODE, row->file, row->line, column->name, "%s", text);
}

int sqz_odd_position(const struct sqz_csv_row *row, const struct sqz_csv_column *rate,
                     const struct sqz_csv_column *fee, struct sqz_remarks *remarks,
                     struct sqz_diag *diag)
{
    int error = examine_cell(row, rate, POSITION_RATE, remarks);
    if (error == SQZ_OK)
        error = examine_cell(row, fee, POSITION_FEE, remarks);
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for remarks");
}
