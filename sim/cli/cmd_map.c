/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/analysis/map.h"
#include "sim/analysis/zones.h"
#include "sim/cli/commands.h"
#include "sim/cli/layout.h"
#include "sim/cli/query.h"
#include "sim/cli/standstill_text.h"
#include "sim/cli/text.h"
#include "sim/io/known_depth.h"
#include "sim/io/report.h"
#include "sim/io/results.h"

enum { ZONES_SHOWN = 10 };

/* ---- text ----------------------------------------------------------------------------------- */

static const char *price_at(char *text, const struct sqz_scenario *scenario, enum sqz_side side,
                            double outward_log)
{
    return sqz_text_price(text, sqz_map_price_usd(scenario, side, outward_log));
}

static const char *text_ratio(char *text, double ratio)
{
    snprintf(text, SQZ_TEXT_SIZE, ratio < 99.95 ? "%.3g" : "%.0f", ratio);
    return text;
}

/* A branching ratio: two decimals, as many more as it takes to tell it from 1, and four digits of
 * what is beyond any scale of use. */
static const char *text_branching(char *text, double ratio)
{
    int decimals = 2;
    while (ratio != 1 && decimals < 9 && fabs(ratio - 1) < 0.5 * pow(10, -decimals))
        decimals++;
    snprintf(text, SQZ_TEXT_SIZE, ratio < 1e4 ? "%.*f" : "%.*g", ratio < 1e4 ? decimals : 4, ratio);
    return text;
}

static void print_crossed(const struct sqz_map *map)
{
    char text[SQZ_TEXT_SIZE], crossed[2 * SQZ_TEXT_SIZE + 32] = "";
    for (int side = 0; side < 2; side++)
        if (sqz_map_crossed_usd(map, side) > 0)
            sprintf(crossed + strlen(crossed), "%s%s usd of %ss", crossed[0] != '\0' ? " and " : "",
                    sqz_text_money(text, sqz_map_crossed_usd(map, side)),
                    sqz_side_name(sqz_position_on(side)));
    if (crossed[0] != '\0')
        sqz_layout_print(stdout, 2, 0,
                         "already crossed: %s, which fire at time zero and are in no other number "
                         "here",
                         crossed);
}

static void print_totals(const struct sqz_map *map)
{
    char text[2][SQZ_TEXT_SIZE], ratio[SQZ_TEXT_SIZE], imbalance_text[SQZ_TEXT_SIZE + 8] = "";
    double imbalance = sqz_map_imbalance(map);
    if (imbalance >= 1)
        snprintf(imbalance_text, sizeof imbalance_text, ": %s to 1", text_ratio(ratio, imbalance));
    else if (imbalance > 0)
        snprintf(imbalance_text, sizeof imbalance_text, ": 1 to %s",
                 text_ratio(ratio, 1 / imbalance));
    sqz_layout_print(stdout, 2, 0, "shorts above the price %s usd, longs below %s usd%s",
                     sqz_text_money(text[0], sqz_map_waiting_usd(map, SQZ_UP)),
                     sqz_text_money(text[1], sqz_map_waiting_usd(map, SQZ_DOWN)), imbalance_text);
}

static void print_within(const struct sqz_map *map)
{
    static const char *const NAME[] = {"shorts", "longs"};
    char text[SQZ_TEXT_SIZE];
    printf("\n  %-26s", "usd within");
    for (int i = 0; i < SQZ_MAP_WITHIN; i++)
        printf(" %9g %%", sqz_map_within_percent[i]);
    for (int side = 0; side < 2; side++) {
        printf("\n  %-26s", NAME[side]);
        for (int i = 0; i < SQZ_MAP_WITHIN; i++)
            printf(" %11s", sqz_text_money(text, sqz_map_waiting_within_usd(map, i, side)));
    }
    printf("\n\n");
}

/* What the ratio is a ratio of, and what levels watch where that is not the last price. */
static void print_branching_note(const struct sqz_map *map, const struct sqz_world *world)
{
    double up_usd = map->branching.side[SQZ_UP].order_usd;
    double down_usd = map->branching.side[SQZ_DOWN].order_usd;
    bool index = world->market.trigger == SQZ_TRIGGER_INDEX;
    char text[2][SQZ_TEXT_SIZE];
    if (isinf(up_usd) && isinf(down_usd)) {
        sqz_layout_print(stdout, 2, 0, "(no forced order moves the price that levels watch: %s)",
                         world->market.impact ? "it is the index, and no impact is permanent"
                                              : "impact is off");
        putchar('\n');
        return;
    }
    sqz_layout_print(stdout, 2, 0,
                     "(forced notional waiting in a window of %g bp, over the %s usd up and %s usd "
                     "down that move %s as far; from 1 on a cascade can feed itself)",
                     1e4 * map->branching.scale_log, sqz_text_money(text[0], up_usd),
                     sqz_text_money(text[1], down_usd),
                     index ? "the index" : "a fully replenished book");
    if (world->n_drivers > 0)
        sqz_layout_print(stdout, 2, 0,
                         "(at the book's own depth: the scenario's drivers are left out)");
    if (world->market.trigger != SQZ_TRIGGER_LAST && !index)
        sqz_layout_print(stdout, 2, 0,
                         "(levels watch the mark, which follows the last price late; here, where "
                         "everything is at once, it is taken for the last price)");
    putchar('\n');
}

static void print_branching(const struct sqz_map *map, const struct sqz_scenario *scenario)
{
    const struct sqz_branching *branching = &map->branching;
    enum sqz_side most = sqz_branching_max_side(branching);
    const struct sqz_branching_side *side = &branching->side[most];
    char text[3][SQZ_TEXT_SIZE], most_text[2 * SQZ_TEXT_SIZE + 32] = "";
    if (side->max > 0)
        snprintf(most_text, sizeof most_text, ", at most %s, at %s",
                 text_branching(text[1], side->max),
                 price_at(text[2], scenario, most, side->max_log));
    sqz_layout_print(stdout, 2, 2, "branching ratio at %g bp: %s at the start%s",
                     1e4 * branching->scale_log,
                     text_branching(text[0], sqz_branching_initial(branching)), most_text);
    print_branching_note(map, &scenario->world);
}

enum { BURN_SIZE = 2 * SQZ_TEXT_SIZE + SQZ_KNOWN_TEXT_SIZE + 96 };

/* "forces 2.10 bn and ends at 100,150"; "at that level alone" where nothing else is reached */
static const char *text_cascade(char text[BURN_SIZE], const struct sqz_scenario *scenario,
                                enum sqz_side side, const struct sqz_zone_cascade *cascade)
{
    char money[SQZ_TEXT_SIZE], price[SQZ_TEXT_SIZE], known[SQZ_KNOWN_TEXT_SIZE];
    int used = snprintf(text, BURN_SIZE, "forces %s%s and ends ",
                        sqz_text_money(money, cascade->forced_usd),
                        cascade->spreads ? "" : " at that level alone");
    if (cascade->beyond_known)
        snprintf(text + used, BURN_SIZE - (size_t)used, "beyond the known depth (%s)",
                 sqz_known_text(known, &scenario->book));
    else
        snprintf(text + used, BURN_SIZE - (size_t)used, "at %s",
                 price_at(price, scenario, side, cascade->reach_log));
    return text;
}

static void print_cascade(const struct sqz_scenario *scenario, enum sqz_side side, const char *name,
                          const struct sqz_zone_cascade *cascade)
{
    char price[SQZ_TEXT_SIZE], text[BURN_SIZE];
    sqz_layout_print(stdout, 6, 2, "%s, %s: %s", name,
                     price_at(price, scenario, side, cascade->from_log),
                     text_cascade(text, scenario, side, cascade));
}

/* The worst start first: the near edge is one start among many. */
static void print_cascades(const struct sqz_zone *zone, const struct sqz_scenario *scenario)
{
    if (zone->worst.from_log != zone->edge.from_log)
        print_cascade(scenario, zone->side, "worst start", &zone->worst);
    print_cascade(scenario, zone->side, zone->notional_usd > 0 ? "near edge" : "the next level",
                  &zone->edge);
}

static void print_zone(const struct sqz_zone *zone, const struct sqz_scenario *scenario)
{
    enum sqz_side side = zone->side;
    char text[3][SQZ_TEXT_SIZE];
    double near_log = side == SQZ_UP ? zone->lo_log : zone->hi_log;
    double far_log = side == SQZ_UP ? zone->hi_log : zone->lo_log;
    bool holds = zone->notional_usd > 0, computed = !isnan(zone->edge.reach_log);
    sqz_layout_print(stdout, 4, 2, "%s-%s: %s%s%ss%s", price_at(text[0], scenario, side, near_log),
                     price_at(text[1], scenario, side, far_log),
                     holds ? sqz_text_money(text[2], zone->notional_usd) : "",
                     holds ? " of " : "between ", sqz_side_name(sqz_position_on(side)),
                     computed ? "" : "; no cascade computed, the map has too many levels");
    if (computed)
        print_cascades(zone, scenario);
}

/* Most notional first; among equals the earlier in the list. */
static int compare_notional(const void *first, const void *second)
{
    const struct sqz_zone *a = *(const struct sqz_zone *const *)first;
    const struct sqz_zone *b = *(const struct sqz_zone *const *)second;
    if (a->notional_usd != b->notional_usd)
        return a->notional_usd > b->notional_usd ? -1 : 1;
    return (a > b) - (a < b);
}

static int compare_place(const void *first, const void *second)
{
    const struct sqz_zone *a = *(const struct sqz_zone *const *)first;
    const struct sqz_zone *b = *(const struct sqz_zone *const *)second;
    return (a > b) - (a < b);
}

/* The zones with most notional, in the order of the list. */
static int print_largest_zones(const struct sqz_map *map, const struct sqz_scenario *scenario,
                               struct sqz_diag *diag)
{
    const struct sqz_zone **zone = malloc(map->n_zones * sizeof *zone);
    size_t shown = map->n_zones < ZONES_SHOWN ? map->n_zones : ZONES_SHOWN;
    if (zone == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for danger zones");
    for (size_t i = 0; i < map->n_zones; i++)
        zone[i] = &map->zone[i];
    qsort(zone, map->n_zones, sizeof *zone, compare_notional);
    qsort(zone, shown, sizeof *zone, compare_place);
    for (size_t i = 0; i < shown; i++)
        print_zone(zone[i], scenario);
    free(zone);
    return SQZ_OK;
}

static void print_no_zone(const struct sqz_branching *branching)
{
    if (branching->side[sqz_branching_max_side(branching)].max < 1)
        puts("  no danger zone: the branching ratio is below 1 everywhere");
    else
        sqz_layout_print(stdout, 2, 0,
                         "no danger zone: the branching ratio is 1 or more only on less than %g "
                         "bp",
                         1e4 * SQZ_ZONES_NARROWEST * branching->scale_log);
    putchar('\n');
}

static int print_zones(const struct sqz_map *map, const struct sqz_scenario *scenario,
                       struct sqz_diag *diag)
{
    if (map->n_zones == 0) {
        print_no_zone(&map->branching);
        return SQZ_OK;
    }
    char shown[48] = "";
    if (map->n_zones > ZONES_SHOWN)
        snprintf(shown, sizeof shown, "; the %d with most notional", ZONES_SHOWN);
    sqz_layout_print(stdout, 2, 0, "%zu danger zone%s, where the branching ratio is 1 or more%s",
                     map->n_zones, map->n_zones == 1 ? "" : "s", shown);
    int error = print_largest_zones(map, scenario, diag);
    char sought[64] = "";
    if (map->stride > 1)
        snprintf(sought, sizeof sought, "; the worst is sought among every %zuth level",
                 map->stride);
    sqz_layout_print(stdout, 2, 0,
                     "(cascades from a fully replenished book, orders filled at once, when the "
                     "price touches one level: the one that forces most of those from inside the "
                     "zone, and the one from its near edge%s)",
                     sought);
    putchar('\n');
    return error;
}

static void print_clusters(const struct sqz_map *map, const struct sqz_scenario *scenario)
{
    char text[4][SQZ_TEXT_SIZE], range[2 * SQZ_TEXT_SIZE + 4];
    if (map->n_clusters == 0)
        return;
    printf("  %-26s %11s %11s  %s\n", "clusters, outward", "price usd", "usd", "from-to");
    for (size_t i = 0; i < map->n_clusters; i++) {
        const struct sqz_cluster *cluster = &map->cluster[i];
        enum sqz_side side = cluster->side;
        double lo_log = side == SQZ_UP ? cluster->lo_log : cluster->hi_log;
        double hi_log = side == SQZ_UP ? cluster->hi_log : cluster->lo_log;
        snprintf(range, sizeof range, "%s-%s", price_at(text[0], scenario, side, lo_log),
                 price_at(text[1], scenario, side, hi_log));
        printf("    %-24s %11s %11s  %s\n", sqz_side_name(sqz_position_on(side)),
               price_at(text[2], scenario, side, cluster->price_log),
               sqz_text_money(text[3], cluster->notional_usd), range);
    }
}

/* ---- the answer in sentences ----------------------------------------------------------------- */

/* Whether one liquidation triggers another there, as far as cascades have been computed. */
static bool feeds(const struct sqz_zone *zone)
{
    return zone->spreads || isnan(zone->edge.reach_log);
}

/* The danger zone of a side, of those that feed or all, that is nearest. NULL: there is none. */
static const struct sqz_zone *nearest_zone(const struct sqz_map *map, enum sqz_side side, bool all)
{
    const struct sqz_zone *found = NULL;
    for (size_t i = 0; i < map->n_zones; i++) {
        const struct sqz_zone *zone = &map->zone[i];
        if (zone->side == side && (all || feeds(zone)) &&
            (found == NULL || zone->lo_log < found->lo_log))
            found = zone;
    }
    return found;
}

/* The one whose worst cascade forces most, of those that feed and have been computed. */
static const struct sqz_zone *worst_zone(const struct sqz_map *map, enum sqz_side side)
{
    const struct sqz_zone *found = NULL;
    for (size_t i = 0; i < map->n_zones; i++) {
        const struct sqz_zone *zone = &map->zone[i];
        if (zone->side == side && zone->worst.spreads &&
            (found == NULL || zone->worst.forced_usd > found->worst.forced_usd))
            found = zone;
    }
    return found;
}

/* No cascade of a side feeds itself: no zone, or none in which one level reaches the next. */
static void say_calm(const struct sqz_scenario *scenario, enum sqz_side side,
                     const struct sqz_zone *zone)
{
    const char *way = side == SQZ_UP ? "up" : "down";
    char price[SQZ_TEXT_SIZE];
    if (zone == NULL)
        sqz_layout_print(stdout, 2, 0,
                         "On the way %s the liquidations nowhere feed themselves: every cascade "
                         "dies out.",
                         way);
    else
        sqz_layout_print(stdout, 2, 0,
                         "On the way %s the branching ratio is 1 or more from %s on (%+.3g %%), "
                         "but no cascade there reaches a second level.",
                         way, price_at(price, scenario, side, zone->lo_log),
                         100 * expm1(sqz_direction(side) * zone->lo_log));
}

static void say_side(const struct sqz_map *map, const struct sqz_scenario *scenario,
                     enum sqz_side side)
{
    const struct sqz_zone *zone = nearest_zone(map, side, false), *worst = worst_zone(map, side);
    char price[SQZ_TEXT_SIZE], cascade[BURN_SIZE], most[BURN_SIZE + SQZ_TEXT_SIZE + 64] = "";
    if (zone == NULL) {
        say_calm(scenario, side, nearest_zone(map, side, true));
        return;
    }
    if (worst != NULL)
        snprintf(most, sizeof most, ": at worst a cascade, from a touch at %s, %s",
                 price_at(price, scenario, side, worst->worst.from_log),
                 text_cascade(cascade, scenario, side, &worst->worst));
    sqz_layout_print(stdout, 2, 0,
                     "On the way %s the liquidations feed themselves from %s on "
                     "(%+.3g %%)%s.",
                     side == SQZ_UP ? "up" : "down", price_at(price, scenario, side, zone->lo_log),
                     100 * expm1(sqz_direction(side) * zone->lo_log), most);
}

static void say_answer(const struct sqz_map *map, const struct sqz_scenario *scenario)
{
    for (int side = 0; side < 2; side++)
        if (sqz_map_waiting_usd(map, side) > 0)
            say_side(map, scenario, side);
    putchar('\n');
}

static int print_map(const struct sqz_query *query, const struct sqz_map *map,
                     struct sqz_diag *diag)
{
    sqz_query_print_title(query);
    say_answer(map, &query->scenario);
    print_totals(map);
    print_crossed(map);
    print_within(map);
    print_branching(map, &query->scenario);
    sqz_standstill_text(stdout, &map->standstill, query->scenario.params.levels_scale);
    putchar('\n');
    int error = print_zones(map, &query->scenario, diag);
    print_clusters(map, &query->scenario);
    return error;
}

/* ---- the command ------------------------------------------------------------------------------
 */

static int write_result(struct sqz_query *query, const struct sqz_map *map, struct sqz_diag *diag)
{
    const struct sqz_scenario *scenario = &query->scenario;
    if (query->options->output == NULL)
        return SQZ_OK;
    int error =
        sqz_result_dir_json(&query->dir, SQZ_FILE_MAP_ANSWER, sqz_map_json(map, scenario), diag);
    if (error == SQZ_OK)
        error = sqz_results_map(&query->dir, scenario, diag);
    if (error == SQZ_OK)
        error = sqz_results_branching(&query->dir, scenario, &map->branching, diag);
    if (error == SQZ_OK)
        error = sqz_results_zones(&query->dir, scenario, map, diag);
    if (error == SQZ_OK)
        error = sqz_query_commit(query, &map->branching, diag);
    return error;
}

/* Levels closer together than SQZ_TOUCH_LOG are one, so no window can be as narrow. */
static int check_scale(double scale_log, struct sqz_diag *diag)
{
    if (scale_log > SQZ_TOUCH_LOG)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--scale-bp",
                       "%g bp is no wider than levels that count as one; expected more than %g bp",
                       1e4 * scale_log, 1e4 * SQZ_TOUCH_LOG);
}

int sqz_cmd_map(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct sqz_query query;
    struct sqz_map map = {0};
    double scale_log = 1e-4 * options->scale_bp;
    int error = check_scale(scale_log, diag);
    if (error != SQZ_OK)
        return error;
    error = sqz_query_open(&query, options, diag);
    if (error == SQZ_OK)
        error = sqz_map_make(&map, &query.scenario.world, scale_log, diag);
    if (error == SQZ_OK)
        error = write_result(&query, &map, diag);
    if (error == SQZ_OK && options->json)
        error = sqz_report_map(stdout, &map, &query.scenario, diag);
    else if (error == SQZ_OK)
        error = print_map(&query, &map, diag);
    if (error == SQZ_OK)
        error = sqz_query_draw(&query, diag);
    sqz_map_free(&map);
    sqz_query_close(&query);
    return error;
}
