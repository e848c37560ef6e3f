#include "sim/cli/sweep_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/text.h"

enum { CELL_WIDTH = 19, LABEL_SIZE = 128 };

/* ---- columns ------------------------------------------------------------------------------- */

struct column {
    const char *title;
    size_t estimate;
    const char *(*format)(char *text, double value);
};

static const struct column COLUMNS[] = {
    {"P(target)", SQZ_POINT_TARGET, sqz_text_share},
    {"minus base", SQZ_POINT_DIFFERENCE + SQZ_CONTRAST_TARGET, sqz_text_share},
    {"P(floor)", SQZ_POINT_FLOOR, sqz_text_share},
    {"minus base", SQZ_POINT_DIFFERENCE + SQZ_CONTRAST_FLOOR, sqz_text_share},
    {"forced usd, mean", SQZ_POINT_FORCED, sqz_text_money},
    {"minus base", SQZ_POINT_DIFFERENCE + SQZ_CONTRAST_FORCED, sqz_text_money},
};
enum { N_COLUMNS = sizeof COLUMNS / sizeof COLUMNS[0] };

static bool has_anything(const struct sqz_sweep *sweep, const struct column *column)
{
    for (size_t i = 0; i < sweep->done; i++)
        if (!isnan(sweep->point[i].estimate[column->estimate].value))
            return true;
    return false;
}

static void print_estimate(const struct sqz_estimate *estimate,
                           const char *(*format)(char *, double))
{
    char value[SQZ_TEXT_SIZE], half[SQZ_TEXT_SIZE], cell[2 * SQZ_TEXT_SIZE + 8] = "-";
    if (!isnan(estimate->value))
        snprintf(cell, sizeof cell, "%s +- %s", format(value, estimate->value),
                 format(half, (estimate->hi - estimate->lo) / 2));
    printf(" %*s", CELL_WIDTH, cell);
}

/* ---- labels -------------------------------------------------------------------------------- */

/* A value of a grid in a few digits, money as elsewhere; a tornado's words as they are. */
static void make_label(const struct sqz_sweep *sweep, size_t index, size_t l, char text[LABEL_SIZE])
{
    const char *label = sweep->point[index].label[l];
    char money[SQZ_TEXT_SIZE];
    if (sweep->n_axes == 0 || label[0] == '\0')
        snprintf(text, LABEL_SIZE, "%s", label);
    else if (strncmp(sweep->axis[l].unit, "usd", 3) == 0)
        snprintf(text, LABEL_SIZE, "%s", sqz_text_money(money, strtod(label, NULL)));
    else
        snprintf(text, LABEL_SIZE, "%.6g", strtod(label, NULL));
    if (sweep->n_axes > 0 && index == 0 && l == 0)
        strcat(text, " *");
    if (sqz_sweep_is_refined(sweep, index))
        strcat(text, " +");
}

static void make_title(const struct sqz_sweep *sweep, size_t l, char text[LABEL_SIZE])
{
    bool unit = sweep->n_axes > 0 && strcmp(sweep->axis[l].unit, "1") != 0;
    snprintf(text, LABEL_SIZE, "%s%s%s", sweep->label_name[l], unit ? " " : "",
             unit ? sweep->axis[l].unit : "");
}

/* Of the longest label; numbers stand to the right, words to the left, which is less than 0. */
static int label_width(const struct sqz_sweep *sweep, size_t l)
{
    char text[LABEL_SIZE];
    make_title(sweep, l, text);
    size_t width = strlen(text);
    for (size_t i = 0; i < sweep->done; i++) {
        make_label(sweep, i, l, text);
        if (strlen(text) > width)
            width = strlen(text);
    }
    return sweep->n_axes > 0 ? (int)width : -(int)width;
}

/* ---- the table ----------------------------------------------------------------------------- */

static void print_head(const struct sqz_sweep *sweep)
{
    char title[LABEL_SIZE];
    for (size_t l = 0; l < sweep->n_labels; l++) {
        make_title(sweep, l, title);
        printf("  %*s", label_width(sweep, l), title);
    }
    for (size_t c = 0; c < N_COLUMNS; c++)
        if (has_anything(sweep, &COLUMNS[c]))
            printf(" %*s", CELL_WIDTH, COLUMNS[c].title);
    putchar('\n');
}

static void print_points(const struct sqz_sweep *sweep)
{
    int width[SQZ_SWEEP_LABELS];
    bool filled[N_COLUMNS];
    for (size_t l = 0; l < sweep->n_labels; l++)
        width[l] = label_width(sweep, l);
    for (size_t c = 0; c < N_COLUMNS; c++)
        filled[c] = has_anything(sweep, &COLUMNS[c]);
    for (size_t i = 0; i < sweep->done; i++) {
        const struct sqz_point *point = &sweep->point[i];
        char label[LABEL_SIZE];
        for (size_t l = 0; l < sweep->n_labels; l++) {
            make_label(sweep, i, l, label);
            printf("  %*s", width[l], label);
        }
        for (size_t c = 0; c < N_COLUMNS; c++)
            if (filled[c])
                print_estimate(&point->estimate[COLUMNS[c].estimate], COLUMNS[c].format);
        putchar('\n');
    }
}

static void print_end(const struct sqz_sweep *sweep, size_t index, const char *end,
                      const char *source)
{
    const struct sqz_point *point = &sweep->point[index];
    printf("    %-5s", end);
    for (size_t s = 0; s < point->n_settings; s++)
        printf(strchr(point->setting[s], ' ') != NULL ? " --set '%s'" : " --set %s",
               point->setting[s]);
    if (point->n_settings == 0)
        printf(" as it is: the scenario has no such key");
    else if (point->is_base)
        printf(": as the scenario is");
    else if (point->left_out != NULL)
        printf("\n          left out: %s", point->left_out);
    else if (point->paths > 0 && sqz_point_unchanged(point))
        printf(": as the base on every path");
    printf("\n          %s\n", source);
}

/* What the ends of a tornado stand for. */
static void print_conditions(const struct sqz_sweep *sweep)
{
    if (sweep->n_conditions > 0)
        printf("\n  The ends are those of a %s:\n", sweep->market);
    for (size_t c = 0; c < sweep->n_conditions; c++) {
        const struct sqz_sweep_condition *condition = &sweep->condition[c];
        printf("\n  %s: %s\n", condition->name, condition->about);
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
        puts("  + added by --refine where the answer changes most; the base does not pool their "
             "paths");
    if (run > 1)
        printf("  Each row draws its own paths and walks the base on them too. The base pools all "
               "%zu rows' paths; a row is\n  corrected for how the base strays from that on its "
               "paths, and is the base plus its \"minus base\".\n",
               run);
    if (is_base > 0)
        puts(
            "  A row whose settings are the scenario's own is the base, and differs by exactly 0.");
    puts("  +-: half of the 95 % interval");
    if (sqz_sweep_remark(sweep, remark)[0] != '\0')
        printf("  Note: %s.\n", remark);
    if (sqz_sweep_market_remark(sweep, remark)[0] != '\0')
        printf("  Note: %s.\n", remark);
}

void sqz_sweep_print(const struct sqz_sweep *sweep)
{
    const struct sqz_scenario_params *params = &sweep->base->params;
    char start[SQZ_TEXT_SIZE], horizon[SQZ_TEXT_SIZE], target[SQZ_TEXT_SIZE], floor[SQZ_TEXT_SIZE];
    printf("%s: start %s usd, target %s, floor %s, horizon %s, %" PRIu64
           " paths a point, seed %" PRIu64 "\n\n",
           sqz_scenario_label(sweep->base), sqz_text_price(start, params->price_usd),
           sqz_text_price(target, params->target_usd), sqz_text_price(floor, params->floor_usd),
           sqz_text_duration(horizon, params->horizon_s), sweep->paths, sweep->seed);
    print_head(sweep);
    print_points(sweep);
    print_notes(sweep);
    print_conditions(sweep);
}
