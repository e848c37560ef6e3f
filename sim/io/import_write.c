/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/import_write.h"

#include <math.h>
#include <string.h>

#include "sim/io/clock.h"

/* A cell; an unknown number is an empty one. */
static void put(FILE *file, const char *before, double value)
{
    fputs(before, file);
    if (!isnan(value))
        fprintf(file, "%.17g", value);
}

/* Text of other people's, quoted where a comma or a quote is in it. */
static void put_text(FILE *file, const char *before, const char *text)
{
    fputs(before, file);
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, file);
        return;
    }
    putc('"', file);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putc('"', file);
        putc(*text == '\n' || *text == '\r' ? ' ' : *text, file);
    }
    putc('"', file);
}

static const char *side_word(enum sqz_side side)
{
    return side == SQZ_UP ? "short" : "long";
}

/* ---- levels ---------------------------------------------------------------------------------- */

void sqz_import_write_levels(FILE *file, const struct sqz_import_levels *levels)
{
    const struct sqz_import_level *level = levels->row.item;
    bool leverage = false;
    for (size_t i = 0; i < levels->row.count; i++)
        leverage = leverage || level[i].leverage > 0.0;
    fprintf(file, "side,price_usd,notional_usd%s\n", leverage ? ",leverage" : "");
    for (size_t i = 0; i < levels->row.count; i++) {
        fputs(side_word(level[i].side), file);
        put(file, ",", level[i].price_usd);
        put(file, ",", level[i].notional_usd);
        if (leverage)
            put(file, ",", level[i].leverage > 0.0 ? level[i].leverage : NAN);
        putc('\n', file);
    }
}

/* ---- columns that may be unknown ------------------------------------------------------------- */

/* A number of an item: its column, and where it is. */
struct field {
    const char *name;
    size_t offset;
};

static double field_of(const void *item, const struct field *field)
{
    return *(const double *)((const char *)item + field->offset);
}

static bool is_known(const struct sqz_rows *rows, const struct field *field)
{
    for (size_t i = 0; i < rows->count; i++)
        if (!isnan(field_of((const char *)rows->item + i * rows->size, field)))
            return true;
    return false;
}

enum { FIELDS_MOST = 8 };

/* Those of `field`, which a NULL ends, that are known of some item. */
static size_t known_fields(const struct sqz_rows *rows, const struct field *field,
                           struct field known[FIELDS_MOST])
{
    size_t count = 0;
    for (; field->name != NULL; field++)
        if (is_known(rows, field))
            known[count++] = *field;
    return count;
}

static void put_header(FILE *file, const char *always, const struct field *known, size_t count)
{
    fputs(always, file);
    for (size_t f = 0; f < count; f++)
        fprintf(file, ",%s", known[f].name);
    putc('\n', file);
}

static void put_fields(FILE *file, const void *item, const struct field *known, size_t count)
{
    for (size_t f = 0; f < count; f++)
        put(file, ",", field_of(item, &known[f]));
    putc('\n', file);
}

/* ---- positions, tiers, bars, depth ----------------------------------------------------------- */

static void write_positions(FILE *file, const struct sqz_import *import)
{
    static const struct field FIELDS[] = {
        {"margin_usd", offsetof(struct sqz_import_position, margin_usd)},
        {"mark_usd", offsetof(struct sqz_import_position, mark_usd)},
        {"equity_usd", offsetof(struct sqz_import_position, equity_usd)},
        {0}};
    const struct sqz_import_position *position = import->position.item;
    struct field known[FIELDS_MOST];
    size_t count = known_fields(&import->position, FIELDS, known);
    put_header(file, "side,entry_usd,quantity,leverage,margin_mode,account,symbol", known, count);
    for (size_t i = 0; i < import->position.count; i++) {
        fputs(side_word(position[i].side), file);
        put(file, ",", position[i].entry_usd);
        put(file, ",", position[i].quantity);
        put(file, ",", position[i].leverage);
        fputs(position[i].cross ? ",cross" : ",isolated", file);
        put_text(file, ",", position[i].account);
        put_text(file, ",", position[i].symbol);
        put_fields(file, &position[i], known, count);
    }
}

static void write_tiers(FILE *file, const struct sqz_import *import)
{
    static const struct field FIELDS[] = {
        {"max_leverage", offsetof(struct sqz_import_tier, max_leverage)},
        {"maint_amount", offsetof(struct sqz_import_tier, deduction)},
        {"tier", offsetof(struct sqz_import_tier, number)},
        {0}};
    const struct sqz_import_tier *tier = import->tier.item;
    struct field known[FIELDS_MOST];
    size_t count = known_fields(&import->tier, FIELDS, known);
    bool contracts = false;
    for (size_t i = 0; i < import->tier.count; i++)
        contracts = contracts || tier[i].contracts;
    put_header(file,
               contracts ? "symbol,notional_floor,notional_cap,mmr,unit"
                         : "symbol,notional_floor,notional_cap,mmr",
               known, count);
    for (size_t i = 0; i < import->tier.count; i++) {
        put_text(file, "", tier[i].symbol);
        put(file, ",", tier[i].floor);
        put(file, ",", isfinite(tier[i].cap) ? tier[i].cap : NAN);
        put(file, ",", tier[i].rate);
        if (contracts)
            fputs(tier[i].contracts ? ",contract" : ",usd", file);
        put_fields(file, &tier[i], known, count);
    }
}

static void write_bars(FILE *file, const struct sqz_import *import)
{
    static const struct field FIELDS[] = {
        {"volume_usd", offsetof(struct sqz_import_bar, volume_usd)},
        {"open_interest_usd", offsetof(struct sqz_import_bar, open_interest_usd)},
        {"taker_buy_usd", offsetof(struct sqz_import_bar, taker_buy_usd)},
        {"funding", offsetof(struct sqz_import_bar, funding)},
        {"liquidated_short_usd", offsetof(struct sqz_import_bar, liquidated_usd[SQZ_UP])},
        {"liquidated_long_usd", offsetof(struct sqz_import_bar, liquidated_usd[SQZ_DOWN])},
        {0}};
    const struct sqz_import_bar *bar = import->bar.item;
    struct field known[FIELDS_MOST];
    size_t count = known_fields(&import->bar, FIELDS, known);
    char time[SQZ_CLOCK_TEXT_SIZE];
    put_header(file, "time,open_usd,high_usd,low_usd,close_usd", known, count);
    for (size_t i = 0; i < import->bar.count; i++) {
        fputs(sqz_clock_format(time, bar[i].time_s), file);
        put(file, ",", bar[i].open_usd);
        put(file, ",", bar[i].high_usd);
        put(file, ",", bar[i].low_usd);
        put(file, ",", bar[i].close_usd);
        put_fields(file, &bar[i], known, count);
    }
}

static void write_depth(FILE *file, const struct sqz_import *import)
{
    const struct sqz_import_depth *depth = import->depth.item;
    fputs("side,distance_bp,cumulative_usd\n", file);
    for (size_t i = 0; i < import->depth.count; i++) {
        fputs(depth[i].side == SQZ_UP ? "ask" : "bid", file);
        put(file, ",", 1e4 * depth[i].distance_log);
        put(file, ",", depth[i].cumulative_usd);
        putc('\n', file);
    }
}

void sqz_import_write(FILE *file, const struct sqz_import *import)
{
    static void (*const WRITERS[])(FILE *, const struct sqz_import *) = {
        [SQZ_IMPORT_POSITIONS] = write_positions,
        [SQZ_IMPORT_TIERS] = write_tiers,
        [SQZ_IMPORT_BARS] = write_bars,
        [SQZ_IMPORT_DEPTH] = write_depth,
    };
    WRITERS[import->format->kind](file, import);
}
