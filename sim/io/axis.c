#include "sim/io/axis.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/io/settle.h"

enum { PART_MAX = 128 };

static const char ORIGIN[] = "--vary";

/* ---- parsing ------------------------------------------------------------------------------- */

/* "key=lo:hi:n[:log]" taken apart. */
struct parts {
    char key[PART_MAX], lo[PART_MAX], hi[PART_MAX], count[PART_MAX], spacing[PART_MAX];
};

static int split(struct parts *parts, const char *text, struct sqz_diag *diag)
{
    char copy[5 * PART_MAX], *rest = copy, *part;
    char *target[] = {parts->lo, parts->hi, parts->count, parts->spacing};
    size_t n = 0, key = strcspn(text, "=");
    bool fits =
        key > 0 && key < sizeof parts->key && text[key] == '=' && strlen(text) - key < sizeof copy;
    memset(parts, 0, sizeof *parts);
    if (fits) {
        memcpy(parts->key, text, key);
        strcpy(copy, text + key + 1);
        for (; (part = strsep(&rest, ":")) != NULL; n++) {
            fits = fits && n < 4 && strlen(part) < PART_MAX;
            if (fits)
                strcpy(target[n], part);
        }
    }
    if (fits && n >= 3)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_USAGE, ORIGIN, 0, NULL,
                       "'%s' is not key=lo:hi:n or key=lo:hi:n:log, as in --vary "
                       "book.depth=100M:1B:5:log",
                       text);
}

/* One end, in inside units. */
static int parse_end(const struct sqz_axis *axis, double start_usd, const char *value,
                     const char *unit, double *number, struct sqz_diag *diag)
{
    const struct sqz_param *param = axis->param;
    struct sqz_diag why = {0};
    bool relative = param->dimension == SQZ_DIM_PRICE && strcmp(unit, "%") == 0;
    int error = relative ? sqz_price_from_start(value, start_usd, number, &why)
                         : sqz_units_parse(value, unit, unit, param->dimension, number, &why);
    if (error != SQZ_OK)
        return sqz_fail_at(diag, error, ORIGIN, 0, param->key, "%s", why.message);
    if (!isfinite(*number))
        return sqz_fail_at(diag, SQZ_ERR_DATA, ORIGIN, 0, param->key,
                           "'%s' cannot end a range; expected a finite number", value);
    return SQZ_OK;
}

/* An end taken apart: its number, and its unit or "". */
struct end {
    char value[PART_MAX], unit[PART_MAX];
};

/* Give both ends a unit, and the axis that of the lower one. */
static int choose_units(struct sqz_axis *axis, struct end *lo, struct end *hi,
                        const struct sqz_scenario *base, struct sqz_diag *diag)
{
    const struct sqz_setting *setting = sqz_settings_find(&base->settings, axis->key);
    char row[SQZ_UNIT_SIZE];
    int error = sqz_setting_row_unit(setting, axis->param, row, diag);
    if (error != SQZ_OK)
        return error;
    if (lo->unit[0] == '\0')
        strcpy(lo->unit, hi->unit[0] != '\0' ? hi->unit : row);
    if (hi->unit[0] == '\0')
        strcpy(hi->unit, lo->unit);
    lo->unit[SQZ_UNIT_SIZE - 1] = hi->unit[SQZ_UNIT_SIZE - 1] = '\0';
    sqz_units_complete(axis->param->dimension, row, lo->unit);
    sqz_units_complete(axis->param->dimension, row, hi->unit);
    if (!sqz_units_name(axis->param->dimension, lo->unit, axis->unit))
        strcpy(axis->unit,
               axis->param->unit); /* of a relative price; what is wrong is found next */
    return SQZ_OK;
}

/* From inside units to those of the axis. */
static double of_axis(const struct sqz_axis *axis, double value)
{
    return value / sqz_units_factor(axis->param->dimension, axis->unit);
}

static int parse_ends(struct sqz_axis *axis, const struct parts *parts,
                      const struct sqz_scenario *base, struct sqz_diag *diag)
{
    struct end lo, hi;
    double start_usd = base->params.price_usd;
    sqz_units_split(parts->lo, axis->param->dimension, lo.value, lo.unit, PART_MAX);
    sqz_units_split(parts->hi, axis->param->dimension, hi.value, hi.unit, PART_MAX);
    int error = choose_units(axis, &lo, &hi, base, diag);
    if (error == SQZ_OK)
        error = parse_end(axis, start_usd, lo.value, lo.unit, &axis->lo, diag);
    if (error == SQZ_OK)
        error = parse_end(axis, start_usd, hi.value, hi.unit, &axis->hi, diag);
    if (error != SQZ_OK)
        return error;
    axis->lo = of_axis(axis, axis->lo);
    axis->hi = of_axis(axis, axis->hi);
    if (axis->lo < axis->hi)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_USAGE, ORIGIN, 0, axis->key,
                       "runs from %s to %s; expected the lower end first", parts->lo, parts->hi);
}

static int parse_steps(struct sqz_axis *axis, const struct parts *parts, struct sqz_diag *diag)
{
    char *end;
    errno = 0;
    unsigned long count = strtoul(parts->count, &end, 10);
    if (!isdigit((unsigned char)parts->count[0]) || *end != '\0' || errno != 0 || count < 2 ||
        count > SQZ_AXIS_POINTS_MAX)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, ORIGIN, 0, axis->key,
                           "'%s' is not a number of values from 2 to %d", parts->count,
                           SQZ_AXIS_POINTS_MAX);
    axis->count = count;
    axis->logarithmic = strcasecmp(parts->spacing, "log") == 0;
    if (!axis->logarithmic && parts->spacing[0] != '\0')
        return sqz_fail_at(diag, SQZ_ERR_USAGE, ORIGIN, 0, axis->key,
                           "'%s' is not a spacing; expected log or nothing", parts->spacing);
    if (axis->logarithmic && axis->lo <= 0)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, ORIGIN, 0, axis->key,
                           "runs from %s in equal ratios; expected a lower end above 0", parts->lo);
    return SQZ_OK;
}

int sqz_axis_parse(struct sqz_axis *axis, const char *text, const struct sqz_scenario *base,
                   const struct sqz_registry *registry, struct sqz_diag *diag)
{
    struct parts parts;
    memset(axis, 0, sizeof *axis);
    int error = split(&parts, text, diag);
    if (error == SQZ_OK)
        error = sqz_scenario_find_param(base, registry, parts.key, ORIGIN, &axis->param, diag);
    if (error != SQZ_OK)
        return error;
    if (axis->param->kind != SQZ_PARAM_NUMBER && axis->param->kind != SQZ_PARAM_LIST)
        return sqz_fail_at(diag, SQZ_ERR_DATA, ORIGIN, 0, parts.key,
                           "is not a number and cannot be varied");
    snprintf(axis->key, sizeof axis->key, "%s", axis->param->key);
    if (strcmp(parts.key, axis->key) != 0)
        snprintf(axis->former, sizeof axis->former, "%s", parts.key);
    error = parse_ends(axis, &parts, base, diag);
    return error == SQZ_OK ? parse_steps(axis, &parts, diag) : error;
}

/* ---- values -------------------------------------------------------------------------------- */

/* 15 digits: a decimal that was typed comes back as it was. */
static void print_value(char text[SQZ_AXIS_TEXT], double value)
{
    snprintf(text, SQZ_AXIS_TEXT, "%.15g", value);
}

void sqz_axis_value(const struct sqz_axis *axis, size_t index, char text[SQZ_AXIS_TEXT])
{
    double share = (double)index / (double)(axis->count - 1);
    if (index == 0 || index == axis->count - 1)
        print_value(text, index == 0 ? axis->lo : axis->hi);
    else if (axis->logarithmic)
        print_value(text, axis->lo * pow(axis->hi / axis->lo, share));
    else
        print_value(text, axis->lo + (axis->hi - axis->lo) * share);
}

void sqz_axis_between(const struct sqz_axis *axis, const char *lo, const char *hi,
                      char text[SQZ_AXIS_TEXT])
{
    double a = strtod(lo, NULL), b = strtod(hi, NULL);
    print_value(text, axis->logarithmic ? a * sqrt(b / a) : a + (b - a) / 2);
}

double sqz_axis_place(const struct sqz_axis *axis, const char *value)
{
    double v = strtod(value, NULL);
    return axis->logarithmic ? log(v / axis->lo) / log(axis->hi / axis->lo)
                             : (v - axis->lo) / (axis->hi - axis->lo);
}

void sqz_axis_value_of(const struct sqz_axis *axis, const struct sqz_scenario *scenario,
                       char text[SQZ_AXIS_TEXT])
{
    const struct sqz_setting *setting = sqz_settings_find(&scenario->settings, axis->key);
    double value;
    text[0] = '\0';
    if (setting != NULL && sqz_units_parse(setting->value, setting->unit, axis->unit,
                                           axis->param->dimension, &value, NULL) == SQZ_OK)
        print_value(text, of_axis(axis, value));
}
