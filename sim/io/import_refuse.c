/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/import_refuse.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Codes by which providers say that all is well: CoinGlass 0, CoinAnk 1, Bybit 0, others 200. */
static bool is_good(const json_t *code)
{
    if (json_is_number(code)) {
        double number = json_number_value(code);
        return number == 0.0 || number == 1.0 || number == 200.0;
    }
    const char *text = json_string_value(code);
    return text == NULL || strcmp(text, "0") == 0 || strcmp(text, "1") == 0 ||
           strcmp(text, "200") == 0 || strcmp(text, "00000") == 0;
}

static void print_code(const json_t *code, char *text, size_t size)
{
    if (json_is_string(code))
        snprintf(text, size, " %s", json_string_value(code));
    else if (json_is_number(code))
        snprintf(text, size, " %.12g", json_number_value(code));
    else
        text[0] = '\0';
}

static const json_t *first_of(const json_t *object, const char *const *keys)
{
    const json_t *value = NULL;
    for (; value == NULL && *keys != NULL; keys++)
        value = json_object_get(object, *keys);
    return value;
}

/* { "code": "40000", "msg": ..., "success": false }, { "retCode": 10001, "retMsg": ... }, Binance's
 * { "code": -1121, "msg": "Invalid symbol." } */
static int refuse_error(const struct sqz_payload *payload, struct sqz_diag *diag)
{
    static const char *const CODES[] = {"code", "retCode", NULL};
    static const char *const MESSAGES[] = {"msg", "message", "retMsg", "error", NULL};
    const json_t *code = first_of(payload->json, CODES);
    const json_t *message = first_of(payload->json, MESSAGES);
    bool failed = json_is_false(json_object_get(payload->json, "success")) ||
                  (json_is_string(json_object_get(payload->json, "error")));
    if (!failed && is_good(code))
        return SQZ_OK;
    char number[64];
    print_code(code, number, sizeof number);
    return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, 0, NULL,
                       "is an error that the provider gave in place of data: code%s%s%s; expected "
                       "data (look at the request's symbol, key and rate limit, and ask again)",
                       number, json_is_string(message) ? ", " : "",
                       json_is_string(message) ? json_string_value(message) : "");
}

enum { BASE64_LEAST = 64 };

/* A long string of nothing but base64. */
static bool is_ciphertext(const json_t *value)
{
    const char *text = json_string_value(value);
    if (text == NULL || strlen(text) < BASE64_LEAST)
        return false;
    for (; *text != '\0'; text++)
        if (!isalnum((unsigned char)*text) && strchr("+/=-_\r\n", *text) == NULL)
            return false;
    return true;
}

static bool is_nothing(const json_t *value)
{
    return json_is_null(value) || (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0);
}

int sqz_import_refuse(const struct sqz_payload *payload, struct sqz_diag *diag)
{
    if (!json_is_object(payload->json))
        return SQZ_OK;
    if (is_ciphertext(json_object_get(payload->json, "data")))
        return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, 0, "data",
                           "is encrypted, as web pages get it; expected plain JSON (take it from "
                           "the provider's API, with a key, or export the page's table)");
    int error = refuse_error(payload, diag);
    if (error == SQZ_OK && is_nothing(json_object_get(payload->json, "data")))
        return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, 0, "data",
                           "is empty: the provider answered, but with nothing; expected data");
    return error;
}

/* The first keys of an object, the first cells of a table. */
static void list_names(const struct sqz_payload *payload, char *text, size_t size)
{
    size_t used = 0, shown = 0;
    const char *key;
    json_t *value;
    text[0] = '\0';
    if (payload->json == NULL) {
        struct sqz_csv_row row = sqz_payload_row(payload, 0);
        for (size_t i = 0; i < row.count && used < size && i < 12; i++)
            used += (size_t)snprintf(text + used, size - used, "%s%.24s", i > 0 ? "," : "",
                                     row.field[i]);
        return;
    }
    json_object_foreach(payload->json, key, value) if (shown++ < 8 && used < size) used +=
        (size_t)snprintf(text + used, size - used, "%s%.24s", used > 0 ? "," : "", key);
}

int sqz_import_unknown(const struct sqz_payload *payload, struct sqz_diag *diag)
{
    char names[256];
    bool json = payload->json != NULL, list = json_is_array(payload->json);
    list_names(payload, names, sizeof names);
    return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, json ? 0 : payload->row[0].line, NULL,
                       "is in no format that squeeze knows: %s%s; expected one of those that "
                       "squeeze help import lists%s",
                       list   ? "a list of JSON"
                       : json ? "an object of "
                              : "a table of ",
                       names,
                       json ? "" : " (--columns price=NAME,notional=NAME names the columns)");
}
