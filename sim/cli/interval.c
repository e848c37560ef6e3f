#include "sim/cli/interval.h"

#include <math.h>
#include <string.h>

enum { UNITS = 4, DECIMALS_MAX = 12 };

/* An end that many times farther out than the other has digits of its own. */
static const double FAR = 100;

/* The units of a quantity, largest first: what one is, and what stands behind the number. */
struct units {
    struct {
        double size;
        const char *name;
    } unit[UNITS];
    const char *always; /* behind all of them */
};

static const struct units UNIT_OF[] = {
    [SQZ_QUANTITY_NUMBER] = {{{1, ""}}, ""},
    [SQZ_QUANTITY_SHARE] = {{{0.01, " %"}}, ""},
    [SQZ_QUANTITY_CHANGE] = {{{0.01, " pp"}}, ""},
    [SQZ_QUANTITY_MONEY] = {{{1e9, " bn"}, {1e6, " M"}, {1e3, " k"}, {1, ""}}, " usd"},
    [SQZ_QUANTITY_TIME] = {{{86400, " d"}, {3600, " h"}, {60, " min"}, {1, " s"}}, ""},
};

/* The place of the largest unit of which there is at least one. */
static int unit_of(const struct units *units, double size)
{
    int u = 0;
    while (u + 1 < UNITS && units->unit[u + 1].size > 0 && size < 0.9995 * units->unit[u].size)
        u++;
    return u;
}

/* The power of ten to which `digits` digits of `size` go. */
static double resolution_of(double size, int digits)
{
    return pow(10, floor(log10(size)) - (digits - 1));
}

/* Digits of a time that anybody reads: beyond them it is that of the walk's steps. */
enum { TIME_DIGITS = 6 };

/* The same, but no finer than a time is written in its unit. */
static double coarsen(double resolution, double value, double unit, enum sqz_quantity quantity)
{
    if (quantity != SQZ_QUANTITY_TIME || value == 0)
        return resolution;
    return fmax(resolution, unit * resolution_of(fabs(value) / unit, TIME_DIGITS));
}

/* Shares are written to the percent at least: 98 % and 20 % differ by 78 pp. */
static double coarsest(enum sqz_quantity quantity)
{
    return quantity == SQZ_QUANTITY_SHARE || quantity == SQZ_QUANTITY_CHANGE ? 0.01 : INFINITY;
}

static double round_to(double value, double resolution)
{
    return rint(value / resolution) * resolution;
}

/* A number of units in text, to `resolution` of the quantity; an exact 0 or whole as such. */
static void print_number(char text[SQZ_TEXT_SIZE], double value, double unit, double resolution)
{
    double decimals = fmax(0, -floor(log10(resolution / unit) + 1e-9)); /* powers of ten are not */
    double rounded = round_to(value, resolution) / unit;
    if (value == 0 || (value == 1 && unit == 0.01))
        decimals = 0;
    if (fabs(rounded) >= 1e15)
        snprintf(text, SQZ_TEXT_SIZE, "%.3g", rounded);
    else
        snprintf(text, SQZ_TEXT_SIZE, "%.*f", (int)fmin(decimals, DECIMALS_MAX), rounded);
    sqz_text_tidy(text);
}

/* A value as it is printed. */
struct printed {
    const struct units *units;
    double value, half, resolution;
    int digits, unit;
};

/* One end of the interval, in the unit of the value or a larger one. An end that is much farther
 * out than `half` has only the digits of its own distance. */
static void print_limit(char *text, const struct printed *printed, double limit)
{
    char number[SQZ_TEXT_SIZE];
    const struct units *units = printed->units;
    double far = fabs(limit - printed->value);
    double own =
        far > FAR * printed->half ? resolution_of(far, printed->digits) : printed->resolution;
    int u = unit_of(units, fabs(round_to(limit, own)));
    u = u < printed->unit ? u : printed->unit;
    if (isnan(limit)) {
        strcpy(text, "not known");
        return;
    }
    bool bare = u == printed->unit || limit == 0;
    print_number(number, limit, units->unit[u].size, own);
    snprintf(text, SQZ_TEXT_SIZE, "%s%s", number, bare ? "" : units->unit[u].name);
}

/* Half the interval; where one end is far out the nearer one says how well the value is known. */
static double half_of(const struct sqz_estimate *estimate)
{
    double below = estimate->value - estimate->lo, above = estimate->hi - estimate->value;
    if (!(above > 0) || !(below > 0))
        return fmax(below, above); /* of which one may be NAN */
    double nearer = fmin(below, above), farther = fmax(below, above);
    return farther > FAR * nearer ? nearer : (below + above) / 2;
}

/* Without an interval: as many digits as elsewhere. */
static void text_alone(struct sqz_interval_text *text, double value, enum sqz_quantity quantity,
                       bool exact)
{
    const struct units *units = &UNIT_OF[quantity];
    int u = unit_of(units, fabs(value));
    char number[SQZ_TEXT_SIZE];
    double scaled = value / units->unit[u].size;
    snprintf(number, sizeof number, "%.*f", value == 0 ? 0 : fabs(scaled) < 100 ? 2 : 0, scaled);
    sqz_text_tidy(number);
    if (fabs(scaled) >= 1e15)
        snprintf(number, sizeof number, "%.3g", scaled);
    snprintf(text->value, sizeof text->value, "%.30s%s%s", number,
             value == 0 && quantity == SQZ_QUANTITY_MONEY ? "" : units->unit[u].name,
             units->always);
    snprintf(text->interval, sizeof text->interval, exact ? "[%.30s, %.30s]" : "-", number, number);
    strcpy(text->half, exact ? "0" : "-");
}

void sqz_interval_text(struct sqz_interval_text *text, const struct sqz_estimate *estimate,
                       enum sqz_quantity quantity, int digits)
{
    const struct units *units = &UNIT_OF[quantity];
    double half = half_of(estimate), value = estimate->value;
    char number[SQZ_TEXT_SIZE], lo[SQZ_TEXT_SIZE], hi[SQZ_TEXT_SIZE];
    if (isnan(value)) {
        strcpy(text->value, "-");
        strcpy(text->interval, "");
        strcpy(text->half, "-");
        return;
    }
    if (!(half > 0) || !isfinite(half) || !isfinite(value)) {
        text_alone(text, value, quantity, half == 0);
        return;
    }
    double resolution = fmin(resolution_of(half, digits), coarsest(quantity));
    double rounded = fabs(round_to(value, resolution));
    int u = unit_of(units, rounded);
    resolution = coarsen(resolution, value, units->unit[u].size, quantity);
    print_number(number, value, units->unit[u].size, resolution);
    const struct printed printed = {.units = units,
                                    .value = value,
                                    .half = half,
                                    .resolution = resolution,
                                    .digits = digits,
                                    .unit = u};
    print_limit(lo, &printed, estimate->lo);
    print_limit(hi, &printed, estimate->hi);
    snprintf(text->value, sizeof text->value, "%.30s%s%s", number, units->unit[u].name,
             units->always);
    snprintf(text->interval, sizeof text->interval, "[%s, %s]", lo, hi);
    sqz_interval_limit(text->half, (estimate->hi - estimate->lo) / 2, quantity);
}

static void drop_usd(char *text)
{
    char *usd = strstr(text, " usd");
    if (usd != NULL)
        *usd = '\0';
}

const char *sqz_interval_cell(char cell[SQZ_INTERVAL_CELL], const struct sqz_estimate *estimate,
                              enum sqz_quantity quantity, double least, double most)
{
    double half = (estimate->hi - estimate->lo) / 2;
    struct sqz_interval_text text;
    sqz_interval_text(&text, estimate, quantity, 2);
    drop_usd(text.value);
    drop_usd(text.half);
    bool leaves = estimate->value - half < least || estimate->value + half > most;
    if (isnan(estimate->value) || !(half > 0))
        snprintf(cell, SQZ_INTERVAL_CELL, "%s", text.value);
    else if (leaves)
        snprintf(cell, SQZ_INTERVAL_CELL, "%s %s", text.value, text.interval);
    else
        snprintf(cell, SQZ_INTERVAL_CELL, "%s +- %s", text.value, text.half);
    return cell;
}

const char *sqz_interval_limit(char text[SQZ_TEXT_SIZE], double limit, enum sqz_quantity quantity)
{
    const struct units *units = &UNIT_OF[quantity];
    char number[SQZ_TEXT_SIZE];
    double resolution = limit != 0 ? resolution_of(fabs(limit), 2) : 1;
    int u = unit_of(units, fabs(round_to(limit, resolution)));
    print_number(number, limit, units->unit[u].size, resolution);
    snprintf(text, SQZ_TEXT_SIZE, "%.30s%s%s", number, units->unit[u].name, units->always);
    return text;
}

bool sqz_interval_is_sure(const struct sqz_estimate *estimate)
{
    return estimate->lo > 0 || estimate->hi < 0;
}
