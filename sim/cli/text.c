/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/interval.h"
#include "sim/cli/layout.h"
#include "sim/cli/sentence.h"
#include "sim/core/venue_measures.h"
#include "sim/io/known_depth.h"

/* Put commas between thousands of the integer part. */
static void group_thousands(char text[SQZ_TEXT_SIZE])
{
    char plain[SQZ_TEXT_SIZE];
    snprintf(plain, sizeof plain, "%s", text);
    size_t start = plain[0] == '-', digits = strspn(plain + start, "0123456789"), used = 0;
    for (size_t i = 0; plain[i] != '\0' && used + 2 < sizeof plain; i++) {
        size_t left = start + digits - i;
        if (i > start && i < start + digits && left % 3 == 0)
            text[used++] = ',';
        text[used++] = plain[i];
    }
    text[used] = '\0';
}

void sqz_text_tidy(char text[SQZ_TEXT_SIZE])
{
    if (text[0] == '-' && strpbrk(text, "123456789nN") == NULL)
        memmove(text, text + 1, strlen(text));
    group_thousands(text);
}

const char *sqz_text_price(char *text, double usd)
{
    if (isnan(usd))
        return strcpy(text, "-");
    if (usd >= 1e-15 && usd < 1) { /* at most ten characters, as wide as a column of a table */
        snprintf(text, SQZ_TEXT_SIZE, usd < 1e-3 ? "%.5g" : "%.6g", usd);
        return text;
    }
    if (usd < 1e-15 || usd >= 1e15) {
        snprintf(text, SQZ_TEXT_SIZE, "%.3g", usd);
        return text;
    }
    snprintf(text, SQZ_TEXT_SIZE, "%.*f", usd >= 10000 ? 0 : 2, usd);
    group_thousands(text);
    return text;
}

const char *sqz_text_cents(char *text, double usd)
{
    if (isnan(usd) || usd < 1 || usd >= 1e15)
        return sqz_text_price(text, usd);
    snprintf(text, SQZ_TEXT_SIZE, "%.*f", usd < 10 ? 4 : usd < 100 ? 3 : 2, usd);
    group_thousands(text);
    return text;
}

static const struct {
    double unit;
    const char *name;
} UNITS[] = {{1e9, " bn"}, {1e6, " M"}, {1e3, " k"}, {1, ""}};

/* The place of the largest unit of which there is one. */
static size_t unit_of(double usd)
{
    size_t i = 0;
    while (i < 3 && fabs(usd) < 0.9995 * UNITS[i].unit)
        i++;
    return i;
}

const char *sqz_text_money(char *text, double usd)
{
    if (isnan(usd))
        return strcpy(text, "-");
    if (fabs(usd) >= 1e15) {
        snprintf(text, SQZ_TEXT_SIZE, "%.3g", usd);
        return text;
    }
    size_t i = unit_of(usd);
    double scaled = usd / UNITS[i].unit;
    int decimals = fabs(scaled) < 9.995 ? 2 : fabs(scaled) < 99.95 ? 1 : 0;
    bool nothing = fabs(scaled) < 0.005; /* of which no digit would show */
    snprintf(text, SQZ_TEXT_SIZE, "%.*f%s", nothing ? 0 : decimals, scaled, UNITS[i].name);
    sqz_text_tidy(text);
    return text;
}

const char *sqz_text_amount(char *text, double usd, bool price, int digits)
{
    if (isnan(usd) || usd <= 0 || usd >= 1e15) {
        snprintf(text, SQZ_TEXT_SIZE, "%.*g", digits, usd);
        return text;
    }
    size_t i = price ? 3 : unit_of(usd);
    double scaled = usd / UNITS[i].unit;
    int decimals = digits - 1 - (int)floor(log10(scaled) + 1e-9);
    snprintf(text, SQZ_TEXT_SIZE, "%.*f%s", decimals > 0 ? decimals : 0, scaled, UNITS[i].name);
    sqz_text_tidy(text);
    return text;
}

const char *sqz_text_share(char *text, double share)
{
    if (isnan(share))
        return strcpy(text, "-");
    double size = fabs(share);
    snprintf(text, SQZ_TEXT_SIZE, size > 0 && size < 1e-3 ? "%.2g %%" : "%.2f %%", 100 * share);
    sqz_text_tidy(text);
    return text;
}

const char *sqz_text_duration(char *text, double seconds)
{
    if (isnan(seconds))
        return strcpy(text, "-");
    if (seconds < 120)
        snprintf(text, SQZ_TEXT_SIZE, "%.3g s", seconds);
    else if (seconds < 7200)
        snprintf(text, SQZ_TEXT_SIZE, "%.3g min", seconds / 60);
    else if (seconds < 3 * 86400)
        snprintf(text, SQZ_TEXT_SIZE, "%.3g h", seconds / 3600);
    else
        snprintf(text, SQZ_TEXT_SIZE, "%.3g d", seconds / 86400);
    return text;
}

const char *sqz_text_clock(char *text, double seconds, int decimals)
{
    if (isnan(seconds))
        return strcpy(text, "-");
    double ticks = rint(seconds * pow(10, decimals)), whole = floor(ticks / pow(10, decimals));
    double part = ticks - whole * pow(10, decimals);
    double days = floor(whole / 86400);
    int rest = (int)(whole - 86400 * days);
    int used = days > 0 ? snprintf(text, SQZ_TEXT_SIZE, "%.0f d ", days) : 0;
    used += snprintf(text + used, SQZ_TEXT_SIZE - (size_t)used, "%02d:%02d:%02d", rest / 3600,
                     rest / 60 % 60, rest % 60);
    if (decimals > 0)
        snprintf(text + used, SQZ_TEXT_SIZE - (size_t)used, ".%0*.0f", decimals, part);
    return text;
}

static const char *text_number(char *text, double value)
{
    if (isnan(value)) /* an interval of one path */
        return strcpy(text, "-");
    snprintf(text, SQZ_TEXT_SIZE, "%.4g", value);
    return text;
}

typedef const char *(*formatter)(char *text, double value);

enum { LABEL_WIDTH = 30, VALUE_WIDTH = 14, QUANTILE_LABEL_WIDTH = 21, QUANTILE_WIDTH = 10 };

/* A label, and a line of its own if it is too long for its column. */
static void print_label(FILE *out, const char *label)
{
    bool too_long = sqz_layout_width(label) > LABEL_WIDTH;
    fputs("  ", out);
    sqz_layout_pad(out, label, LABEL_WIDTH);
    if (too_long)
        fprintf(out, "\n%*s", LABEL_WIDTH + 2, "");
}

static void print_head(FILE *out, const char *title)
{
    fprintf(out, "  %-*s %*s  95 %% interval\n", LABEL_WIDTH, title, VALUE_WIDTH, "value");
}

static void print_interval(FILE *out, const struct sqz_estimate *estimate,
                           enum sqz_quantity quantity, const char *after)
{
    struct sqz_interval_text text;
    sqz_interval_text(&text, estimate, quantity, 2);
    fputc(' ', out);
    sqz_layout_pad_left(out, text.value, VALUE_WIDTH);
    fprintf(out, "%s%s%s\n", text.interval[0] != '\0' ? "  " : "", text.interval, after);
}

static void print_estimate(FILE *out, const char *label, const struct sqz_estimate *estimate,
                           enum sqz_quantity quantity, const char *after)
{
    print_label(out, label);
    print_interval(out, estimate, quantity, after);
}

static void print_quantiles(FILE *out, const char *label, const struct sqz_quantiles *quantiles,
                            formatter format)
{
    static const int SHOWN[] = {1, 2, 3, 4, 5}; /* 5, 25, 50, 75, 95 % */
    fprintf(out, "  %-*s", QUANTILE_LABEL_WIDTH, label);
    for (size_t i = 0; i < sizeof SHOWN / sizeof SHOWN[0]; i++) {
        char text[SQZ_TEXT_SIZE];
        fprintf(out, " %*s", QUANTILE_WIDTH, format(text, quantiles->value[SHOWN[i]]));
    }
    fputc('\n', out);
}

static void print_watch(FILE *out, const char *name, const struct sqz_watch_summary *watch,
                        bool attributed)
{
    char label[96], price[SQZ_TEXT_SIZE];
    if (isnan(watch->price_usd))
        return;
    snprintf(label, sizeof label, "P(touch %s %s)", name, sqz_text_price(price, watch->price_usd));
    print_estimate(out, label, &watch->probability, SQZ_QUANTITY_SHARE, "");
    if (!attributed)
        return;
    print_estimate(out, "  without liquidations", &watch->without_impact, SQZ_QUANTITY_SHARE, "");
    print_estimate(out, "  uplift by liquidations", &watch->uplift, SQZ_QUANTITY_CHANGE, "");
}

/* What the forced orders did themselves. */
static void print_attribution(FILE *out, const struct sqz_summary *summary)
{
    char depth[SQZ_TEXT_SIZE];
    if (!summary->attributed)
        return;
    print_estimate(out, "  direct, without impact", &summary->direct_usd, SQZ_QUANTITY_MONEY, "");
    print_estimate(out, "  induced by impact", &summary->induced_usd, SQZ_QUANTITY_MONEY, "");
    print_estimate(out, "  gain, total/direct", &summary->gain, SQZ_QUANTITY_NUMBER, "");
    snprintf(depth, sizeof depth, ", up to generation %u", summary->max_generations);
    print_estimate(out, "P(secondary liquidation)", &summary->cascade_probability,
                   SQZ_QUANTITY_SHARE, summary->max_generations > 0 ? depth : "");
    print_estimate(out, "endogenous share of move", &summary->endogenous_share, SQZ_QUANTITY_SHARE,
                   "");
}

static void print_times(FILE *out, const char *label, const struct sqz_watch_summary *watch)
{
    if (!isnan(watch->price_usd) && !isnan(watch->time_s.value[0]))
        print_quantiles(out, label, &watch->time_s, sqz_text_duration);
}

/* What a numbered measure is the measure of: a driver whose state is a word numbers these words
 * from 1, and share_2 is that of the second. NULL for other measures. */
static const char *numbered_word(const struct sqz_driver *driver, const struct sqz_measure *measure)
{
    const struct sqz_driver_model *model = driver->model;
    size_t digits = strcspn(measure->name, "0123456789");
    unsigned long number = strtoul(measure->name + digits, NULL, 10);
    const char *word = NULL;
    if (model->word == NULL || number == 0)
        return NULL;
    for (size_t m = 0; word == NULL && m < model->n_measures; m++)
        word = model->word(driver->shared, m, (double)number);
    return word;
}

/* "regimes.share_2 (fear)" */
static void label_measure(const struct sqz_driver *driver, const struct sqz_measure *measure,
                          char *label, size_t size)
{
    const char *word = numbered_word(driver, measure);
    snprintf(label, size, "%s.%s%s%s%s", driver->model->name, measure->name,
             word != NULL ? " (" : "", word != NULL ? word : "", word != NULL ? ")" : "");
}

/* A number of one path: what is counted is given in full. */
static const char *text_number_of_path(char *text, double value)
{
    if (value != rint(value) || fabs(value) >= 1e15)
        return text_number(text, value);
    snprintf(text, SQZ_TEXT_SIZE, "%.0f", value);
    group_thousands(text);
    return text;
}

/* What a measure is an amount of, and the unit that stands behind where that does not say it. */
static enum sqz_quantity quantity_of(const struct sqz_measure *measure, const char **unit)
{
    *unit = "";
    if (strcmp(measure->unit, "usd") == 0)
        return SQZ_QUANTITY_MONEY;
    if (strcmp(measure->unit, "s") == 0)
        return SQZ_QUANTITY_TIME;
    if (strcmp(measure->unit, "1") != 0)
        *unit = measure->unit;
    return SQZ_QUANTITY_NUMBER;
}

/* "  [3, 5] 1/s" */
static void print_measure(FILE *out, const struct sqz_measure *measure,
                          const struct sqz_estimate *estimate)
{
    char after[40];
    const char *unit;
    enum sqz_quantity quantity = quantity_of(measure, &unit);
    snprintf(after, sizeof after, "%s%.32s", unit[0] != '\0' ? " " : "", unit);
    print_interval(out, estimate, quantity, after);
}

/* The balance of an insurance fund without limit is no number, and worth a row. */
static bool is_endless_fund(const struct sqz_world *world, const struct sqz_driver *driver,
                            const struct sqz_measure *measure)
{
    return driver->model == &sqz_venue_measures && isinf(world->venue->fund) &&
           strcmp(measure->name, "fund") == 0;
}

static void print_endless_fund(FILE *out, const struct sqz_driver *driver,
                               const struct sqz_measure *measure)
{
    char label[160];
    label_measure(driver, measure, label, sizeof label);
    print_label(out, label);
    fprintf(out, " %*s\n", VALUE_WIDTH, "unlimited");
}

/* What the drivers report of themselves, one line each. */
static void print_drivers(FILE *out, const struct sqz_summary *summary)
{
    const struct sqz_estimate *estimate = summary->measure;
    if (summary->world->n_measures > 0) {
        fputc('\n', out);
        print_head(out, "drivers, means over paths");
    }
    for (size_t d = 0; d < summary->world->n_drivers; d++) {
        const struct sqz_driver *driver = &summary->world->driver[d];
        for (size_t m = 0; m < driver->model->n_measures; m++, estimate++) {
            const struct sqz_measure *measure = &driver->model->measures[m];
            char label[160];
            if (is_endless_fund(summary->world, driver, measure))
                print_endless_fund(out, driver, measure);
            if (measure->passing || isnan(estimate->value))
                continue;
            label_measure(driver, measure, label, sizeof label);
            print_label(out, label);
            print_measure(out, measure, estimate);
        }
    }
}

void sqz_text_venue_measure(FILE *out, const struct sqz_summary *summary, const char *name)
{
    const struct sqz_world *world = summary->world;
    const struct sqz_estimate *estimate = summary->measure;
    for (size_t d = 0; d < world->n_drivers; d++) {
        const struct sqz_driver *driver = &world->driver[d];
        for (size_t m = 0; m < driver->model->n_measures; m++, estimate++) {
            const struct sqz_measure *measure = &driver->model->measures[m];
            if (driver->model != &sqz_venue_measures || strcmp(measure->name, name) != 0)
                continue;
            print_measure(out, measure, estimate);
            return;
        }
    }
}

/* A measure of one path: money and times as everywhere, numbers with their unit. */
static void print_value(FILE *out, const struct sqz_measure *measure, double value)
{
    char number[SQZ_TEXT_SIZE], text[2 * SQZ_TEXT_SIZE];
    const char *unit;
    enum sqz_quantity quantity = quantity_of(measure, &unit);
    if (quantity == SQZ_QUANTITY_MONEY)
        snprintf(text, sizeof text, "%s usd", sqz_text_money(number, value));
    else if (quantity == SQZ_QUANTITY_TIME)
        snprintf(text, sizeof text, "%s", sqz_text_duration(number, value));
    else
        snprintf(text, sizeof text, "%s%s%s", text_number_of_path(number, value),
                 unit[0] != '\0' ? " " : "", unit);
    fprintf(out, " %*s\n", VALUE_WIDTH, text);
}

void sqz_text_measures(FILE *out, const struct sqz_world *world, const double *measure)
{
    char label[160];
    for (size_t d = 0; d < world->n_drivers; d++) {
        const struct sqz_driver *driver = &world->driver[d];
        for (size_t m = 0; m < driver->model->n_measures; m++, measure++) {
            if (is_endless_fund(world, driver, &driver->model->measures[m]))
                print_endless_fund(out, driver, &driver->model->measures[m]);
            if (driver->model->measures[m].passing || isnan(*measure))
                continue;
            label_measure(driver, &driver->model->measures[m], label, sizeof label);
            print_label(out, label);
            print_value(out, &driver->model->measures[m], *measure);
        }
    }
}

static void print_remarks(FILE *out, const struct sqz_summary *summary)
{
    char text[SQZ_TEXT_SIZE], known[SQZ_KNOWN_TEXT_SIZE];
    if (summary->stopped[SQZ_STOP_MAX_EVENTS] > 0)
        fprintf(out, "  %" PRIu64 " path%s cut off by --max-events\n",
                summary->stopped[SQZ_STOP_MAX_EVENTS],
                summary->stopped[SQZ_STOP_MAX_EVENTS] == 1 ? " was" : "s were");
    if (summary->beyond_known_paths > 0) {
        double share = (double)summary->beyond_known_paths / (double)summary->paths;
        sqz_layout_print(out, 2, 2, "on %s of the paths the price left the known depth (%s)",
                         sqz_text_share(text, share),
                         sqz_known_text(known, summary->world->market.book));
    }
}

static void print_means(FILE *out, const struct sqz_summary *summary)
{
    char share[SQZ_TEXT_SIZE];
    print_head(out, "");
    print_watch(out, "target", &summary->watch[SQZ_TARGET], summary->attributed);
    print_watch(out, "floor", &summary->watch[SQZ_FLOOR], summary->attributed);
    print_estimate(out, "forced notional, mean", &summary->forced_usd, SQZ_QUANTITY_MONEY, "");
    print_estimate(out, "  shorts closed", &summary->forced_side_usd[SQZ_UP], SQZ_QUANTITY_MONEY,
                   "");
    print_estimate(out, "  longs closed", &summary->forced_side_usd[SQZ_DOWN], SQZ_QUANTITY_MONEY,
                   "");
    print_attribution(out, summary);
    print_label(out, "paths with none forced");
    fprintf(out, " %*s\n", VALUE_WIDTH,
            sqz_text_share(share, (double)summary->unforced_paths / (double)summary->paths));
}

static void print_distributions(FILE *out, const struct sqz_summary *summary)
{
    static const char *const TITLE[] = {"5 %", "25 %", "median", "75 %", "95 %"};
    fprintf(out, "\n  %-*s", QUANTILE_LABEL_WIDTH, "quantiles");
    for (size_t i = 0; i < sizeof TITLE / sizeof TITLE[0]; i++)
        fprintf(out, " %*s", QUANTILE_WIDTH, TITLE[i]);
    fputc('\n', out);
    print_quantiles(out, "peak, usd", &summary->peak_usd, sqz_text_price);
    print_quantiles(out, "trough, usd", &summary->trough_usd, sqz_text_price);
    print_quantiles(out, "final price, usd", &summary->final_usd, sqz_text_price);
    print_quantiles(out, "forced notional, usd", &summary->forced_quantiles_usd, sqz_text_money);
    print_times(out, "target touched after", &summary->watch[SQZ_TARGET]);
    print_times(out, "floor touched after", &summary->watch[SQZ_FLOOR]);
}

void sqz_text_summary(FILE *out, const struct sqz_summary *summary)
{
    char start[SQZ_TEXT_SIZE], horizon[SQZ_TEXT_SIZE];
    sqz_layout_print(out, 0, 2, "%s: start %s usd, horizon %s, %" PRIu64 " path%s, seed %" PRIu64,
                     summary->scenario, sqz_text_price(start, summary->start_price_usd),
                     sqz_text_duration(horizon, summary->horizon_s), summary->paths,
                     summary->paths == 1 ? "" : "s", summary->seed);
    fputc('\n', out);
    sqz_sentence_summary(out, summary);
    fputc('\n', out);
    print_means(out, summary);
    print_distributions(out, summary);
    print_drivers(out, summary);
    print_remarks(out, summary);
}
