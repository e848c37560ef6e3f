/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/market_data.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/side.h"
#include "sim/io/cells.h"
#include "sim/io/clock.h"

/* What a column of a wide file holds. */
struct depth_column {
    enum { OTHER, TIME, QUOTE, BAND, REACH } kind;
    int side;    /* SQZ_UP: asks, SQZ_DOWN: bids */
    size_t band; /* its place among the bands */
    struct sqz_csv_column cell;
};

enum { LONG_SIDE, LONG_DISTANCE, LONG_USD, LONG_COLUMNS, COLUMNS_MAX = 256 };

struct depth_reader {
    struct sqz_depth_record *depth;
    size_t capacity, width;
    bool wide;
    struct depth_column column[COLUMNS_MAX];
    struct sqz_csv_column narrow[LONG_COLUMNS];
};

void sqz_depth_free(struct sqz_depth_record *depth)
{
    free(depth->shot);
    memset(depth, 0, sizeof *depth);
}

static struct sqz_depth_shot *next_shot(struct depth_reader *reader, struct sqz_diag *diag)
{
    struct sqz_depth_record *depth = reader->depth;
    if (depth->count == reader->capacity) {
        size_t capacity = 2 * reader->capacity + 64;
        struct sqz_depth_shot *bigger = realloc(depth->shot, capacity * sizeof *bigger);
        if (bigger == NULL) {
            sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for more than %zu rows", depth->count);
            return NULL;
        }
        depth->shot = bigger;
        reader->capacity = capacity;
    }
    struct sqz_depth_shot *shot = &depth->shot[depth->count++];
    *shot = (struct sqz_depth_shot){
        .time_s = NAN, .bid_usd = NAN, .ask_usd = NAN, .reach_bp = {INFINITY, INFINITY}};
    for (int side = 0; side < 2; side++)
        for (int b = 0; b < SQZ_BANDS_MAX; b++)
            shot->cumulative_usd[side][b] = NAN;
    return shot;
}

/* The place of a distance among the bands, which stay in order; those above it move up. */
static int find_band(struct sqz_depth_record *depth, double distance_bp, size_t *place,
                     const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    size_t at = 0;
    while (at < depth->bands && depth->band_bp[at] < distance_bp)
        at++;
    *place = at;
    if (at < depth->bands && depth->band_bp[at] == distance_bp)
        return SQZ_OK;
    if (depth->bands == SQZ_BANDS_MAX)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, NULL, "more than %d distances",
                           SQZ_BANDS_MAX);
    memmove(depth->band_bp + at + 1, depth->band_bp + at,
            (depth->bands - at) * sizeof *depth->band_bp);
    depth->band_bp[at] = distance_bp;
    depth->bands++;
    for (size_t i = 0; i < depth->count; i++)
        for (int side = 0; side < 2; side++) {
            double *usd = depth->shot[i].cumulative_usd[side];
            memmove(usd + at + 1, usd + at, (depth->bands - 1 - at) * sizeof *usd);
            usd[at] = NAN;
        }
    return SQZ_OK;
}

/* ---- one snapshot --------------------------------------------------------------------------- */

static int read_long(struct depth_reader *reader, const struct sqz_csv_row *row,
                     struct sqz_diag *diag)
{
    static const char *const SIDES[] = {"ask", "bid", NULL};
    static const struct sqz_cell_limits POSITIVE = {
        .lo = 0, .hi = INFINITY, .above_lo = true, .wrong = "is not above 0"};
    struct sqz_depth_record *depth = reader->depth;
    double distance, usd;
    size_t side, place;
    int error = sqz_cell_word(row, &reader->narrow[LONG_SIDE], SIDES, &side, diag);
    if (error == SQZ_OK)
        error = sqz_cell_within(row, &reader->narrow[LONG_DISTANCE], &POSITIVE, &distance, diag);
    if (error == SQZ_OK)
        error = sqz_cell_within(row, &reader->narrow[LONG_USD], &POSITIVE, &usd, diag);
    if (error == SQZ_OK && depth->count == 0 && next_shot(reader, diag) == NULL)
        error = SQZ_ERR_NOMEM;
    if (error == SQZ_OK)
        error = find_band(depth, distance, &place, row, diag);
    if (error == SQZ_OK)
        depth->shot[0].cumulative_usd[side == 0 ? SQZ_UP : SQZ_DOWN][place] = usd;
    return error;
}

/* ---- wide columns --------------------------------------------------------------------------- */

/* bid_10bp_usd: the side and the distance. */
static bool parse_band(const char *name, int *side, double *distance_bp)
{
    char word[4], end[8];
    if (sscanf(name, "%3[a-z]_%lfbp_%7s", word, distance_bp, end) != 3 || strcmp(end, "usd") != 0 ||
        (strcmp(word, "bid") != 0 && strcmp(word, "ask") != 0))
        return false;
    *side = word[0] == 'a' ? SQZ_UP : SQZ_DOWN;
    return *distance_bp > 0;
}

static int match_column(struct depth_reader *reader, const struct sqz_csv_row *row, size_t index,
                        struct sqz_diag *diag)
{
    static const struct sqz_csv_column CLOCK = {
        .name = "time", .aliases = "time_utc datetime_utc timestamp time_ms timestamp_ms"};
    struct depth_column *column = &reader->column[index];
    const char *name = row->field[index];
    double distance;
    *column = (struct depth_column){.kind = OTHER, .cell = {.name = "depth", .index = index}};
    if (sqz_csv_is_called(&CLOCK, name)) {
        column->kind = TIME;
        column->cell.name = CLOCK.name;
    } else if (strcmp(name, "bid") == 0 || strcmp(name, "ask") == 0) {
        column->kind = QUOTE;
        column->side = name[0] == 'a' ? SQZ_UP : SQZ_DOWN;
    } else if (strcmp(name, "book_reach_bid_bp") == 0 || strcmp(name, "book_reach_ask_bp") == 0) {
        column->kind = REACH;
        column->side = name[strlen("book_reach_")] == 'a' ? SQZ_UP : SQZ_DOWN;
    } else if (parse_band(name, &column->side, &distance)) {
        column->kind = BAND;
        return find_band(reader->depth, distance, &column->band, row, diag);
    }
    return SQZ_OK;
}

static int match_wide(struct depth_reader *reader, const struct sqz_csv_row *row,
                      struct sqz_diag *diag)
{
    int error = row->count <= COLUMNS_MAX
                    ? SQZ_OK
                    : sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, NULL,
                                  "has more than %d columns", COLUMNS_MAX);
    for (size_t i = 0; error == SQZ_OK && i < row->count; i++)
        error = match_column(reader, row, i, diag);
    /* A band that came later has moved those behind it. */
    for (size_t i = 0; error == SQZ_OK && i < row->count; i++)
        if (reader->column[i].kind == BAND)
            error = match_column(reader, row, i, diag);
    if (error == SQZ_OK && reader->depth->bands == 0)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, NULL,
                            "has no columns of depth; expected side,distance_bp,cumulative_usd, or "
                            "time,bid,ask,bid_10bp_usd,ask_10bp_usd,...");
    return error;
}

static int read_wide(struct depth_reader *reader, const struct sqz_csv_row *row,
                     struct sqz_diag *diag)
{
    struct sqz_depth_shot *shot = next_shot(reader, diag);
    int error = shot != NULL ? sqz_csv_check_width(row, reader->width, diag) : SQZ_ERR_NOMEM;
    for (size_t i = 0; error == SQZ_OK && i < reader->width; i++) {
        const struct depth_column *column = &reader->column[i];
        double value = NAN;
        if (column->kind == OTHER || sqz_cell_is_empty(row, &column->cell))
            continue;
        if (column->kind != TIME)
            error = sqz_cell_number(row, &column->cell, &value, diag);
        else if (!sqz_clock_parse(sqz_csv_field(row, &column->cell), &shot->time_s))
            error = sqz_cell_fail(row, &column->cell, "is not a time", diag);
        if (column->kind == QUOTE)
            *(column->side == SQZ_UP ? &shot->ask_usd : &shot->bid_usd) = value;
        else if (column->kind == REACH)
            shot->reach_bp[column->side] = value;
        else if (column->kind == BAND)
            shot->cumulative_usd[column->side][column->band] = value;
    }
    return error;
}

/* ---- the file ------------------------------------------------------------------------------- */

static int begin(struct depth_reader *reader, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    reader->width = row->count;
    for (size_t i = 0; i < row->count; i++)
        reader->wide = reader->wide || strncmp(row->field[i], "bid_", 4) == 0;
    return reader->wide ? match_wide(reader, row, diag)
                        : sqz_csv_match(row, reader->narrow, LONG_COLUMNS, diag);
}

static int on_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct depth_reader *reader = context;
    if (reader->width == 0)
        return begin(reader, row, diag);
    return reader->wide ? read_wide(reader, row, diag) : read_long(reader, row, diag);
}

int sqz_depth_read(struct sqz_depth_record *depth, const char *path, struct sqz_diag *diag)
{
    struct depth_reader *reader = calloc(1, sizeof *reader);
    memset(depth, 0, sizeof *depth);
    if (reader == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for depth");
    *reader = (struct depth_reader){
        .depth = depth,
        .narrow = {[LONG_SIDE] = {.name = "side", .required = true},
                   [LONG_DISTANCE] = {.name = "distance_bp", .required = true},
                   [LONG_USD] = {.name = "cumulative_usd", .required = true}}};
    int error = sqz_csv_read(path, on_row, reader, NULL, diag);
    free(reader);
    if (error == SQZ_OK && depth->count == 0)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL, "has no rows of depth");
    return error;
}
