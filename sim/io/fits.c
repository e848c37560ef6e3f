/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/fits.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "sim/core/estimate.h"
#include "sim/core/version.h"
#include "sim/io/draft.h"
#include "sim/io/json.h"

static struct sqz_fit *next_fit(struct sqz_fits *fits, const char *key, const char *why,
                                va_list rest)
{
    if (fits->count == SQZ_FITS_MAX)
        return NULL;
    struct sqz_fit *fit = &fits->item[fits->count++];
    *fit = (struct sqz_fit){.key = key, .unit = "", .value = NAN, .se = NAN};
    vsnprintf(fit->why, sizeof fit->why, why, rest);
    return fit;
}

static void fill(struct sqz_fit *fit, const char *unit, double value, double se)
{
    fit->unit = unit;
    fit->value = value;
    fit->se = se;
    fit->identified = true;
}

void sqz_fits_add(struct sqz_fits *fits, const char *key, const char *unit, double value, double se,
                  const char *why, ...)
{
    va_list rest;
    va_start(rest, why);
    struct sqz_fit *fit = next_fit(fits, key, why, rest);
    va_end(rest);
    if (fit != NULL)
        fill(fit, unit, value, se);
}

void sqz_fits_measure(struct sqz_fits *fits, const char *key, const char *unit, double value,
                      double se, const char *why, ...)
{
    va_list rest;
    va_start(rest, why);
    struct sqz_fit *fit = next_fit(fits, key, why, rest);
    va_end(rest);
    if (fit != NULL) {
        fill(fit, unit, value, se);
        fit->measure = true;
    }
}

void sqz_fits_refuse(struct sqz_fits *fits, const char *key, const char *why, ...)
{
    va_list rest;
    va_start(rest, why);
    next_fit(fits, key, why, rest);
    va_end(rest);
}

const struct sqz_fit *sqz_fits_find(const struct sqz_fits *fits, const char *key)
{
    for (size_t i = 0; i < fits->count; i++)
        if (strcmp(fits->item[i].key, key) == 0)
            return &fits->item[i];
    return NULL;
}

/* ---- files --------------------------------------------------------------------------------- */

void sqz_fits_write(FILE *file, const struct sqz_fits *fits)
{
    fputs("key,value,unit,note\n", file);
    for (size_t i = 0; i < fits->count; i++) {
        const struct sqz_fit *fit = &fits->item[i];
        char value[32], note[sizeof fit->why + 64];
        if (!fit->identified || fit->measure)
            continue;
        snprintf(value, sizeof value, "%.6g", fit->value);
        if (isfinite(fit->se))
            snprintf(note, sizeof note, "se %.2g; %s", fit->se, fit->why);
        else
            snprintf(note, sizeof note, "%s", fit->why);
        sqz_draft_row(file, fit->key, value, fit->unit, note);
    }
}

static json_t *fit_json(const struct sqz_fit *fit)
{
    struct sqz_estimate estimate = sqz_estimate_normal(fit->value, fit->se);
    json_t *object =
        json_pack("{s:s, s:s, s:b, s:b, s:s}", "key", fit->key, "unit", fit->unit, "identified",
                  fit->identified, "measure", fit->measure, "note", fit->why);
    sqz_json_set(object, "value", sqz_json_number(fit->value));
    sqz_json_set(object, "se", sqz_json_number(fit->se));
    sqz_json_set(object, "lo", sqz_json_number(estimate.lo));
    sqz_json_set(object, "hi", sqz_json_number(estimate.hi));
    return object;
}

json_t *sqz_fits_json(const struct sqz_fits *fits, const struct sqz_remarks *remarks)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < fits->count; i++)
        sqz_json_append(rows, fit_json(&fits->item[i]));
    return json_pack("{s:s, s:s, s:o, s:o}", "schema", "squeeze/calibrate-1", "version",
                     SQZ_VERSION, "rows", rows, "remarks", sqz_remarks_json(remarks));
}
