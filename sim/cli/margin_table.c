#include "sim/cli/margin_table.h"

#include <math.h>
#include <string.h>

#include "sim/cli/layout.h"
#include "sim/cli/text.h"

/* ---- outline ------------------------------------------------------------------------------- */

/* From the mark, where it is known. */
static double distance_percent(const struct sqz_margin_row *row)
{
    return isnan(row->mark_usd) ? row->distance_percent : row->distance_from_mark_percent;
}

void sqz_margin_outline(const struct sqz_margin_result *result, struct sqz_margin_outline *outline)
{
    *outline = (struct sqz_margin_outline){.nearest_percent = INFINITY};
    for (size_t i = 0; i < result->rows; i++) {
        const struct sqz_margin_row *row = &result->row[i];
        double distance = distance_percent(row);
        if (isnan(row->entry_usd))
            continue;
        outline->unreachable += isnan(distance);
        outline->past += distance < 0.0;
        if (!(distance >= 0.0 && distance < outline->nearest_percent))
            continue;
        outline->nearest_percent = distance;
        outline->nearest = i;
        outline->nearest_marked = !isnan(row->mark_usd);
    }
}

/* ---- columns ------------------------------------------------------------------------------- */

enum column {
    ROW,
    ACCOUNT,
    SYMBOL,
    SIDE,
    SIZE,
    ENTRY,
    MARK,
    LIQUIDATION,
    AWAY,
    BANKRUPTCY,
    MAINTENANCE,
    TIER,
    COLUMNS
};

static const struct {
    const char *head;
    bool words; /* set to the left */
} COLUMN[COLUMNS] = {
    [ROW] = {"row", false},
    [ACCOUNT] = {"account", true},
    [SYMBOL] = {"symbol", true},
    [SIDE] = {"side", true},
    [SIZE] = {"size", false},
    [ENTRY] = {"entry", false},
    [MARK] = {"mark", false},
    [LIQUIDATION] = {"liquidation", false},
    [AWAY] = {"away", false},
    [BANKRUPTCY] = {"bankruptcy", false},
    [MAINTENANCE] = {"maint.", false},
    [TIER] = {"tier", false},
};

/* What goes first where there is not room for all: what the user's file says anyhow. */
static const enum column SPARE[] = {ACCOUNT, SIZE, BANKRUPTCY, MAINTENANCE, ENTRY, SYMBOL};

enum { GAP = 2, NARROW_GAP = 1, CELL_SIZE = 128 };

struct layout {
    const struct sqz_margin_result *result;
    const struct sqz_positions *positions;
    int width[COLUMNS]; /* 0: not shown */
    int gap;
};

static const char *text_size(char *text, double quantity)
{
    snprintf(text, SQZ_TEXT_SIZE, quantity < 1e7 ? "%.7g" : "%.3g", quantity);
    return text;
}

/* A price that may not exist. */
static const char *text_reached(char *text, double usd)
{
    return isnan(usd) ? "none" : sqz_text_cents(text, usd);
}

static void write_cell(const struct layout *layout, const struct sqz_margin_row *row,
                       enum column column, char cell[CELL_SIZE])
{
    const struct sqz_positions *positions = layout->positions;
    char text[SQZ_TEXT_SIZE] = "";
    const char *what = text;
    switch (column) {
    case ROW:
        snprintf(text, sizeof text, "%zu", (size_t)(row - layout->result->row) + 1);
        break;
    case ACCOUNT:
        what = sqz_names_text(&positions->accounts, row->account);
        break;
    case SYMBOL:
        what = sqz_names_text(&positions->symbols, row->symbol);
        break;
    case SIDE:
        what = sqz_side_name(row->side);
        break;
    case SIZE:
        what = text_size(text, row->quantity);
        break;
    case ENTRY:
        what = sqz_text_cents(text, row->entry_usd);
        break;
    case MARK:
        what = sqz_text_cents(text, row->mark_usd);
        break;
    case LIQUIDATION:
        what = text_reached(text, row->liquidation_usd);
        break;
    case AWAY:
        what = sqz_text_share(text, distance_percent(row) / 100.0);
        break;
    case BANKRUPTCY:
        what = text_reached(text, row->bankruptcy_usd);
        break;
    case MAINTENANCE:
        what = sqz_text_money(text, row->maintenance_usd);
        break;
    case TIER:
        snprintf(text, sizeof text, isnan(row->tier) ? "-" : "%.0f", row->tier);
        break;
    case COLUMNS:
        break;
    }
    sqz_layout_harmless(cell, CELL_SIZE, what);
}

/* ---- layout -------------------------------------------------------------------------------- */

/* Columns that are empty in every row are not shown. */
static bool has_column(const struct layout *layout, enum column column)
{
    bool has = column != ACCOUNT && column != SYMBOL && column != MARK && column != TIER;
    for (size_t i = 0; !has && i < layout->result->rows; i++) {
        const struct sqz_margin_row *row = &layout->result->row[i];
        if (!isnan(row->entry_usd))
            has = column == ACCOUNT  ? row->account > 0
                  : column == SYMBOL ? row->symbol > 0
                  : column == MARK   ? !isnan(row->mark_usd)
                                     : !isnan(row->tier);
    }
    return has;
}

static int total_width(const struct layout *layout)
{
    int total = -layout->gap;
    for (int c = 0; c < COLUMNS; c++)
        if (layout->width[c] > 0)
            total += layout->width[c] + layout->gap;
    return total;
}

static void measure(struct layout *layout)
{
    for (int c = 0; c < COLUMNS; c++) {
        layout->width[c] = has_column(layout, c) ? (int)sqz_layout_width(COLUMN[c].head) : 0;
        for (size_t i = 0; layout->width[c] > 0 && i < layout->result->rows; i++) {
            char cell[CELL_SIZE];
            if (isnan(layout->result->row[i].entry_usd))
                continue;
            write_cell(layout, &layout->result->row[i], c, cell);
            int width = sqz_layout_width(cell);
            layout->width[c] = width > layout->width[c] ? width : layout->width[c];
        }
    }
}

/* Make it fit: narrower gaps first, then fewer columns. `left_out` has room for all their names. */
static void fit(struct layout *layout, char *left_out, size_t size)
{
    size_t used = 0;
    layout->gap = GAP;
    left_out[0] = '\0';
    if (total_width(layout) > SQZ_COLUMNS)
        layout->gap = NARROW_GAP;
    for (size_t s = 0; s < sizeof SPARE / sizeof SPARE[0]; s++) {
        enum column column = SPARE[s];
        if (total_width(layout) <= SQZ_COLUMNS)
            return;
        if (layout->width[column] == 0)
            continue;
        layout->width[column] = 0;
        used += (size_t)snprintf(left_out + used, size - used, "%s%s", used > 0 ? ", " : "",
                                 COLUMN[column].head);
    }
}

static void print_cell(FILE *out, const struct layout *layout, enum column column, const char *cell,
                       bool *first)
{
    if (layout->width[column] == 0)
        return;
    fprintf(out, "%*s", *first ? 0 : layout->gap, "");
    *first = false;
    if (COLUMN[column].words)
        sqz_layout_pad(out, cell, layout->width[column]);
    else
        sqz_layout_pad_left(out, cell, layout->width[column]);
}

static void print_rows(FILE *out, const struct layout *layout)
{
    bool first = true;
    for (int c = 0; c < COLUMNS; c++)
        print_cell(out, layout, c, COLUMN[c].head, &first);
    fputc('\n', out);
    for (size_t i = 0; i < layout->result->rows; i++) {
        const struct sqz_margin_row *row = &layout->result->row[i];
        first = true;
        if (isnan(row->entry_usd))
            continue;
        for (int c = 0; c < COLUMNS; c++) {
            char cell[CELL_SIZE];
            write_cell(layout, row, c, cell);
            print_cell(out, layout, c, cell, &first);
        }
        fputc('\n', out);
    }
}

/* ---- words --------------------------------------------------------------------------------- */

static void print_nearest(FILE *out, const struct layout *layout,
                          const struct sqz_margin_outline *outline)
{
    const struct sqz_margin_row *row = &layout->result->row[outline->nearest];
    char symbol[CELL_SIZE], price[SQZ_TEXT_SIZE], away[SQZ_TEXT_SIZE];
    if (outline->nearest_percent == INFINITY) {
        sqz_layout_print(out, 0, 0,
                         outline->past > 0 ? "No liquidation ahead." : "No price liquidates any.");
        return;
    }
    write_cell(layout, row, SYMBOL, symbol);
    sqz_text_share(away, outline->nearest_percent / 100.0);
    sqz_layout_print(out, 0, 0, "Nearest liquidation: row %zu, a %s%s%s, at %s, %s from its %s.",
                     outline->nearest + 1, sqz_side_name(row->side),
                     symbol[0] != '\0' ? " of " : "", symbol,
                     sqz_text_cents(price, row->liquidation_usd), sqz_layout_glue(away),
                     outline->nearest_marked ? "mark" : "entry");
}

const char *sqz_margin_counts(char text[SQZ_MARGIN_COUNTS], const struct sqz_margin_result *result,
                              const struct sqz_margin_outline *outline)
{
    char unreachable[64] = "", past[96] = "";
    if (outline->unreachable > 0)
        snprintf(unreachable, sizeof unreachable, "; no price liquidates %zu",
                 outline->unreachable);
    if (outline->past > 0)
        snprintf(past, sizeof past, "; %zu past %s liquidation price already", outline->past,
                 outline->past == 1 ? "its" : "their");
    snprintf(text, SQZ_MARGIN_COUNTS, "%zu position%s in %zu margin account%s%s%s", result->count,
             result->count == 1 ? "" : "s", result->accounts, result->accounts == 1 ? "" : "s",
             unreachable, past);
    return text;
}

static void print_sentence(FILE *out, const struct layout *layout)
{
    struct sqz_margin_outline outline;
    char counts[SQZ_MARGIN_COUNTS];
    sqz_margin_outline(layout->result, &outline);
    print_nearest(out, layout, &outline);
    sqz_layout_print(out, 0, 0, "%s.", sqz_margin_counts(counts, layout->result, &outline));
    fputc('\n', out);
}

static void print_notes(FILE *out, const struct layout *layout,
                        const struct sqz_margin_terms *terms, const char *left_out)
{
    bool marked = layout->width[MARK] > 0;
    fprintf(out,
            "\nPrices and maintenance are in usd.\naway: from the %s to the liquidation price\n",
            marked ? "mark, else from the entry," : "entry");
    if (layout->width[MAINTENANCE] > 0)
        fprintf(out, "maint.: maintenance margin there, or at the %s where no price liquidates\n",
                marked ? "mark" : "entry");
    if (terms->tables.count == 0)
        fprintf(out, "No margin tiers: maintenance is %.4g %% where a row has no mmr.\n",
                100.0 * terms->params.maintenance);
    if (left_out[0] != '\0')
        sqz_layout_print(out, 0, 0, "Left out to fit %d columns: %s.", SQZ_COLUMNS, left_out);
}

void sqz_margin_table(FILE *out, const struct sqz_margin_result *result,
                      const struct sqz_positions *positions, const struct sqz_margin_terms *terms)
{
    struct layout layout = {.result = result, .positions = positions};
    char left_out[CELL_SIZE];
    measure(&layout);
    fit(&layout, left_out, sizeof left_out);
    print_sentence(out, &layout);
    print_rows(out, &layout);
    print_notes(out, &layout, terms, left_out);
}
