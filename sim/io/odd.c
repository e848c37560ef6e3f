#include "sim/io/odd.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/io/units.h"

static const char CODE[] = "percent-as-number";

/* Half a percent typed as a number: what is smaller is a share of a short time, as 0.05 an hour. */
static const double LEAST_TYPED = 0.5;

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

/* ---- settings ------------------------------------------------------------------------------ */

static bool says_percent(const struct sqz_setting *setting)
{
    return strchr(setting->value, '%') != NULL || strchr(setting->unit, '%') != NULL;
}

static bool is_odd(const struct sqz_param *param, double typed, double inside)
{
    bool timed = param->dimension == SQZ_DIM_RATE || param->dimension == SQZ_DIM_VOLATILITY;
    return fabs(inside) >= param->odd_from && (!timed || fabs(typed) >= LEAST_TYPED);
}

static int examine_number(const struct sqz_param *param, const struct sqz_setting *setting,
                          double inside, struct sqz_remarks *remarks)
{
    char text[256];
    double typed = inside / sqz_units_factor(param->dimension, setting->unit);
    if (!is_odd(param, typed, inside))
        return SQZ_OK;
    describe(typed, setting->unit, text, sizeof text);
    return sqz_remarks_add(remarks, CODE, setting->file, setting->line, setting->key, "%s", text);
}

/* ---- tables -------------------------------------------------------------------------------- */

static int examine_table(const struct sqz_param *param, const struct sqz_table *table,
                         struct sqz_remarks *remarks)
{
    char text[256];
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
        else if (param->odd_from > 0 && !says_percent(setting))
            error = examine_number(param, setting, *(const double *)place, remarks);
    }
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for remarks");
}
