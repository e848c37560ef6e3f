/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/units.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- units --------------------------------------------------------------------------------- */

/* What a number of a unit is inside: times `per`, over it, or over its root. `per` is a whole
 * number, so that 70 % and 0.7 are the same double. */
enum conversion { TIMES, OVER, OVER_ROOT };

struct unit {
    enum sqz_dimension dimension;
    const char *name;
    double per;
    enum conversion conversion;
};

static const struct unit UNITS[] = {
    {SQZ_DIM_NUMBER, "1", 1, OVER},
    {SQZ_DIM_NUMBER, "%", 100, OVER},
    {SQZ_DIM_USD, "usd", 1, TIMES},
    {SQZ_DIM_TIME, "s", 1, TIMES},
    {SQZ_DIM_TIME, "min", 60, TIMES},
    {SQZ_DIM_TIME, "h", 3600, TIMES},
    {SQZ_DIM_TIME, "d", 86400, TIMES},
    {SQZ_DIM_TIME, "w", 604800, TIMES},
    {SQZ_DIM_TIME, "ms", 1000, OVER},
    {SQZ_DIM_RATE, "1/s", 1, OVER},
    {SQZ_DIM_RATE, "1/min", 60, OVER},
    {SQZ_DIM_RATE, "1/h", 3600, OVER},
    {SQZ_DIM_RATE, "1/d", 86400, OVER},
    {SQZ_DIM_RATE, "1/yr", 31536000, OVER},
    {SQZ_DIM_VOLATILITY, "1/sqrt(s)", 1, OVER_ROOT},
    {SQZ_DIM_VOLATILITY, "1/sqrt(min)", 60, OVER_ROOT},
    {SQZ_DIM_VOLATILITY, "1/sqrt(h)", 3600, OVER_ROOT},
    {SQZ_DIM_VOLATILITY, "1/sqrt(d)", 86400, OVER_ROOT},
    {SQZ_DIM_VOLATILITY, "1/sqrt(yr)", 31536000, OVER_ROOT},
    {SQZ_DIM_LOG, "bp", 10000, OVER},
    {SQZ_DIM_LOG, "%", 100, OVER},
    {SQZ_DIM_USD_RATE, "usd/s", 1, TIMES},
};
static const size_t UNIT_COUNT = sizeof UNITS / sizeof UNITS[0];

/* A unit of the table, or a hundredth of it. */
struct measure {
    const struct unit *unit; /* NULL: unknown */
    bool percent;
};

/* `number` of a unit in inside units. */
static double inside(const struct measure *measure, double number)
{
    const struct unit *unit = measure->unit;
    if (measure->percent)
        number /= 100;
    switch (unit->conversion) {
    case OVER:
        return number / unit->per;
    case OVER_ROOT:
        return number / sqrt(unit->per);
    default:
        return number * unit->per;
    }
}

/* The units of a price are those of an amount. */
static enum sqz_dimension kind_of(enum sqz_dimension dimension)
{
    return dimension == SQZ_DIM_PRICE ? SQZ_DIM_USD : dimension;
}

/* Units that are one over something, of which there may be a hundredth. */
static bool is_per_time(enum sqz_dimension dimension)
{
    return dimension == SQZ_DIM_RATE || dimension == SQZ_DIM_VOLATILITY;
}

/* `text` without blanks; "" if that is longer than any unit. */
static const char *without_blanks(const char *text, char plain[SQZ_UNIT_SIZE])
{
    size_t used = 0;
    for (; *text != '\0' && used < SQZ_UNIT_SIZE; text++)
        if (!isspace((unsigned char)*text))
            plain[used++] = *text;
    plain[used < SQZ_UNIT_SIZE ? used : 0] = '\0';
    return plain;
}

static struct measure find_unit(enum sqz_dimension dimension, const char *name)
{
    char plain[SQZ_UNIT_SIZE];
    struct measure found = {NULL, false};
    without_blanks(name, plain);
    if (dimension == SQZ_DIM_TIME &&
        strcmp(plain, "m") == 0) /* not M, which people mean months by */
        strcpy(plain, "min");
    if (is_per_time(dimension) && strncmp(plain, "%/", 2) == 0) {
        found.percent = true;
        plain[0] = '1';
    }
    for (size_t i = 0; found.unit == NULL && i < UNIT_COUNT; i++)
        if (UNITS[i].dimension == kind_of(dimension) && strcasecmp(UNITS[i].name, plain) == 0)
            found.unit = &UNITS[i];
    return found;
}

double sqz_units_factor(enum sqz_dimension dimension, const char *unit)
{
    struct measure found = find_unit(dimension, unit);
    return found.unit != NULL ? inside(&found, 1.0) : 0.0;
}

bool sqz_units_name(enum sqz_dimension dimension, const char *unit, char name[SQZ_UNIT_SIZE])
{
    struct measure found = find_unit(dimension, unit);
    if (found.unit == NULL)
        return false;
    snprintf(name, SQZ_UNIT_SIZE, "%s%s", found.percent ? "%" : "",
             found.unit->name + (found.percent ? 1 : 0));
    return true;
}

void sqz_units_complete(enum sqz_dimension dimension, const char *base, char unit[SQZ_UNIT_SIZE])
{
    const char *per = strchr(base, '/');
    if (is_per_time(dimension) && per != NULL && strcmp(unit, "%") == 0)
        snprintf(unit, SQZ_UNIT_SIZE, "%%%s", per);
}

/* "s, min, h, d": what a value of this dimension may carry. */
static const char *expected_units(enum sqz_dimension dimension, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < UNIT_COUNT; i++) {
        size_t used = strlen(text);
        if (UNITS[i].dimension == kind_of(dimension))
            snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", UNITS[i].name);
    }
    return text;
}

/* ---- numbers ------------------------------------------------------------------------------- */

static const char DIGITS[] = "0123456789", BLANKS[] = " \t\n\v\f\r";

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, BLANKS);
}

/* How long digits are of which every three are set apart by a comma, as in 1,234; 0 for others. */
static size_t grouped_length(const char *text)
{
    size_t length = strspn(text, DIGITS);
    if (length < 1 || length > 3 || text[0] == '0' || text[length] != ',')
        return 0;
    while (text[length] == ',' && strspn(text + length + 1, DIGITS) == 3)
        length += 4;
    return text[length] == ',' ? 0 : length;
}

/* The number whose first `length` bytes are such digits; `end` is `text` if it is too long. */
static double grouped_decimal(const char *text, size_t length, const char **end)
{
    char plain[128], *plain_end;
    size_t used = 0, tail = strspn(text + length, ".0123456789eE+-");
    *end = text;
    if (length + tail >= sizeof plain)
        return NAN;
    for (size_t i = 0; i < length; i++)
        if (text[i] != ',')
            plain[used++] = text[i];
    memcpy(plain + used, text + length, tail);
    plain[used + tail] = '\0';
    double number = strtod(plain, &plain_end);
    *end = text + length + (plain_end - plain - (ptrdiff_t)used);
    return number;
}

/* The number at the start of `text`, before any suffix. `end` is where it ends, or `text` if there
 * is none: strtod without its hexadecimal and "nan" forms, and with commas between thousands. */
static double decimal(const char *text, const char **end)
{
    const char *start = skip_blanks(text), *digits = start + (*start == '-' || *start == '+');
    bool hexadecimal = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
    bool infinite = strncasecmp(digits, "inf", 3) == 0;
    *end = text;
    if (hexadecimal || (!infinite && !isdigit((unsigned char)*digits) && *digits != '.'))
        return NAN;
    size_t grouped = grouped_length(digits);
    if (grouped > 0) {
        const char *stop;
        double number = grouped_decimal(digits, grouped, &stop);
        *end = stop != digits ? stop : text;
        return *start == '-' ? -number : number;
    }
    char *stop;
    double number = strtod(start, &stop);
    *end = stop != start ? stop : text;
    return number;
}

static bool takes_suffix(enum sqz_dimension dimension)
{
    return dimension == SQZ_DIM_USD || dimension == SQZ_DIM_USD_RATE || dimension == SQZ_DIM_PRICE;
}

/* k, M, B at the start of `text`: how long the suffix is, and what it multiplies by. 0 for anything
 * else, such as the first letter of a word that is not usd. */
static size_t suffix_of(const char *text, double *times)
{
    static const struct {
        const char *name;
        double times;
    } SUFFIX[] = {{"bn", 1e9}, {"b", 1e9}, {"M", 1e6}, {"k", 1e3}};
    for (size_t i = 0; i < sizeof SUFFIX / sizeof SUFFIX[0]; i++) {
        size_t length = strlen(SUFFIX[i].name);
        bool same =
            SUFFIX[i].times == 1e6 ? *text == 'M' : strncasecmp(text, SUFFIX[i].name, length) == 0;
        char next = same ? text[length] : '\0';
        if (same && (!isalpha((unsigned char)next) || next == 'u' || next == 'U')) {
            *times = SUFFIX[i].times;
            return length;
        }
    }
    return 0;
}

/* A number with its suffix, if it may have one; `end` as for decimal, with blanks behind. */
static double number_of(const char *text, bool suffixed, const char **end)
{
    double times = 1.0, number = decimal(text, end);
    if (*end == text)
        return NAN;
    const char *next = skip_blanks(*end);
    size_t length = suffixed ? suffix_of(next, &times) : 0;
    *end = length > 0 ? skip_blanks(next + length) : next;
    return length > 0 ? number * times : number;
}

bool sqz_units_count(const char *text, double *count)
{
    const char *end;
    double number = number_of(text, true, &end);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || !isfinite(number))
        return false;
    /* 4.35k is whole, but its product is rounded: by less than the double next to it. */
    double whole = rint(number);
    *count = whole;
    return fabs(number - whole) <= DBL_EPSILON * number;
}

void sqz_units_multiply(const char *text, double factor, char *product, size_t size)
{
    const char *end;
    double number = decimal(text, &end);
    snprintf(product, size, "%.15g%s", factor * number, end);
}

/* ---- values -------------------------------------------------------------------------------- */

static int fail_number(const char *text, const char *rest, enum sqz_dimension dimension,
                       struct sqz_diag *diag)
{
    bool none = rest == text;
    if (none && strncasecmp(skip_blanks(text), "nan", 3) == 0)
        return sqz_fail(diag, SQZ_ERR_DATA, "'%s' is not a number; expected a finite one", text);
    if (none)
        return sqz_fail(diag, SQZ_ERR_DATA, "'%s' is not a number", text);
    if (*rest == ',')
        return sqz_fail(diag, SQZ_ERR_DATA,
                        "'%s' has a comma where none sets thousands apart; expected a decimal "
                        "point, or 1,234.5",
                        text);
    return sqz_fail(diag, SQZ_ERR_DATA, "'%s' is not a number%s", text,
                    takes_suffix(dimension) ? "; expected digits, then k, M, B, bn or nothing"
                                            : "; the unit belongs in the unit column");
}

/* The two letters whose case tells them apart. */
static const char *explain(enum sqz_dimension dimension, const char *unit)
{
    if (takes_suffix(dimension) && unit[0] == 'm')
        return " (a million is M)";
    if (dimension == SQZ_DIM_TIME && unit[0] == 'M')
        return " (a minute is min or m)";
    return "";
}

int sqz_units_parse(const char *text, const char *unit, const char *default_unit,
                    enum sqz_dimension dimension, double *value, struct sqz_diag *diag)
{
    char known[160];
    const char *end;
    double number = number_of(text, takes_suffix(dimension), &end);
    if (end == text || *end != '\0')
        return fail_number(text, end, dimension, diag);
    struct measure found = find_unit(dimension, unit[0] != '\0' ? unit : default_unit);
    if (found.unit == NULL)
        return sqz_fail(diag, SQZ_ERR_DATA, "unit '%s' does not fit; expected %s%s", unit,
                        expected_units(dimension, known, sizeof known), explain(dimension, unit));
    *value = inside(&found, number);
    return SQZ_OK;
}

int sqz_units_read(const char *text, const char *default_unit, enum sqz_dimension dimension,
                   double *value, struct sqz_diag *diag)
{
    char number[128], unit[128];
    if (strlen(text) >= sizeof number)
        return sqz_fail(diag, SQZ_ERR_DATA, "is too long for a number");
    sqz_units_split(text, dimension, number, unit, sizeof number);
    sqz_units_complete(dimension, default_unit, unit);
    return sqz_units_parse(number, unit, default_unit, dimension, value, diag);
}

/* Whether what follows a number can be meant as a unit, and is not more of the number: "1,5",
 * "1_000", "1 000". */
static bool may_be_unit(const char *text)
{
    if (isdigit((unsigned char)*text))
        return text[0] == '1' && (text[1] == '/' || text[1] == '\0');
    return *text == '\0' || strchr(",_'.", *text) == NULL;
}

void sqz_units_split(const char *text, enum sqz_dimension dimension, char *value, char *unit,
                     size_t size)
{
    const char *at = text, *end = text;
    bool number; /* one, or several with semicolons between */
    do {
        at += at > text; /* the semicolon */
        number_of(at, takes_suffix(dimension), &end);
        number = end != at;
        at = end;
    } while (number && *at == ';');
    if (!number || !may_be_unit(at))
        at = text + strlen(text);
    size_t length = (size_t)(at - text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    snprintf(value, size, "%.*s", (int)length, text);
    snprintf(unit, size, "%s", at);
}
