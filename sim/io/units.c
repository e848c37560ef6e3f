#include "sim/io/units.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A unit is `per` inside units, or one over `per`, or one over its root, as its dimension says:
 * whole numbers, so that 70 % and 0.7 are the same double. */
struct unit {
    enum sqz_dimension dimension;
    const char *name;
    double per;
};

static const struct unit UNITS[] = {
    {SQZ_DIM_NUMBER, "1", 1},
    {SQZ_DIM_NUMBER, "%", 100},
    {SQZ_DIM_USD, "usd", 1},
    {SQZ_DIM_TIME, "s", 1},
    {SQZ_DIM_TIME, "min", 60},
    {SQZ_DIM_TIME, "h", 3600},
    {SQZ_DIM_TIME, "d", 86400},
    {SQZ_DIM_RATE, "1/s", 1},
    {SQZ_DIM_RATE, "1/min", 60},
    {SQZ_DIM_RATE, "1/h", 3600},
    {SQZ_DIM_RATE, "1/d", 86400},
    {SQZ_DIM_RATE, "1/yr", 31536000},
    {SQZ_DIM_VOLATILITY, "1/sqrt(s)", 1},
    {SQZ_DIM_VOLATILITY, "1/sqrt(min)", 60},
    {SQZ_DIM_VOLATILITY, "1/sqrt(h)", 3600},
    {SQZ_DIM_VOLATILITY, "1/sqrt(d)", 86400},
    {SQZ_DIM_VOLATILITY, "1/sqrt(yr)", 31536000},
    {SQZ_DIM_LOG, "bp", 10000},
    {SQZ_DIM_USD_RATE, "usd/s", 1},
};
static const size_t UNIT_COUNT = sizeof UNITS / sizeof UNITS[0];

/* `number` of these units in inside units. */
static double in_units(const struct unit *unit, double number)
{
    switch (unit->dimension) {
    case SQZ_DIM_NUMBER:
    case SQZ_DIM_LOG:
    case SQZ_DIM_RATE:
        return number / unit->per;
    case SQZ_DIM_VOLATILITY:
        return number / sqrt(unit->per);
    default:
        return number * unit->per;
    }
}

static const struct unit *find_unit(enum sqz_dimension dimension, const char *name)
{
    for (size_t i = 0; i < UNIT_COUNT; i++)
        if (UNITS[i].dimension == dimension && strcmp(UNITS[i].name, name) == 0)
            return &UNITS[i];
    return NULL;
}

double sqz_units_factor(enum sqz_dimension dimension, const char *unit)
{
    const struct unit *found = find_unit(dimension, unit);
    return found != NULL ? in_units(found, 1.0) : 0.0;
}

/* "s, min, h, d": what a value of this dimension may carry. */
static const char *expected_units(enum sqz_dimension dimension, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < UNIT_COUNT; i++) {
        size_t used = strlen(text);
        if (UNITS[i].dimension == dimension)
            snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", UNITS[i].name);
    }
    return text;
}

/* k, M, B after an amount of USD. 0 for anything else. */
static double amount_suffix(char letter)
{
    switch (letter) {
    case 'k':
        return 1e3;
    case 'M':
        return 1e6;
    case 'B':
        return 1e9;
    default:
        return 0.0;
    }
}

static bool takes_suffix(enum sqz_dimension dimension)
{
    return dimension == SQZ_DIM_USD || dimension == SQZ_DIM_USD_RATE;
}

/* strtod without its hexadecimal and "nan(...)" forms. */
static double decimal(const char *text, char **end)
{
    if (strpbrk(text, "xX") != NULL) {
        *end = (char *)text;
        return NAN;
    }
    return strtod(text, end);
}

int sqz_units_parse(const char *text, const char *unit, const char *standard_unit,
                    enum sqz_dimension dimension, double *value, struct sqz_diag *diag)
{
    char *end, known[160];
    double number = decimal(text, &end);
    if (end == text)
        return sqz_fail(diag, SQZ_ERR_DATA, "'%s' is not a number", text);
    if (isnan(number))
        return sqz_fail(diag, SQZ_ERR_DATA, "'%s' is not a number; expected a finite one", text);
    if (takes_suffix(dimension) && *end != '\0' && amount_suffix(*end) > 0)
        number *= amount_suffix(*end++);
    if (*end != '\0')
        return sqz_fail(diag, SQZ_ERR_DATA, "'%s' is not a number%s", text,
                        takes_suffix(dimension) ? "; expected digits, then k, M, B or nothing"
                                                : "; the unit belongs in the unit column");
    const struct unit *found = find_unit(dimension, unit[0] != '\0' ? unit : standard_unit);
    if (found == NULL)
        return sqz_fail(diag, SQZ_ERR_DATA, "unit '%s' does not fit; expected %s", unit,
                        expected_units(dimension, known, sizeof known));
    *value = in_units(found, number);
    return SQZ_OK;
}

void sqz_units_split(const char *text, char *value, char *unit, size_t size)
{
    const char *at = text;
    for (;;) { /* one number, or several with semicolons between */
        char *end;
        decimal(at, &end);
        if (end == at)
            break;
        at = end;
        if (*at != '\0' && amount_suffix(*at) > 0) /* no unit begins with k, M or B */
            at++;
        if (*at != ';')
            break;
        at++;
    }
    if (at == text)
        at = text + strlen(text);
    snprintf(value, size, "%.*s", (int)(at - text), text);
    while (*at == ' ')
        at++;
    snprintf(unit, size, "%s", at);
}
