/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/margin_result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/ladder.h"
#include "sim/core/version.h"
#include "sim/io/json.h"

/* ---- CSV ----------------------------------------------------------------------------------- */

/* A field after a comma, quoted where RFC 4180 asks for it. */
static void write_text(FILE *out, const char *text)
{
    fputc(',', out);
    if (strpbrk(text, ",\"\r\n") == NULL && text[0] != ' ' &&
        (text[0] == '\0' || text[strlen(text) - 1] != ' ')) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text != '\0'; text++)
        fputs(*text == '"' ? "\"\"" : (char[]){*text, '\0'}, out);
    fputc('"', out);
}

/* A number after a comma; what is not there is empty. */
static void write_number(FILE *out, double value)
{
    if (isnan(value))
        fputc(',', out);
    else
        fprintf(out, ",%.17g", value);
}

int sqz_margin_result_csv(FILE *out, const struct sqz_margin_result *result,
                          const struct sqz_names *accounts, struct sqz_diag *diag)
{
    fputs("row,side,account,entry_usd,liquidation_usd,bankruptcy_usd,maintenance_usd,tier,"
          "distance_percent,mark_usd,distance_from_mark_percent\n",
          out);
    for (size_t i = 0; i < result->rows; i++) {
        const struct sqz_margin_row *row = &result->row[i];
        if (isnan(row->entry_usd))
            continue;
        fprintf(out, "%zu,%s", i + 1, sqz_side_name(row->side));
        write_text(out, sqz_names_text(accounts, row->account));
        const double number[] = {row->entry_usd,      row->liquidation_usd,
                                 row->bankruptcy_usd, row->maintenance_usd,
                                 row->tier,           row->distance_percent,
                                 row->mark_usd,       row->distance_from_mark_percent};
        for (size_t n = 0; n < sizeof number / sizeof number[0]; n++)
            write_number(out, number[n]);
        fputc('\n', out);
    }
    return ferror(out) == 0 ? SQZ_OK : sqz_fail(diag, SQZ_ERR_IO, "the answer cannot be written");
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static json_t *row_json(size_t number, const struct sqz_margin_row *row,
                        const struct sqz_names *accounts)
{
    return json_pack("{s:I, s:s, s:o, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "row",
                     (json_int_t)number, "side", sqz_side_name(row->side), "account",
                     sqz_json_text(sqz_names_text(accounts, row->account)), "entry_usd",
                     row->entry_usd, "liquidation_usd", sqz_json_number(row->liquidation_usd),
                     "bankruptcy_usd", sqz_json_number(row->bankruptcy_usd), "maintenance_usd",
                     sqz_json_number(row->maintenance_usd), "tier",
                     isnan(row->tier) ? json_null() : json_integer((json_int_t)row->tier),
                     "distance_percent", sqz_json_number(row->distance_percent), "mark_usd",
                     sqz_json_number(row->mark_usd), "distance_from_mark_percent",
                     sqz_json_number(row->distance_from_mark_percent));
}

static bool write_json(FILE *out, json_t *object)
{
    int error = json_dumpf(object, out, JSON_REAL_PRECISION(17));
    json_decref(object);
    return object != NULL && error == 0;
}

int sqz_margin_result_json(FILE *out, const struct sqz_margin_result *result,
                           const struct sqz_names *accounts, const struct sqz_remarks *remarks,
                           struct sqz_diag *diag)
{
    bool written = true;
    const char *before = "\n    ";
    fputs("{\n  \"schema\": \"squeeze/margin-1\",\n  \"version\": \"" SQZ_VERSION
          "\",\n  \"positions\": [",
          out);
    for (size_t i = 0; written && i < result->rows; i++) {
        if (isnan(result->row[i].entry_usd))
            continue;
        fputs(before, out);
        before = ",\n    ";
        written = write_json(out, row_json(i + 1, &result->row[i], accounts));
    }
    fputs("\n  ],\n  \"remarks\": ", out);
    written = written && write_json(out, sqz_remarks_json(remarks));
    fputs("\n}\n", out);
    return written && ferror(out) == 0 ? SQZ_OK
                                       : sqz_fail(diag, SQZ_ERR_IO, "the answer cannot be written");
}

void sqz_margin_result_free(struct sqz_margin_result *result)
{
    free(result->row);
    memset(result, 0, sizeof *result);
}
