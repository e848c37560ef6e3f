/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/compare_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/interval.h"
#include "sim/cli/layout.h"
#include "sim/cli/sentence.h"
#include "sim/cli/text.h"
#include "sim/io/known_depth.h"

enum { CHANCE_WIDTH = 23, AMOUNT_WIDTH = 12, LABEL_WIDTH = 30, VALUE_WIDTH = 14 };

static const char *const WATCH[SQZ_WATCHES] = {"target", "floor"};

/* The price that all scenarios watch; NAN if they differ or none is watched. */
static double common_watch(const struct sqz_comparison *comparison, int watch)
{
    double price = comparison->item[0].summary.watch[watch].price_usd;
    for (size_t i = 1; i < comparison->count; i++)
        if (comparison->item[i].summary.watch[watch].price_usd != price)
            return NAN;
    return price;
}

static bool is_watched(const struct sqz_comparison *comparison, int watch)
{
    bool watched = false;
    for (size_t i = 0; i < comparison->count; i++)
        watched |= !isnan(comparison->item[i].summary.watch[watch].price_usd);
    return watched;
}

/* ---- the scenarios ------------------------------------------------------------------------- */

/* Numbers stand for the names, which may be of any length. */
static void print_names(const struct sqz_comparison *comparison)
{
    for (size_t i = 0; i < comparison->count; i++)
        sqz_layout_print(stdout, 2, 3, "%zu  %s%s", i + 1, comparison->item[i].name,
                         i == 0 ? " (the base)" : "");
}

static void print_watch_title(const struct sqz_comparison *comparison, int watch)
{
    char title[SQZ_TEXT_SIZE + 16], price[SQZ_TEXT_SIZE];
    double common = common_watch(comparison, watch);
    snprintf(title, sizeof title, "P(%s%s%s)", WATCH[watch], isnan(common) ? "" : " ",
             isnan(common) ? "" : sqz_text_price(price, common));
    printf(" %*s", CHANCE_WIDTH, title);
}

static const char *text_chance(char cell[SQZ_INTERVAL_CELL], const struct sqz_watch_summary *watch)
{
    if (isnan(watch->price_usd))
        return strcpy(cell, "-");
    return sqz_interval_cell(cell, &watch->probability, SQZ_QUANTITY_SHARE, 0, 1);
}

static void print_scenario(const struct sqz_comparison *comparison, size_t index)
{
    const struct sqz_summary *summary = &comparison->item[index].summary;
    char price[SQZ_TEXT_SIZE], cell[SQZ_INTERVAL_CELL];
    struct sqz_interval_text forced;
    printf("  %-2zu", index + 1);
    for (int w = 0; w < SQZ_WATCHES; w++)
        if (is_watched(comparison, w))
            printf(" %*s", CHANCE_WIDTH, text_chance(cell, &summary->watch[w]));
    sqz_interval_text(&forced, &summary->forced_usd, SQZ_QUANTITY_MONEY, 2);
    *strstr(forced.value, " usd") = '\0';
    printf(" %*s %*s\n", AMOUNT_WIDTH, forced.value, AMOUNT_WIDTH,
           sqz_text_price(price, summary->final_usd.value[SQZ_QUANTILES / 2]));
}

static void print_scenarios(const struct sqz_comparison *comparison)
{
    printf("\n    ");
    for (int w = 0; w < SQZ_WATCHES; w++)
        if (is_watched(comparison, w))
            print_watch_title(comparison, w);
    printf(" %*s %*s\n", AMOUNT_WIDTH, "mean forced", AMOUNT_WIDTH, "median final");
    for (size_t i = 0; i < comparison->count; i++)
        print_scenario(comparison, i);
}

/* ---- venues -------------------------------------------------------------------------------- */

/* A measure of the venues, a line for each scenario that has one. */
static void print_venue_measure(const struct sqz_comparison *comparison, const char *label,
                                const char *measure)
{
    for (size_t i = 0; i < comparison->count; i++) {
        const struct sqz_compared *item = &comparison->item[i];
        if (item->summary.world->venue == NULL)
            continue;
        printf("  %-*s %-2zu", LABEL_WIDTH - 3, label, i + 1);
        label = "";
        sqz_text_venue_measure(stdout, &item->summary, measure);
    }
}

/* What the venues did, a measure after the other, so that scenarios stand beneath each other;
 * nothing where no scenario has open positions. */
static void print_venues(const struct sqz_comparison *comparison)
{
    static const struct {
        const char *measure, *label;
    } ROWS[] = {{"accounts_liquidated", "accounts liquidated"},
                {"equity_lost", "equity lost"},
                {"fund_drawn", "paid by the fund"},
                {"adl", "deleveraged (ADL)"},
                {"bad_debt", "bad debt"}};
    bool any = false;
    for (size_t i = 0; i < comparison->count; i++)
        any |= comparison->item[i].summary.world->venue != NULL;
    if (!any)
        return;
    printf("\n  %-*s %*s  95 %% interval\n", LABEL_WIDTH, "venues, means", VALUE_WIDTH, "value");
    for (size_t r = 0; r < sizeof ROWS / sizeof ROWS[0]; r++)
        print_venue_measure(comparison, ROWS[r].label, ROWS[r].measure);
}

/* ---- differences --------------------------------------------------------------------------- */

/* What a row of differences is called: with one price, with two where they differ. */
static void label_watch(const struct sqz_difference *difference, int watch, char *label,
                        size_t size)
{
    char own[SQZ_TEXT_SIZE], base[SQZ_TEXT_SIZE];
    double own_usd = difference->watch_usd[watch], base_usd = difference->base_watch_usd[watch];
    if (own_usd == base_usd || isnan(own_usd) || isnan(base_usd))
        snprintf(label, size, "P(%s %s)", WATCH[watch],
                 sqz_text_price(own, isnan(own_usd) ? base_usd : own_usd));
    else
        snprintf(label, size, "P(%s %s) - P(%s)", WATCH[watch], sqz_text_price(own, own_usd),
                 sqz_text_price(base, base_usd));
}

static const char *text_reduction(char *text, double reduction)
{
    if (isnan(reduction))
        return strcpy(text, "-");
    if (isinf(reduction))
        return strcpy(text, "none differs");
    snprintf(text, SQZ_TEXT_SIZE, "/ %.1f", reduction);
    return text;
}

static void print_label(const char *label)
{
    bool too_long = sqz_layout_width(label) > LABEL_WIDTH;
    fputs("  ", stdout);
    sqz_layout_pad(stdout, label, LABEL_WIDTH);
    if (too_long)
        printf("\n%*s", LABEL_WIDTH + 2, "");
}

static void print_contrast(const char *label, const struct sqz_difference *difference,
                           enum sqz_contrast contrast)
{
    static const enum sqz_quantity QUANTITY[SQZ_CONTRASTS] = {
        [SQZ_CONTRAST_TARGET] = SQZ_QUANTITY_CHANGE,
        [SQZ_CONTRAST_FLOOR] = SQZ_QUANTITY_CHANGE,
        [SQZ_CONTRAST_FORCED] = SQZ_QUANTITY_MONEY,
        [SQZ_CONTRAST_FINAL] = SQZ_QUANTITY_SHARE};
    struct sqz_interval_text text;
    char reduction[SQZ_TEXT_SIZE];
    sqz_interval_text(&text, &difference->value[contrast], QUANTITY[contrast], 2);
    print_label(label);
    printf(" %*s  %-18s %s\n", VALUE_WIDTH, text.value, text.interval,
           text_reduction(reduction, difference->variance_reduction[contrast]));
}

static void print_differences(const struct sqz_comparison *comparison, size_t index)
{
    const struct sqz_difference *difference = &comparison->item[index].difference;
    char label[128];
    printf("\n  %zu less 1\n", index + 1);
    for (int w = 0; w < SQZ_WATCHES; w++) {
        bool own = !isnan(difference->watch_usd[w]), base = !isnan(difference->base_watch_usd[w]);
        if (!own && !base)
            continue;
        label_watch(difference, w, label, sizeof label);
        if (own && base) {
            print_contrast(label, difference, w);
            continue;
        }
        print_label(label);
        printf(" %*s  only %zu has a %s\n", VALUE_WIDTH, "-", own ? index + 1 : 1, WATCH[w]);
    }
    print_contrast("forced notional, mean", difference, SQZ_CONTRAST_FORCED);
    print_contrast("log return, mean", difference, SQZ_CONTRAST_FINAL);
}

static void print_all_differences(const struct sqz_comparison *comparison)
{
    printf("\n  %-*s %*s  %-18s %s\n", LABEL_WIDTH, "differences, path by path", VALUE_WIDTH,
           "value", "95 % interval", "variance");
    for (size_t i = 1; i < comparison->count; i++)
        print_differences(comparison, i);
}

/* ---- what is asked ------------------------------------------------------------------------- */

static const char *text_horizons(const struct sqz_comparison *comparison, char *text, size_t size)
{
    char duration[SQZ_TEXT_SIZE];
    double horizon_s = comparison->item[0].summary.horizon_s;
    bool common = true;
    for (size_t i = 1; i < comparison->count; i++)
        common &= comparison->item[i].summary.horizon_s == horizon_s;
    if (common) {
        snprintf(text, size, "horizon %s", sqz_text_duration(duration, horizon_s));
        return text;
    }
    size_t used = (size_t)snprintf(text, size, "horizons");
    for (size_t i = 0; i < comparison->count && used < size; i++)
        used +=
            (size_t)snprintf(text + used, size - used, "%s %s", i > 0 ? "," : "",
                             sqz_text_duration(duration, comparison->item[i].summary.horizon_s));
    return text;
}

/* What is asked of the scenarios, as far as it is not the same of all: "target, horizon". "" if it
 * is. A price that one of two does not watch makes no difference, as there is none to be had. */
static const char *differing(const struct sqz_comparison *comparison, char text[SQZ_TEXT_SIZE])
{
    static const char *const NAME[SQZ_WATCHES + 1] = {"target", "floor", "horizon"};
    bool differs[SQZ_WATCHES + 1] = {false};
    for (size_t i = 1; i < comparison->count; i++) {
        const struct sqz_difference *difference = &comparison->item[i].difference;
        for (int w = 0; w < SQZ_WATCHES; w++) {
            double own = difference->watch_usd[w], base = difference->base_watch_usd[w];
            differs[w] |= !isnan(own) && !isnan(base) && own != base;
        }
        differs[SQZ_WATCHES] |=
            comparison->item[i].summary.horizon_s != comparison->item[0].summary.horizon_s;
    }
    text[0] = '\0';
    for (int k = 0; k <= SQZ_WATCHES; k++)
        if (differs[k])
            sprintf(text + strlen(text), "%s%s", text[0] != '\0' ? ", " : "", NAME[k]);
    return text;
}

static const char MIXTURE[] =
    "the scenarios differ in what is asked of them (%s): a difference mixes "
    "that with what else differs";

static void print_mixture(const struct sqz_comparison *comparison)
{
    char what[SQZ_TEXT_SIZE], text[sizeof MIXTURE + SQZ_TEXT_SIZE];
    snprintf(text, sizeof text, MIXTURE, differing(comparison, what));
    if (what[0] != '\0')
        sqz_layout_print(stdout, 2, 0, "%s", text);
}

void sqz_compare_remark(const struct sqz_comparison *comparison)
{
    char what[SQZ_TEXT_SIZE], text[sizeof MIXTURE + SQZ_TEXT_SIZE];
    snprintf(text, sizeof text, MIXTURE, differing(comparison, what));
    if (what[0] != '\0')
        fprintf(stderr, "squeeze: %s\n", text);
}

/* ---- sentences ----------------------------------------------------------------------------- */

/* The first price that both watch; -1: none. */
static int asked_of_both(const struct sqz_difference *difference)
{
    for (int w = 0; w < SQZ_WATCHES; w++)
        if (!isnan(difference->value[w].value))
            return w;
    return -1;
}

static void say_uplift(const struct sqz_comparison *comparison, size_t index, int watch)
{
    const struct sqz_summary *summary = &comparison->item[index].summary;
    const struct sqz_estimate *uplift = &summary->watch[watch].uplift;
    char change[SQZ_SENTENCE_SIZE];
    if (!summary->attributed || !summary->world->market.impact)
        return;
    if (sqz_interval_is_sure(uplift))
        sqz_layout_print(stdout, 2, 0, "In %zu the liquidations %s.", index + 1,
                         sqz_sentence_change(change, uplift, SQZ_QUANTITY_CHANGE));
    else
        sqz_layout_print(stdout, 2, 0, "In %zu no effect of the liquidations is seen: they add %s.",
                         index + 1, sqz_sentence_estimate(change, uplift, SQZ_QUANTITY_CHANGE));
}

/* "more" or "less" by a change whose sign is known, else that none is seen. */
static void say_difference(size_t index, const char *what, const struct sqz_estimate *own,
                           const struct sqz_estimate *base, const struct sqz_estimate *change,
                           enum sqz_quantity quantity)
{
    struct sqz_interval_text x, y;
    char text[SQZ_SENTENCE_SIZE];
    enum sqz_quantity level = quantity == SQZ_QUANTITY_CHANGE ? SQZ_QUANTITY_SHARE : quantity;
    struct sqz_estimate size = *change;
    if (change->value < 0)
        size = (struct sqz_estimate){-change->value, change->se, -change->hi, -change->lo};
    sqz_interval_text(&x, own, level, 1);
    sqz_interval_text(&y, base, level, 1);
    sqz_layout_glue(x.value);
    sqz_layout_glue(y.value);
    sqz_sentence_estimate(text, sqz_interval_is_sure(change) ? &size : change, quantity);
    if (sqz_interval_is_sure(change))
        sqz_layout_print(stdout, 2, 0, "%s: %s in 1, %s in %zu: %s %s.", what, y.value, x.value,
                         index + 1, text, change->value < 0 ? "less" : "more");
    else
        sqz_layout_print(stdout, 2, 0,
                         "%s: %s in 1, %s in %zu: no difference seen, %s on the same paths.", what,
                         y.value, x.value, index + 1, text);
}

static void say_scenario(const struct sqz_comparison *comparison, size_t index)
{
    const struct sqz_compared *item = &comparison->item[index], *base = &comparison->item[0];
    const struct sqz_difference *difference = &item->difference;
    int watch = asked_of_both(difference);
    char what[128];
    if (watch < 0) {
        say_difference(index, "Mean forced notional", &item->summary.forced_usd,
                       &base->summary.forced_usd, &difference->value[SQZ_CONTRAST_FORCED],
                       SQZ_QUANTITY_MONEY);
        return;
    }
    label_watch(difference, watch, what, sizeof what);
    say_difference(index, what, &item->summary.watch[watch].probability,
                   &base->summary.watch[watch].probability, &difference->value[watch],
                   SQZ_QUANTITY_CHANGE);
}

static void say_answer(const struct sqz_comparison *comparison)
{
    int watch = -1;
    for (size_t i = 1; i < comparison->count; i++) {
        int asked = asked_of_both(&comparison->item[i].difference);
        say_scenario(comparison, i);
        watch = watch < 0 ? asked : watch;
    }
    for (size_t i = 0; watch >= 0 && i < comparison->count; i++)
        if (!isnan(comparison->item[i].summary.watch[watch].price_usd))
            say_uplift(comparison, i, watch);
}

static void print_known(const struct sqz_comparison *comparison)
{
    char share[SQZ_TEXT_SIZE], known[SQZ_KNOWN_TEXT_SIZE];
    for (size_t i = 0; i < comparison->count; i++) {
        const struct sqz_summary *summary = &comparison->item[i].summary;
        if (summary->beyond_known_paths == 0)
            continue;
        double value = (double)summary->beyond_known_paths / (double)summary->paths;
        sqz_layout_print(
            stdout, 2, 2, "in %zu the price left the known depth (%s) on %s of the paths", i + 1,
            sqz_known_text(known, summary->world->market.book), sqz_text_share(share, value));
    }
}

void sqz_compare_print(const struct sqz_comparison *comparison)
{
    const struct sqz_summary *base = &comparison->item[0].summary;
    char start[SQZ_TEXT_SIZE], horizons[8 * SQZ_TEXT_SIZE];
    sqz_layout_print(stdout, 0, 2,
                     "%zu scenarios on the same %" PRIu64
                     " exogenous path%s: start %s usd, %s, seed %" PRIu64,
                     comparison->count, base->paths, base->paths == 1 ? "" : "s",
                     sqz_text_price(start, base->start_price_usd),
                     text_horizons(comparison, horizons, sizeof horizons), base->seed);
    putchar('\n');
    print_names(comparison);
    putchar('\n');
    say_answer(comparison);
    print_scenarios(comparison);
    print_venues(comparison);
    print_all_differences(comparison);
    puts("\n  +-: half of the 95 % interval, in full where that would leave 0 to 100 %\n"
         "  variance: how many times smaller by pairing than that of independent runs");
    print_known(comparison);
    print_mixture(comparison);
}
