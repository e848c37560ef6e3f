/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/import.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/clock.h"
#include "sim/io/import_refuse.h"
#include "sim/io/nearest.h"

const char *const sqz_import_kind_name[] = {"levels", "positions", "tiers", "bars", "depth"};
const char *const sqz_import_drop_name[SQZ_DROPS] = {
    [SQZ_DROP_CROSSED] = "crossed", [SQZ_DROP_AT_PRICE] = "at-price",
    [SQZ_DROP_NEVER] = "never",     [SQZ_DROP_NULL] = "null",
    [SQZ_DROP_EMPTY] = "empty",     [SQZ_DROP_DUPLICATE] = "duplicate",
    [SQZ_DROP_EARLIER] = "earlier", [SQZ_DROP_OTHER] = "other-market"};

/* ---- rows ------------------------------------------------------------------------------------ */

void *sqz_rows_add(struct sqz_rows *rows)
{
    if (rows->count == rows->capacity) {
        size_t capacity = rows->capacity > 0 ? 2 * rows->capacity : 64;
        void *bigger = realloc(rows->item, capacity * rows->size);
        if (bigger == NULL)
            return NULL;
        rows->item = bigger;
        rows->capacity = capacity;
    }
    return memset((char *)rows->item + rows->size * rows->count++, 0, rows->size);
}

void sqz_rows_free(struct sqz_rows *rows)
{
    free(rows->item);
    *rows = (struct sqz_rows){.size = rows->size};
}

/* ---- formats --------------------------------------------------------------------------------- */

static const struct sqz_import_format *const FAMILIES[] = {
    sqz_import_maps,         sqz_import_hyperliquid, sqz_import_position_formats,
    sqz_import_tier_formats, sqz_import_bar_formats, sqz_import_depth_formats,
    sqz_import_tables,
};

const struct sqz_import_format *sqz_import_format_at(size_t i)
{
    for (size_t f = 0; f < sizeof FAMILIES / sizeof FAMILIES[0]; f++)
        for (const struct sqz_import_format *format = FAMILIES[f]; format->name != NULL; format++)
            if (i-- == 0)
                return format;
    return NULL;
}

/* A format goes by its name, and by the first words of it: coinank is coinank-map, too. */
static bool is_called(const struct sqz_import_format *format, const char *name)
{
    size_t length = strlen(name);
    return strncmp(format->name, name, length) == 0 &&
           (format->name[length] == '\0' || format->name[length] == '-');
}

int sqz_import_format_find(const char *name, const struct sqz_import_format **format,
                           struct sqz_diag *diag)
{
    struct sqz_nearest nearest = sqz_nearest_begin(name);
    sqz_nearest_offer(&nearest, "auto");
    for (size_t i = 0; (*format = sqz_import_format_at(i)) != NULL; i++) {
        if (is_called(*format, name))
            return SQZ_OK;
        sqz_nearest_offer(&nearest, (*format)->name);
    }
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, name,
                       "is no format%s (see squeeze help import; 'auto' looks for itself)",
                       sqz_nearest_hint(&nearest, ""));
}

/* The first format of that name, or of any for NULL, that takes the payload for its own. */
static const struct sqz_import_format *guess(const struct sqz_import *import,
                                             const struct sqz_payload *payload, const char *name)
{
    const struct sqz_import_format *format;
    for (size_t i = 0; (format = sqz_import_format_at(i)) != NULL; i++)
        if ((name == NULL || is_called(format, name)) && format->detect(import, payload))
            return format;
    return NULL;
}

/* A format that was named must know the payload too: its reader relies on what it detects. */
static int detect(const struct sqz_import *import, const struct sqz_payload *payload,
                  const struct sqz_import_format **format, struct sqz_diag *diag)
{
    const char *name = import->terms->format;
    bool automatic = strcmp(name, "auto") == 0;
    int error = automatic ? SQZ_OK : sqz_import_format_find(name, format, diag);
    if (error != SQZ_OK)
        return error;
    *format = guess(import, payload, automatic ? NULL : name);
    if (*format != NULL)
        return SQZ_OK;
    const struct sqz_import_format *other = guess(import, payload, NULL);
    if (other == NULL)
        return sqz_import_unknown(payload, diag);
    return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, 0, NULL,
                       "is not in the format %s; it looks like %s (%s)", name, other->name,
                       other->doc);
}

/* ---- the import ------------------------------------------------------------------------------ */

/* Maps from number `first` on that say no time have that of their file's name, if there is one. */
static void name_times(struct sqz_import *import, size_t first, const char *file)
{
    struct sqz_import_map *map = import->map.item;
    for (size_t i = first; i < import->map.count; i++)
        if (isnan(map[i].time_s))
            map[i].time_s = sqz_import_name_time(file);
}

static int read_file(struct sqz_import *import, const char *file, struct sqz_diag *diag)
{
    struct sqz_payload payload;
    const struct sqz_import_format *format = NULL;
    int error = sqz_payload_read(&payload, file, diag);
    if (error == SQZ_OK)
        error = sqz_import_refuse(&payload, diag);
    if (error == SQZ_OK)
        error = detect(import, &payload, &format, diag);
    if (error == SQZ_OK && import->format != NULL && format->kind != import->format->kind)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, file, 0, NULL,
                            "holds %s (%s), but the files before it %s (%s); expected one kind",
                            sqz_import_kind_name[format->kind], format->name,
                            sqz_import_kind_name[import->format->kind], import->format->name);
    if (error == SQZ_OK && import->format == NULL)
        import->format = format;
    size_t maps = import->map.count;
    if (error == SQZ_OK)
        error = format->read(import, &payload, diag);
    if (error == SQZ_OK && !format->parts)
        name_times(import, maps, file);
    sqz_payload_free(&payload);
    return error;
}

int sqz_import_read(struct sqz_import *import, const struct sqz_import_terms *terms,
                    char *const *file, size_t count, struct sqz_diag *diag)
{
    *import = (struct sqz_import){.terms = terms,
                                  .map = {.size = sizeof(struct sqz_import_map)},
                                  .position = {.size = sizeof(struct sqz_import_position)},
                                  .tier = {.size = sizeof(struct sqz_import_tier)},
                                  .bar = {.size = sizeof(struct sqz_import_bar)},
                                  .depth = {.size = sizeof(struct sqz_import_depth)}};
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < count; i++)
        error = read_file(import, file[i], diag);
    return error;
}

static void free_names(struct sqz_import *import)
{
    struct sqz_import_position *position = import->position.item;
    struct sqz_import_tier *tier = import->tier.item;
    for (size_t i = 0; i < import->position.count; i++) {
        free(position[i].symbol);
        free(position[i].account);
    }
    for (size_t i = 0; i < import->tier.count; i++)
        free(tier[i].symbol);
}

void sqz_import_free(struct sqz_import *import)
{
    struct sqz_import_map *map = import->map.item;
    for (size_t i = 0; i < import->map.count; i++)
        sqz_rows_free(&map[i].bin);
    free_names(import);
    sqz_rows_free(&import->map);
    sqz_rows_free(&import->position);
    sqz_rows_free(&import->tier);
    sqz_rows_free(&import->bar);
    sqz_rows_free(&import->depth);
    sqz_remarks_free(&import->remarks);
}

/* ---- for readers ----------------------------------------------------------------------------- */

int sqz_import_no_memory(struct sqz_diag *diag)
{
    return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for what is imported");
}

int sqz_import_remark(struct sqz_import *import, const char *code, const char *file,
                      struct sqz_diag *diag, const char *format, ...)
{
    char text[sizeof diag->message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    int error = sqz_remarks_add(&import->remarks, code, file, 0, NULL, "%s", text);
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for remarks");
}

struct sqz_import_map *sqz_import_begin_map(struct sqz_import *import)
{
    struct sqz_import_map *map = sqz_rows_add(&import->map);
    if (map != NULL)
        *map = (struct sqz_import_map){.time_s = NAN,
                                       .price_usd = NAN,
                                       .width_usd = NAN,
                                       .bin = {.size = sizeof(struct sqz_import_bin)}};
    return map;
}

/* No market holds more in one level, and no price is further from 1 (sim/io/levels.c has the same
 * bound): every sum stays finite. */
static const double AMOUNT_MAX_USD = 1e15;

static bool is_amount(double value)
{
    return value >= 0.0 && value <= AMOUNT_MAX_USD;
}

int sqz_import_bin(struct sqz_import *import, const struct sqz_import_bin *bin, const char *file,
                   long line, struct sqz_diag *diag)
{
    struct sqz_import_map *map = import->map.item;
    if (!is_amount(bin->price_usd))
        return sqz_fail_at(diag, SQZ_ERR_DATA, file, line, NULL,
                           "a level at a price of %.12g; expected above 0 and up to 1e15",
                           bin->price_usd);
    if (!is_amount(bin->notional_usd))
        return sqz_fail_at(diag, SQZ_ERR_DATA, file, line, NULL,
                           "%.12g usd at the price %.12g; expected 0 to 1e15", bin->notional_usd,
                           bin->price_usd);
    struct sqz_import_bin *added = sqz_rows_add(&map[import->map.count - 1].bin);
    if (added == NULL)
        return sqz_import_no_memory(diag);
    *added = *bin;
    import->zeros += bin->notional_usd == 0.0;
    return SQZ_OK;
}

void sqz_import_drop(struct sqz_import *import, enum sqz_import_drop why, double usd)
{
    import->dropped[why].count++;
    import->dropped[why].usd += isfinite(usd) ? usd : 0.0;
}

/* Times of markets: from 1970 to 3000, which every time of the program can be printed from. */
static const double TIME_MAX_S = 32503680000.0;

bool sqz_import_time(const char *text, double *time_s)
{
    char whole[40];
    size_t length = strlen(text);
    const char *hour = strchr(text, 'T');
    bool alone = hour != NULL && (strcmp(hour + 3, "Z") == 0) && length + 3 < sizeof whole;
    if (alone) {
        snprintf(whole, sizeof whole, "%.*s:00Z", (int)(length - 1), text);
        text = whole;
    }
    return sqz_clock_parse(text, time_s) && *time_s >= 0.0 && *time_s < TIME_MAX_S;
}

bool sqz_import_json_time(const json_t *value, double *time_s)
{
    char text[40];
    if (json_is_string(value))
        return sqz_import_time(json_string_value(value), time_s);
    snprintf(text, sizeof text, "%.3f", json_number_value(value));
    return json_is_number(value) && sqz_import_time(text, time_s);
}

enum { DATE_DIGITS = 8, MINUTE_DIGITS = 4, SECOND_DIGITS = 6 };

double sqz_import_name_time(const char *file)
{
    static const char DIGITS[] = "0123456789";
    const char *slash = strrchr(file, '/'), *at = slash != NULL ? slash + 1 : file;
    double time_s;
    for (size_t length; *at != '\0'; at += length > 0 ? length : 1) {
        length = strspn(at, DIGITS);
        if (length != DATE_DIGITS || at[length] != 'T')
            continue;
        const char *day = at, *hour = at + DATE_DIGITS + 1;
        size_t digits = strspn(hour, DIGITS);
        char text[32];
        if (digits != MINUTE_DIGITS && digits != SECOND_DIGITS)
            continue;
        snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", day, day + 4, day + 6, hour,
                 hour + 2, digits == SECOND_DIGITS ? hour + 4 : "00");
        if (sqz_import_time(text, &time_s))
            return time_s;
    }
    return NAN;
}

const char *sqz_import_string(const json_t *value)
{
    return json_is_string(value) ? json_string_value(value) : "";
}
