/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/error.h"

json_t *sqz_json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *sqz_json_estimate(const struct sqz_estimate *estimate)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "value", sqz_json_number(estimate->value), "se",
                     sqz_json_number(estimate->se), "lo", sqz_json_number(estimate->lo), "hi",
                     sqz_json_number(estimate->hi));
}

json_t *sqz_json_text(const char *text)
{
    json_t *string = json_string(text);
    if (string != NULL)
        return string;
    char *plain = strdup(text);
    for (char *c = plain; c != NULL && *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    string = plain != NULL ? json_string(plain) : NULL;
    free(plain);
    return string;
}

int sqz_json_print(const json_t *object, FILE *file)
{
    int error = json_dumpf(object, file, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    return error != 0 || fputc('\n', file) == EOF ? SQZ_ERR_IO : SQZ_OK;
}
