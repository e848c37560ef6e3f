/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/option_values.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/io/units.h"
#include "sim/plot/plot.h"

int sqz_option_count(const char *name, const char *text, uint64_t least, uint64_t most,
                     uint64_t *value, struct sqz_diag *diag)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0 || number < least ||
        number > most)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, name,
                           "'%s' is not a whole number from %llu to %llu", text,
                           (unsigned long long)least, (unsigned long long)most);
    *value = number;
    return SQZ_OK;
}

/* Paths and events are counted in thousands and millions: "1e4", "10k". Plain digits are exact. */
int sqz_option_amount(const char *name, const char *text, uint64_t least, uint64_t most,
                      uint64_t *value, struct sqz_diag *diag)
{
    double count;
    bool digits = text[strspn(text, "0123456789")] == '\0';
    bool whole = !digits && sqz_units_count(text, &count) && count < 0x1p64;
    if (!whole)
        return sqz_option_count(name, text, least, most, value, diag);
    char plain[32];
    snprintf(plain, sizeof plain, "%.0f", count);
    return sqz_option_count(name, plain, least, most, value, diag);
}

int sqz_option_positive(const char *name, const char *text, double most, double *value,
                        struct sqz_diag *diag)
{
    char *end;
    double number = strtod(text, &end);
    if (*text == '\0' || *end != '\0' || !(number > 0 && number <= most))
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, name,
                           "'%s' is not a number above 0 and up to %g", text, most);
    *value = number;
    return SQZ_OK;
}

/* An amount of USD above 0, as scenarios write it: 45bn, 70,968. */
int sqz_option_usd(const char *name, const char *text, double *value, struct sqz_diag *diag)
{
    struct sqz_diag why = {0};
    int error = sqz_units_read(text, "usd", SQZ_DIM_USD, value, &why);
    if (error == SQZ_OK && *value > 0.0 && isfinite(*value))
        return SQZ_OK;
    return sqz_fail(diag, SQZ_ERR_USAGE,
                    "--%s: '%s' is no amount above 0; expected USD, as in 70968 or 45bn", name,
                    text);
}

int sqz_option_side(const char *text, enum sqz_towards *towards, struct sqz_diag *diag)
{
    bool up = strcasecmp(text, "up") == 0;
    if (!up && strcasecmp(text, "down") != 0)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--side",
                           "'%s' is no side; expected up or down", text);
    *towards = up ? SQZ_TOWARDS_UP : SQZ_TOWARDS_DOWN;
    return SQZ_OK;
}

int sqz_option_formats(const char *text, int *formats, struct sqz_diag *diag)
{
    static const struct {
        const char *name;
        int format;
    } KNOWN[] = {{"svg", SQZ_PLOT_SVG}, {"png", SQZ_PLOT_PNG}, {"pdf", SQZ_PLOT_PDF}};
    *formats = 0;
    if (*text == '\0')
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--format",
                           "is empty; expected svg, png or pdf");
    while (*text != '\0') {
        size_t length = strcspn(text, ","), i = 0;
        while (i < 3 &&
               (strlen(KNOWN[i].name) != length || strncasecmp(KNOWN[i].name, text, length)))
            i++;
        if (i == 3)
            return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--format",
                               "'%.*s' is not a format; expected svg, png or pdf", (int)length,
                               text);
        *formats |= KNOWN[i].format;
        text += length + (text[length] == ',');
    }
    return SQZ_OK;
}

/* A browser shows 96 px to the inch; a column of text is no narrower than the least of these. */
static const double MM_PER_PX = 25.4 / 96, WIDTH_LEAST_MM = 60, WIDTH_MOST_MM = 600;

int sqz_option_width(const char *text, double *width_mm, struct sqz_diag *diag)
{
    char *unit;
    double width = strtod(text, &unit);
    bool px = strcmp(unit, "px") == 0;
    bool known = unit != text && (px || *unit == '\0' || strcmp(unit, "mm") == 0);
    *width_mm = px ? width * MM_PER_PX : width;
    if (known && *width_mm >= WIDTH_LEAST_MM && *width_mm <= WIDTH_MOST_MM)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--width",
                       "'%s' is no width of a figure; expected %g to %g mm, or px, as in 85mm or "
                       "390px",
                       text, WIDTH_LEAST_MM, WIDTH_MOST_MM);
}
