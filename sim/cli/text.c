#include "sim/cli/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/clearing.h"
#include "sim/io/known_depth.h"

/* Put commas between thousands of the integer part. */
static void group_thousands(char *text, size_t size)
{
    char plain[SQZ_TEXT_SIZE];
    snprintf(plain, sizeof plain, "%s", text);
    size_t start = plain[0] == '-', digits = strspn(plain + start, "0123456789"), used = 0;
    for (size_t i = 0; plain[i] != '\0' && used + 2 < size; i++) {
        size_t left = start + digits - i;
        if (i > start && i < start + digits && left % 3 == 0)
            text[used++] = ',';
        text[used++] = plain[i];
    }
    text[used] = '\0';
}

const char *sqz_text_price(char *text, double usd)
{
    if (isnan(usd))
        return strcpy(text, "-");
    if (usd < 1) {
        snprintf(text, SQZ_TEXT_SIZE, "%.6g", usd);
        return text;
    }
    if (usd >= 1e15) {
        snprintf(text, SQZ_TEXT_SIZE, "%.3g", usd);
        return text;
    }
    snprintf(text, SQZ_TEXT_SIZE, "%.*f", usd >= 10000 ? 0 : 2, usd);
    group_thousands(text, SQZ_TEXT_SIZE);
    return text;
}

const char *sqz_text_cents(char *text, double usd)
{
    if (isnan(usd) || usd < 1 || usd >= 1e15)
        return sqz_text_price(text, usd);
    snprintf(text, SQZ_TEXT_SIZE, "%.*f", usd < 10 ? 4 : usd < 100 ? 3 : 2, usd);
    group_thousands(text, SQZ_TEXT_SIZE);
    return text;
}

const char *sqz_text_money(char *text, double usd)
{
    static const struct {
        double unit;
        const char *name;
    } UNITS[] = {{1e9, " bn"}, {1e6, " M"}, {1e3, " k"}, {1, ""}};
    if (isnan(usd))
        return strcpy(text, "-");
    if (fabs(usd) >= 1e15) {
        snprintf(text, SQZ_TEXT_SIZE, "%.3g", usd);
        return text;
    }
    size_t i = 0;
    while (i < 3 && fabs(usd) < 0.9995 * UNITS[i].unit)
        i++;
    double scaled = usd / UNITS[i].unit;
    int decimals = fabs(scaled) < 9.995 ? 2 : fabs(scaled) < 99.95 ? 1 : 0;
    snprintf(text, SQZ_TEXT_SIZE, "%.*f%s", usd == 0 ? 0 : decimals, scaled, UNITS[i].name);
    return text;
}

const char *sqz_text_share(char *text, double share)
{
    if (isnan(share))
        return strcpy(text, "-");
    double size = fabs(share);
    snprintf(text, SQZ_TEXT_SIZE, size > 0 && size < 1e-3 ? "%.2g %%" : "%.2f %%", 100 * share);
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

int sqz_text_width(const char *text)
{
    int width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80; /* bytes that continue a character */
    return width;
}

void sqz_text_pad(FILE *out, const char *text, int width)
{
    int blanks = width - sqz_text_width(text);
    fprintf(out, "%s%*s", text, blanks > 0 ? blanks : 0, "");
}

static const char *text_number(char *text, double value)
{
    if (isnan(value)) /* an interval of one path */
        return strcpy(text, "-");
    snprintf(text, SQZ_TEXT_SIZE, "%.4g", value);
    return text;
}

typedef const char *(*formatter)(char *text, double value);

enum { LABEL_WIDTH = 26 };

static void print_interval(FILE *out, const struct sqz_estimate *estimate, formatter format,
                           const char *unit)
{
    char value[SQZ_TEXT_SIZE], lo[SQZ_TEXT_SIZE], hi[SQZ_TEXT_SIZE];
    if (isnan(estimate->value)) { /* a ratio to nothing */
        fprintf(out, " %12s\n", "-");
        return;
    }
    fprintf(out, " %12s  [%s, %s]%s\n", format(value, estimate->value), format(lo, estimate->lo),
            format(hi, estimate->hi), unit);
}

static void print_estimate(FILE *out, const char *label, const struct sqz_estimate *estimate,
                           formatter format, const char *unit)
{
    fputs("  ", out);
    sqz_text_pad(out, label, LABEL_WIDTH);
    print_interval(out, estimate, format, unit);
}

static void print_quantiles(FILE *out, const char *label, const struct sqz_quantiles *quantiles,
                            formatter format, const char *unit)
{
    static const int SHOWN[] = {1, 2, 3, 4, 5}; /* 5, 25, 50, 75, 95 % */
    fprintf(out, "  %-26s", label);
    for (size_t i = 0; i < sizeof SHOWN / sizeof SHOWN[0]; i++) {
        char text[SQZ_TEXT_SIZE];
        fprintf(out, " %11s", format(text, quantiles->value[SHOWN[i]]));
    }
    fprintf(out, "%s\n", unit);
}

static void print_watch(FILE *out, const char *name, const struct sqz_watch_summary *watch,
                        bool attributed)
{
    char label[96], price[SQZ_TEXT_SIZE];
    if (isnan(watch->price_usd))
        return;
    snprintf(label, sizeof label, "P(touch %s %s)", name, sqz_text_price(price, watch->price_usd));
    print_estimate(out, label, &watch->probability, sqz_text_share, "");
    if (!attributed)
        return;
    print_estimate(out, "  without impact", &watch->without_impact, sqz_text_share, "");
    print_estimate(out, "  uplift by the cascade", &watch->uplift, sqz_text_share, "");
}

/* What the forced orders did themselves. */
static void print_attribution(FILE *out, const struct sqz_summary *summary)
{
    char depth[SQZ_TEXT_SIZE];
    if (!summary->attributed)
        return;
    print_estimate(out, "  direct, without impact", &summary->direct_usd, sqz_text_money, " usd");
    print_estimate(out, "  induced by impact", &summary->induced_usd, sqz_text_money, " usd");
    print_estimate(out, "  gain, total/direct", &summary->gain, text_number, "");
    snprintf(depth, sizeof depth, ", up to generation %u", summary->max_generations);
    print_estimate(out, "P(any cascade)", &summary->cascade_probability, sqz_text_share, depth);
    print_estimate(out, "endogenous share of move", &summary->endogenous_share, sqz_text_share, "");
}

static void print_times(FILE *out, const char *label, const struct sqz_watch_summary *watch)
{
    if (!isnan(watch->price_usd) && !isnan(watch->time_s.value[0]))
        print_quantiles(out, label, &watch->time_s, sqz_text_duration, "");
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

/* The same of one path: what is counted is told in full. */
static const char *text_number_of_path(char *text, double value)
{
    if (value != rint(value) || fabs(value) >= 1e15)
        return text_number(text, value);
    snprintf(text, SQZ_TEXT_SIZE, "%.0f", value);
    group_thousands(text, SQZ_TEXT_SIZE);
    return text;
}

/* How a measure is told: what it is called, how its values are written, with which unit behind. */
struct measure_words {
    char label[160], unit[32];
    formatter format;
};

static void word_measure(const struct sqz_driver *driver, const struct sqz_measure *measure,
                         formatter number, struct measure_words *words)
{
    bool money = strcmp(measure->unit, "usd") == 0, time = strcmp(measure->unit, "s") == 0;
    bool bare = strcmp(measure->unit, "1") == 0 || time; /* a duration brings its own unit */
    label_measure(driver, measure, words->label, sizeof words->label);
    snprintf(words->unit, sizeof words->unit, "%s%s", bare ? "" : " ", bare ? "" : measure->unit);
    words->format = money ? sqz_text_money : time ? sqz_text_duration : number;
}

/* The balance of an insurance fund that has no end is no number, and worth a row. */
static bool is_endless_fund(const struct sqz_world *world, const struct sqz_driver *driver,
                            const struct sqz_measure *measure)
{
    return driver->model == &sqz_clearing_measures && isinf(world->venue->fund) &&
           strcmp(measure->name, "fund") == 0;
}

static void print_endless_fund(FILE *out, const struct sqz_driver *driver,
                               const struct sqz_measure *measure)
{
    char label[160];
    label_measure(driver, measure, label, sizeof label);
    fprintf(out, "  %-*s %12s\n", LABEL_WIDTH, label, "no end");
}

/* What the drivers report of themselves, one line each. */
static void print_drivers(FILE *out, const struct sqz_summary *summary)
{
    const struct sqz_estimate *estimate = summary->measure;
    if (summary->world->n_measures > 0)
        fprintf(out, "\n  %-26s %12s  95 %% interval\n", "drivers, means over paths", "value");
    for (size_t d = 0; d < summary->world->n_drivers; d++) {
        const struct sqz_driver *driver = &summary->world->driver[d];
        for (size_t m = 0; m < driver->model->n_measures; m++, estimate++) {
            const struct sqz_measure *measure = &driver->model->measures[m];
            struct measure_words words;
            if (is_endless_fund(summary->world, driver, measure))
                print_endless_fund(out, driver, measure);
            if (measure->passing || isnan(estimate->value))
                continue;
            word_measure(driver, measure, text_number, &words);
            print_estimate(out, words.label, estimate, words.format, words.unit);
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
            struct measure_words words;
            if (driver->model != &sqz_clearing_measures || strcmp(measure->name, name) != 0)
                continue;
            word_measure(driver, measure, text_number, &words);
            print_interval(out, estimate, words.format, words.unit);
            return;
        }
    }
}

void sqz_text_measures(FILE *out, const struct sqz_world *world, const double *measure)
{
    char text[SQZ_TEXT_SIZE];
    for (size_t d = 0; d < world->n_drivers; d++) {
        const struct sqz_driver *driver = &world->driver[d];
        for (size_t m = 0; m < driver->model->n_measures; m++, measure++) {
            struct measure_words words;
            if (is_endless_fund(world, driver, &driver->model->measures[m]))
                print_endless_fund(out, driver, &driver->model->measures[m]);
            if (driver->model->measures[m].passing || isnan(*measure))
                continue;
            word_measure(driver, &driver->model->measures[m], text_number_of_path, &words);
            fprintf(out, "  %-26s %12s%s\n", words.label, words.format(text, *measure), words.unit);
        }
    }
}

static void print_remarks(FILE *out, const struct sqz_summary *summary)
{
    char text[SQZ_TEXT_SIZE], known[SQZ_KNOWN_TEXT_SIZE];
    if (summary->stopped[SQZ_STOP_MAX_EVENTS] > 0)
        fprintf(out, "  %" PRIu64 " paths were cut off by --max-events\n",
                summary->stopped[SQZ_STOP_MAX_EVENTS]);
    if (summary->beyond_known_paths > 0) {
        double share = (double)summary->beyond_known_paths / (double)summary->paths;
        fprintf(out, "  on %s of the paths the price left the known depth (%s)\n",
                sqz_text_share(text, share), sqz_known_text(known, summary->world->book));
    }
}

void sqz_text_summary(FILE *out, const struct sqz_summary *summary)
{
    char start[SQZ_TEXT_SIZE], horizon[SQZ_TEXT_SIZE], share[SQZ_TEXT_SIZE];
    fprintf(out, "%s: start %s usd, horizon %s, %" PRIu64 " paths, seed %" PRIu64 "\n\n",
            summary->scenario, sqz_text_price(start, summary->start_price_usd),
            sqz_text_duration(horizon, summary->horizon_s), summary->paths, summary->seed);
    fprintf(out, "  %-26s %12s  95 %% interval\n", "", "value");
    print_watch(out, "target", &summary->watch[SQZ_TARGET], summary->attributed);
    print_watch(out, "floor", &summary->watch[SQZ_FLOOR], summary->attributed);
    print_estimate(out, "forced notional, mean", &summary->forced_usd, sqz_text_money, " usd");
    print_estimate(out, "  shorts closed", &summary->forced_side_usd[SQZ_UP], sqz_text_money,
                   " usd");
    print_estimate(out, "  longs closed", &summary->forced_side_usd[SQZ_DOWN], sqz_text_money,
                   " usd");
    print_attribution(out, summary);
    fprintf(out, "  %-26s %12s\n", "paths with none forced",
            sqz_text_share(share, (double)summary->unforced_paths / (double)summary->paths));
    fprintf(out, "\n  %-26s %11s %11s %11s %11s %11s\n", "quantiles", "5 %", "25 %", "median",
            "75 %", "95 %");
    print_quantiles(out, "peak", &summary->peak_usd, sqz_text_price, "  usd");
    print_quantiles(out, "trough", &summary->trough_usd, sqz_text_price, "  usd");
    print_quantiles(out, "final price", &summary->final_usd, sqz_text_price, "  usd");
    print_quantiles(out, "forced notional", &summary->forced_quantiles_usd, sqz_text_money,
                    "  usd");
    print_times(out, "time to target, if touched", &summary->watch[SQZ_TARGET]);
    print_times(out, "time to floor, if touched", &summary->watch[SQZ_FLOOR]);
    print_drivers(out, summary);
    print_remarks(out, summary);
}
