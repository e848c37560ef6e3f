#include "sim/io/axis.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/units.h"

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

static int parse_end(const struct sqz_param *param, const char *value, const char *unit,
                     double *number, struct sqz_diag *diag)
{
    struct sqz_diag why = {0};
    int error = sqz_units_parse(value, unit, param->unit, param->dimension, number, &why);
    if (error != SQZ_OK)
        return sqz_fail_at(diag, error, ORIGIN, 0, param->key, "%s", why.message);
    if (!isfinite(*number))
        return sqz_fail_at(diag, SQZ_ERR_DATA, ORIGIN, 0, param->key,
                           "'%s' cannot end a range; expected a finite number", value);
    *number /= sqz_units_factor(param->dimension, param->unit);
    return SQZ_OK;
}

static int parse_ends(struct sqz_axis *axis, const struct parts *parts, struct sqz_diag *diag)
{
    char lo[PART_MAX], hi[PART_MAX], lo_unit[PART_MAX], hi_unit[PART_MAX];
    sqz_units_split(parts->lo, lo, lo_unit, sizeof lo);
    sqz_units_split(parts->hi, hi, hi_unit, sizeof hi);
    if (lo_unit[0] == '\0')
        strcpy(lo_unit, hi_unit);
    else if (hi_unit[0] == '\0')
        strcpy(hi_unit, lo_unit);
    int error = parse_end(axis->param, lo, lo_unit, &axis->lo, diag);
    if (error == SQZ_OK)
        error = parse_end(axis->param, hi, hi_unit, &axis->hi, diag);
    if (error == SQZ_OK && axis->lo >= axis->hi)
        error =
            sqz_fail_at(diag, SQZ_ERR_USAGE, ORIGIN, 0, axis->key,
                        "runs from %s to %s; expected the lower end first", parts->lo, parts->hi);
    return error;
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
    axis->logarithmic = strcmp(parts->spacing, "log") == 0;
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
    axis->unit = axis->param->unit;
    error = parse_ends(axis, &parts, diag);
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
        print_value(text, value / sqz_units_factor(axis->param->dimension, axis->unit));
}
