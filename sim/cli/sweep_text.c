/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/sweep_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/interval.h"
#include "sim/cli/layout.h"
#include "sim/cli/sentence.h"
#include "sim/cli/sweep_labels.h"
#include "sim/cli/text.h"
#include "sim/io/known_depth.h"

enum { CELL_WIDTH = 18, LABEL_SIZE = SQZ_SWEEP_LABEL_SIZE };

/* ---- columns ------------------------------------------------------------------------------- */

struct column {
    const char *title;
    size_t estimate;
    enum sqz_quantity quantity;
    double least, most;
};

static const struct column COLUMNS[] = {
    {"P(target)", SQZ_POINT_TARGET, SQZ_QUANTITY_SHARE, 0, 1},
    {"minus base", SQZ_POINT_DIFFERENCE + SQZ_CONTRAST_TARGET, SQZ_QUANTITY_CHANGE, -1, 1},
    {"P(floor)", SQZ_POINT_FLOOR, SQZ_QUANTITY_SHARE, 0, 1},
    {"minus base", SQZ_POINT_DIFFERENCE + SQZ_CONTRAST_FLOOR, SQZ_QUANTITY_CHANGE, -1, 1},
    {"forced usd, mean", SQZ_POINT_FORCED, SQZ_QUANTITY_MONEY, 0, INFINITY},
    {"minus base", SQZ_POINT_DIFFERENCE + SQZ_CONTRAST_FORCED, SQZ_QUANTITY_MONEY, -INFINITY,
     INFINITY},
    {"beyond known", SQZ_POINT_ESTIMATES, SQZ_QUANTITY_SHARE, 0, 1}, /* a count, no estimate */
};
enum { N_COLUMNS = sizeof COLUMNS / sizeof COLUMNS[0], FLOOR_COLUMN = 2, BEYOND_COLUMN = 6 };

/* What a point says of a column. */
static struct sqz_estimate estimate_of(const struct sqz_point *point, const struct column *column)
{
    if (column != &COLUMNS[BEYOND_COLUMN])
        return point->estimate[column->estimate];
    return sqz_estimate_share(point->beyond_known, point->paths);
}

static bool has_anything(const struct sqz_sweep *sweep, const struct column *column)
{
    for (size_t i = 0; i < sweep->done; i++) {
        struct sqz_estimate estimate = estimate_of(&sweep->point[i], column);
        if (column == &COLUMNS[BEYOND_COLUMN] ? estimate.value > 0 : !isnan(estimate.value))
            return true;
    }
    return false;
}

static bool varies(const struct sqz_sweep *sweep, const char *key)
{
    for (size_t a = 0; a < sweep->n_axes; a++)
        if (strcmp(sweep->axis[a].key, key) == 0)
            return true;
    return false;
}

/* ---- the table ----------------------------------------------------------------------------- */

/* A column of the table that has something to say, and how wide it is. */
struct shown {
    const struct column *column;
    int width;
};

static const char *text_cell(const struct sqz_point *point, const struct column *column,
                             char cell[SQZ_INTERVAL_CELL])
{
    struct sqz_estimate estimate = estimate_of(point, column);
    return sqz_interval_cell(cell, &estimate, column->quantity, column->least, column->most);
}

static struct shown show(const struct sqz_sweep *sweep, const struct column *column)
{
    struct shown shown = {column, CELL_WIDTH};
    char cell[SQZ_INTERVAL_CELL];
    for (size_t i = 0; i < sweep->done; i++) {
        int own = sqz_layout_width(text_cell(&sweep->point[i], column, cell));
        shown.width = own > shown.width ? own : shown.width;
    }
    return shown;
}

static void print_head(const struct sqz_sweep *sweep, const struct sqz_sweep_labels *labels,
                       const struct shown *shown, size_t count)
{
    char title[LABEL_SIZE];
    for (size_t l = 0; l < sweep->n_labels; l++) {
        sqz_sweep_label_title(sweep, l, title);
        printf("  %*s", labels->width[l], title);
    }
    for (size_t c = 0; c < count; c++)
        printf(" %*s", shown[c].width, shown[c].column->title);
    putchar('\n');
}

static void print_points(const struct sqz_sweep *sweep, const struct sqz_sweep_labels *labels,
                         const struct shown *shown, size_t count)
{
    char label[LABEL_SIZE], cell[SQZ_INTERVAL_CELL];
    for (size_t i = 0; i < sweep->done; i++) {
        for (size_t l = 0; l < sweep->n_labels; l++) {
            sqz_sweep_label(sweep, labels, i, l, label);
            printf("  %*s", labels->width[l], label);
        }
        for (size_t c = 0; c < count; c++)
            printf(" %*s", shown[c].width, text_cell(&sweep->point[i], shown[c].column, cell));
        putchar('\n');
    }
}

/* How many of `count` columns stand beside the labels on one line, at least one; a quantity and its
 * difference stand together where there is room for both. */
static size_t columns_that_fit(const struct sqz_sweep *sweep, const struct sqz_sweep_labels *labels,
                               const struct shown *shown, size_t count)
{
    int room = SQZ_COLUMNS;
    size_t fit = 0;
    for (size_t l = 0; l < sweep->n_labels; l++)
        room -= 2 + abs(labels->width[l]);
    while (fit < count && (room -= 1 + shown[fit].width) >= 0)
        fit++;
    return fit < 2 ? 1 : fit - fit % 2;
}

/* As many tables beneath each other as the columns need. */
static void print_tables(const struct sqz_sweep *sweep)
{
    struct sqz_sweep_labels labels;
    struct shown shown[N_COLUMNS];
    size_t filled = 0;
    sqz_sweep_labels_measure(sweep, &labels);
    for (size_t c = 0; c < N_COLUMNS; c++)
        if (has_anything(sweep, &COLUMNS[c]))
            shown[filled++] = show(sweep, &COLUMNS[c]);
    for (size_t c = 0, count; c < filled; c += count) {
        count = columns_that_fit(sweep, &labels, shown + c, filled - c);
        if (c > 0)
            putchar('\n');
        print_head(sweep, &labels, shown + c, count);
        print_points(sweep, &labels, shown + c, count);
    }
}

/* What an end changes, for a command line. */
static void write_settings(const struct sqz_point *point, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t s = 0; s < point->n_settings; s++) {
        char setting[LABEL_SIZE];
        bool quoted = strchr(point->setting[s], ' ') != NULL;
        snprintf(setting, sizeof setting, "--set %s%.100s%s", quoted ? "'" : "", point->setting[s],
                 quoted ? "'" : "");
        used += (size_t)snprintf(text + used, size - used, "%s%s", s > 0 ? " " : "",
                                 sqz_layout_glue(setting));
    }
}

static const char *state_of_end(const struct sqz_point *point)
{
    if (point->n_settings == 0)
        return "as it is: the scenario has no such key";
    if (point->is_base)
        return ": as the scenario is";
    bool unchanged = point->paths > 0 && sqz_point_unchanged(point);
    return point->left_out == NULL && unchanged ? ": as the base on every path" : "";
}

static void print_end(const struct sqz_sweep *sweep, size_t index, const char *end,
                      const char *source)
{
    const struct sqz_point *point = &sweep->point[index];
    char text[LABEL_SIZE * (SQZ_SWEEP_SETTINGS_MAX + 1)];
    write_settings(point, text, sizeof text - LABEL_SIZE);
    strcat(text, state_of_end(point));
    sqz_layout_paragraph(stdout, printf("    %-5s ", end), 10, 0, text);
    if (point->left_out != NULL)
        sqz_layout_print(stdout, 10, 0, "left out: %s", point->left_out);
    sqz_layout_print(stdout, 10, 0, "%s", source);
}

/* What the ends of a tornado stand for. */
static void print_conditions(const struct sqz_sweep *sweep)
{
    if (sweep->n_conditions > 0)
        printf("\n  The ends are those of a %s:\n", sweep->market);
    for (size_t c = 0; c < sweep->n_conditions; c++) {
        const struct sqz_sweep_condition *condition = &sweep->condition[c];
        putchar('\n');
        sqz_layout_print(stdout, 2, 2, "%s: %s", condition->name, condition->about);
        print_end(sweep, 2 * c + 1, "low", condition->source[0]);
        print_end(sweep, 2 * c + 2, "high", condition->source[1]);
    }
}

const char *sqz_sweep_market_remark(const struct sqz_sweep *sweep, char text[SQZ_SWEEP_REMARK])
{
    text[0] = '\0';
    if (sweep->other_symbol != NULL)
        snprintf(
            text, SQZ_SWEEP_REMARK,
            "the ends are those of a %s, and the scenario's symbol is %.64s; ends of your own: "
            "--vary KEY=LO:HI:N, one key at a time",
            sweep->market, sweep->other_symbol);
    return text;
}

const char *sqz_sweep_remark(const struct sqz_sweep *sweep, char text[SQZ_SWEEP_REMARK])
{
    size_t run = 0;
    text[0] = '\0';
    if (varies(sweep, "target") || varies(sweep, "floor"))
        return text; /* a watched price changes no path: it is the question */
    for (size_t i = 1; i < sweep->done; i++) {
        if (!sqz_point_was_run(sweep, i))
            continue;
        if (!sqz_point_unchanged(&sweep->point[i]))
            return text;
        run++;
    }
    if (run == 0)
        return text;
    if (sweep->n_axes == 0)
        snprintf(text, SQZ_SWEEP_REMARK, "no condition changes anything on any path");
    else
        snprintf(text, SQZ_SWEEP_REMARK,
                 "%s%s%s changes nothing on any path: this scenario does not use %s (or not "
                 "within this range)",
                 sweep->axis[0].key, sweep->n_axes > 1 ? " with " : "",
                 sweep->n_axes > 1 ? sweep->axis[1].key : "", sweep->n_axes > 1 ? "them" : "it");
    return text;
}

/* What the last column counts. */
static void print_known(const struct sqz_sweep *sweep)
{
    char text[SQZ_KNOWN_TEXT_SIZE];
    if (!has_anything(sweep, &COLUMNS[BEYOND_COLUMN]))
        return;
    bool one = !varies(sweep, "book.known");
    sqz_layout_print(stdout, 2, 2,
                     "beyond known: paths of the row on which orders carry the price beyond the "
                     "known depth%s%s%s; how far it goes from there is extrapolated",
                     one ? " (" : "", one ? sqz_known_text(text, &sweep->base->book) : "",
                     one ? ")" : "");
}

/* How the columns go together. */
static void print_notes(const struct sqz_sweep *sweep)
{
    char remark[SQZ_SWEEP_REMARK];
    size_t run = 0, is_base = 0;
    for (size_t i = 0; i < sweep->done; i++) {
        run += sqz_point_was_run(sweep, i) && !sqz_sweep_is_refined(sweep, i);
        is_base += sweep->point[i].is_base;
    }
    putchar('\n');
    if (sweep->n_axes > 0)
        puts("  * the base: the scenario as it is");
    if (sweep->refine > 0)
        sqz_layout_print(stdout, 2, 2,
                         "+ added by --refine where the answer changes most; the base does not "
                         "pool their paths");
    if (run > 1)
        sqz_layout_print(stdout, 2, 0,
                         "Each row draws its own paths and walks the base on them too. The base "
                         "pools all %zu rows' paths; a row is corrected for how the base strays "
                         "from that on its paths, and is the base plus its \"minus base\".",
                         run);
    if (is_base > 0)
        sqz_layout_print(stdout, 2, 0,
                         "A row whose settings are the scenario's own is the base, and differs by "
                         "exactly 0.");
    puts("  +-: half of the 95 % interval; pp: percentage points");
    print_known(sweep);
    if (sqz_sweep_remark(sweep, remark)[0] != '\0')
        sqz_layout_print(stdout, 2, 0, "Note: %s.", remark);
    if (sqz_sweep_market_remark(sweep, remark)[0] != '\0')
        sqz_layout_print(stdout, 2, 0, "Note: %s.", remark);
}

/* ---- sentences ----------------------------------------------------------------------------- */

/* What is asked: of the floor if that alone is varied, else the first column with anything in it;
 * and its difference. */
static const struct column *asked(const struct sqz_sweep *sweep)
{
    bool of_floor = varies(sweep, "floor") && !varies(sweep, "target");
    for (size_t c = of_floor ? FLOOR_COLUMN : 0; c < BEYOND_COLUMN; c += 2)
        if (has_anything(sweep, &COLUMNS[c]))
            return &COLUMNS[c];
    return &COLUMNS[0];
}

/* What is asked, in words: "P(target 100,000)". */
static void name_question(const struct sqz_sweep *sweep, const struct column *column, char *text,
                          size_t size)
{
    const struct sqz_scenario_params *params = &sweep->base->params;
    char price[SQZ_TEXT_SIZE];
    double usd = column->estimate == SQZ_POINT_TARGET ? params->target_usd : params->floor_usd;
    const char *name = column->estimate == SQZ_POINT_TARGET ? "target" : "floor";
    if (column->estimate == SQZ_POINT_FORCED)
        snprintf(text, size, "The mean forced notional");
    else if (varies(sweep, name) || isnan(usd)) /* what is varied has no one price */
        snprintf(text, size, "P(%s)", name);
    else
        snprintf(text, size, "P(%s %s)", name, sqz_text_price(price, usd));
}

/* "liquidity low, 100 M usd" or "book.depth 100 M usd with levels.scale 0.1" */
static void name_point(const struct sqz_sweep *sweep, size_t index, char *text, size_t size)
{
    const struct sqz_point *point = &sweep->point[index];
    char value[LABEL_SIZE];
    if (sweep->n_axes == 0) {
        snprintf(text, size, "%s %s, %s", point->label[0], point->label[1], point->label[2]);
        return;
    }
    size_t used = 0;
    for (size_t a = 0; a < sweep->n_axes && used < size; a++) {
        const char *unit = sweep->axis[a].unit;
        sqz_sweep_label_value(sweep, a, point->label[a], value);
        used += (size_t)snprintf(text + used, size - used, "%s%s %s%s%s", a > 0 ? " with " : "",
                                 sweep->axis[a].key, value, strcmp(unit, "1") != 0 ? " " : "",
                                 strcmp(unit, "1") != 0 ? unit : "");
    }
}

/* The points with the least and the most of it, and whether any differs from the base beyond
 * chance. */
struct extremes {
    size_t least, most;
    bool differs;
};

static struct extremes find_extremes(const struct sqz_sweep *sweep, const struct column *column)
{
    struct extremes found = {0, 0, false};
    for (size_t i = 1; i < sweep->done; i++) {
        const struct sqz_estimate *estimate = sweep->point[i].estimate;
        double value = estimate[column->estimate].value;
        if (isnan(value))
            continue;
        if (found.least == 0 || value < sweep->point[found.least].estimate[column->estimate].value)
            found.least = i;
        if (found.most == 0 || value > sweep->point[found.most].estimate[column->estimate].value)
            found.most = i;
        found.differs |= sqz_interval_is_sure(&estimate[column[1].estimate]);
    }
    return found;
}

static void say_answer(const struct sqz_sweep *sweep)
{
    const struct column *column = asked(sweep);
    struct extremes at = find_extremes(sweep, column);
    char question[LABEL_SIZE], low[2 * LABEL_SIZE], high[2 * LABEL_SIZE], base[SQZ_SENTENCE_SIZE];
    struct sqz_interval_text least, most;
    const struct sqz_estimate *of_base = &sweep->point[0].estimate[column->estimate];
    name_question(sweep, column, question, sizeof question);
    sqz_sentence_estimate(base, of_base, column->quantity);
    if (at.least == 0) {
        sqz_layout_print(stdout, 2, 0, "%s is %s as the scenario is; no other point has been run.",
                         question, base);
        return;
    }
    sqz_interval_text(&least, &sweep->point[at.least].estimate[column->estimate], column->quantity,
                      1);
    sqz_interval_text(&most, &sweep->point[at.most].estimate[column->estimate], column->quantity,
                      1);
    name_point(sweep, at.least, low, sizeof low);
    name_point(sweep, at.most, high, sizeof high);
    if (at.differs && !isnan(of_base->value))
        sqz_layout_print(
            stdout, 2, 0, "%s runs from %s (%s) to %s (%s); as the scenario is it is %s.", question,
            sqz_layout_glue(least.value), low, sqz_layout_glue(most.value), high, base);
    else if (isnan(of_base->value))
        sqz_layout_print(stdout, 2, 0, "%s runs from %s (%s) to %s (%s).", question,
                         sqz_layout_glue(least.value), low, sqz_layout_glue(most.value), high);
    else
        sqz_layout_print(stdout, 2, 0,
                         "No difference seen: as the scenario is %s is %s, and no point differs "
                         "from that by more than chance may.",
                         question, base);
}

void sqz_sweep_print(const struct sqz_sweep *sweep)
{
    const struct sqz_scenario_params *params = &sweep->base->params;
    char start[SQZ_TEXT_SIZE], horizon[SQZ_TEXT_SIZE], target[SQZ_TEXT_SIZE], floor[SQZ_TEXT_SIZE];
    sqz_layout_print(stdout, 0, 2,
                     "%s: start %s usd, target %s, floor %s, horizon %s, %" PRIu64
                     " paths a point, seed %" PRIu64,
                     sqz_scenario_label(sweep->base), sqz_text_price(start, params->price_usd),
                     sqz_text_price(target, params->target_usd),
                     sqz_text_price(floor, params->floor_usd),
                     sqz_text_duration(horizon, params->horizon_s), sweep->paths, sweep->seed);
    putchar('\n');
    say_answer(sweep);
    puts("  What the liquidations add at a point: squeeze batch with its --set.\n");
    print_tables(sweep);
    print_notes(sweep);
    print_conditions(sweep);
}
