/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What calibration says: keys of a scenario with values, errors and on what they stand, or why they
 * cannot be told. */
#ifndef SQZ_IO_FITS_H
#define SQZ_IO_FITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "sim/core/error.h"
#include "sim/io/remarks.h"

/* A key of a scenario as estimated. `identified` false: the data cannot tell, `why` says so, and
 * there is no value. */
struct sqz_fit {
    const char *key, *unit;
    double value, se; /* in the key's unit; se NAN: not known */
    bool identified;
    bool measure;  /* says something of the market, but is no key of a scenario */
    char why[256]; /* on what it stands, or why it cannot be told */
};

enum { SQZ_FITS_MAX = 24 };
struct sqz_fits {
    struct sqz_fit item[SQZ_FITS_MAX];
    size_t count;
};

/* Add one that is identified; `why` as by printf. */
void sqz_fits_add(struct sqz_fits *fits, const char *key, const char *unit, double value, double se,
                  const char *why, ...) __attribute__((format(printf, 6, 7)));
/* The same of what is no key of a scenario. */
void sqz_fits_measure(struct sqz_fits *fits, const char *key, const char *unit, double value,
                      double se, const char *why, ...) __attribute__((format(printf, 6, 7)));
/* Add one that is not identified. */
void sqz_fits_refuse(struct sqz_fits *fits, const char *key, const char *why, ...)
    __attribute__((format(printf, 3, 4)));
/* The one of a key; NULL: none. */
const struct sqz_fit *sqz_fits_find(const struct sqz_fits *fits, const char *key);

/* Rows key,value,unit,note of what is identified, as a scenario includes them. */
void sqz_fits_write(FILE *file, const struct sqz_fits *fits);
/* { schema, version, rows: [ {key, unit, value, se, lo, hi, identified, note} ], remarks }. A new
 * reference. */
json_t *sqz_fits_json(const struct sqz_fits *fits, const struct sqz_remarks *remarks);

#endif
