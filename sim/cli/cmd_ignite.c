/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/analysis/ignition.h"
#include "sim/cli/commands.h"
#include "sim/cli/layout.h"
#include "sim/cli/query.h"
#include "sim/cli/text.h"
#include "sim/io/known_depth.h"
#include "sim/io/report.h"

enum { JUMPS_SHOWN = 8 };

/* ---- which price ------------------------------------------------------------------------------
 */

static bool lies(const struct sqz_world *world, enum sqz_watch watch, enum sqz_towards side)
{
    double log = world->stops.watch_log[watch];
    return !isnan(log) && (side == SQZ_TOWARDS_ANY || (log > 0) == (side == SQZ_TOWARDS_UP));
}

/* The target if it lies on the side asked for, else the floor if that does. */
static int choose_watch(const struct sqz_query *query, enum sqz_watch *watch, struct sqz_diag *diag)
{
    enum sqz_towards side = query->options->towards;
    const struct sqz_world *world = &query->scenario.world;
    *watch = lies(world, SQZ_TARGET, side) ? SQZ_TARGET : SQZ_FLOOR;
    if (lies(world, *watch, side))
        return SQZ_OK;
    if (isnan(world->stops.watch_log[SQZ_TARGET]) && isnan(world->stops.watch_log[SQZ_FLOOR]))
        return sqz_fail_at(diag, SQZ_ERR_DATA, query->scenario.file, 0, "target",
                           "is not set, and no floor is; expected a price to reach (or --set "
                           "target=PRICE)");
    return sqz_fail_at(diag, SQZ_ERR_DATA, query->scenario.file, 0, "target",
                       "neither it nor the floor lies %s the price; expected a price to reach with "
                       "--side %s",
                       side == SQZ_TOWARDS_UP ? "above" : "below",
                       side == SQZ_TOWARDS_UP ? "up" : "down");
}

static int check_paced_order(const struct sqz_query *query, struct sqz_diag *diag)
{
    double over_s = query->options->over_s, horizon_s = query->scenario.world.horizon_s;
    if (isnan(over_s) || over_s <= horizon_s)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--with-decay",
                       "%g s is longer than the scenario's horizon of %g s", over_s, horizon_s);
}

/* ---- text -------------------------------------------------------------------------------------
 */

static const char *price_at(char *text, const struct sqz_query *query,
                            const struct sqz_ignition *ignition, double outward_log)
{
    return sqz_text_price(text, sqz_ignition_price_usd(ignition, &query->scenario, outward_log));
}

enum { END_SIZE = 2 * SQZ_TEXT_SIZE + SQZ_KNOWN_TEXT_SIZE };

/* "at 100,150", or that it is unknown where. */
static const char *end_at(char text[END_SIZE], const struct sqz_query *query,
                          const struct sqz_ignition *ignition, double outward_log, bool beyond)
{
    char price[SQZ_TEXT_SIZE], known[SQZ_KNOWN_TEXT_SIZE];
    if (beyond)
        snprintf(text, END_SIZE, "beyond the known depth (%s)",
                 sqz_known_text(known, &query->scenario.book));
    else
        snprintf(text, END_SIZE, "at %s", price_at(price, query, ignition, outward_log));
    return text;
}

static double percent(const struct sqz_ignition *ignition, double outward_log)
{
    return 100 * expm1(sqz_direction(ignition->side) * outward_log);
}

static void print_push(const struct sqz_query *query, const struct sqz_ignition *ignition)
{
    const struct sqz_ignition_point *push = &ignition->push;
    const char *order = ignition->side == SQZ_UP ? "market buy" : "market sell";
    char text[2][SQZ_TEXT_SIZE], end[END_SIZE];
    if (push->push_usd == INFINITY) {
        printf("  no %s order gets there\n", order);
        return;
    }
    if (push->push_usd == 0)
        printf("  nothing is needed: %s\n",
               push->forced_usd > 0 ? "levels that the start price has crossed carry it there"
                                    : "the start price is there");
    else
        printf("  one %s order: %s usd\n    moves the price by %.3g %% itself and costs %s usd\n",
               order, sqz_text_money(text[0], push->push_usd), percent(ignition, push->alone_log),
               sqz_text_money(text[1], sqz_ignition_cost_usd(ignition)));
    sqz_layout_print(stdout, 4, 2, "forces %s usd and ends %s",
                     sqz_text_money(text[0], push->forced_usd),
                     end_at(end, query, ignition, push->final_log, ignition->beyond_known));
}

static void print_paced_order(const struct sqz_ignition *ignition)
{
    char text[2][SQZ_TEXT_SIZE];
    if (isnan(ignition->over_s))
        return;
    printf("  paced order (TWAP) over %s: %s usd, in %zu child order%s\n",
           sqz_text_duration(text[0], ignition->over_s),
           isfinite(ignition->over_usd) ? sqz_text_money(text[1], ignition->over_usd) : "no",
           ignition->over_orders, ignition->over_orders == 1 ? "" : "s");
}

static void print_comparison(const struct sqz_query *query, const struct sqz_ignition *ignition)
{
    double times = ignition->alone_usd / ignition->push.push_usd;
    char text[2][SQZ_TEXT_SIZE], end[END_SIZE];
    printf("  market order without liquidations: %s usd",
           isfinite(ignition->alone_usd) ? sqz_text_money(text[0], ignition->alone_usd)
                                         : "beyond any");
    if (ignition->push.forced_usd > 0 && isfinite(times))
        printf(", %.3g times as much", times);
    printf("\n  exogenous jump, the price by itself: %.3g %%\n",
           percent(ignition, ignition->shock_log));
    sqz_layout_print(
        stdout, 4, 2, "forces %s usd and ends %s",
        sqz_text_money(text[0], ignition->shock_forced_usd),
        end_at(end, query, ignition, ignition->shock_final_log, ignition->shock_beyond_known));
}

/* Where a market order ends, for a cell; from rest all its displacement is that of orders. */
static const char *jump_to(char *text, const struct sqz_query *query,
                           const struct sqz_ignition *ignition, double outward_log)
{
    if (outward_log > query->scenario.book.known_log[ignition->side])
        return strcpy(text, "beyond known");
    return price_at(text, query, ignition, outward_log);
}

static void print_jumps(const struct sqz_query *query, const struct sqz_ignition *ignition)
{
    char text[5][SQZ_TEXT_SIZE];
    if (ignition->n_jumps > 0)
        printf("\n  %-31s %13s %14s %14s\n", "market orders that set off more", "order usd",
               "price from", "to");
    for (size_t i = 0; i < ignition->n_jumps && i < JUMPS_SHOWN; i++) {
        const struct sqz_ignition_jump *jump = &ignition->jump[i];
        printf("  %-31s %13s %14s %14s\n", "", sqz_text_money(text[0], jump->after.push_usd),
               jump_to(text[1], query, ignition, jump->before.final_log),
               jump_to(text[2], query, ignition, jump->after.final_log));
    }
    if (ignition->n_jumps > JUMPS_SHOWN)
        printf("  and %zu more\n", ignition->n_jumps - JUMPS_SHOWN);
}

/* The answer in a sentence, and what the liquidations add to it. */
static void say_answer(const struct sqz_query *query, const struct sqz_ignition *ignition)
{
    const struct sqz_ignition_point *push = &ignition->push;
    const char *order = ignition->side == SQZ_UP ? "market buy" : "market sell";
    double times = ignition->alone_usd / push->push_usd;
    char goal[SQZ_TEXT_SIZE + 32], price[SQZ_TEXT_SIZE], money[2][SQZ_TEXT_SIZE], without[128];
    snprintf(goal, sizeof goal, "%s (%+.3g %%)",
             price_at(price, query, ignition, ignition->goal_log),
             percent(ignition, ignition->goal_log));
    if (!isfinite(ignition->alone_usd))
        snprintf(without, sizeof without, "without liquidations none would");
    else if (push->forced_usd > 0 && times > 1)
        snprintf(without, sizeof without,
                 "without liquidations it would take %s usd, %.3g times as "
                 "much",
                 sqz_text_money(money[1], ignition->alone_usd), times);
    else
        snprintf(without, sizeof without, "the liquidations add nothing to that");
    if (push->push_usd == INFINITY)
        sqz_layout_print(stdout, 2, 0, "No %s order, however large, carries the price to %s.",
                         order, goal);
    else if (push->push_usd == 0)
        sqz_layout_print(stdout, 2, 0, "Nothing is needed to carry the price to %s.", goal);
    else
        sqz_layout_print(stdout, 2, 0, "One %s order of %s usd carries the price to %s; %s.", order,
                         sqz_text_money(money[0], push->push_usd), goal, without);
    putchar('\n');
}

static void print_answer(const struct sqz_query *query, const struct sqz_ignition *ignition)
{
    char text[SQZ_TEXT_SIZE];
    sqz_query_print_title(query);
    say_answer(query, ignition);
    printf("  to reach the %s, %s usd (%+.3g %%):\n",
           ignition->watch == SQZ_TARGET ? "target" : "floor",
           price_at(text, query, ignition, ignition->goal_log),
           percent(ignition, ignition->goal_log));
    print_push(query, ignition);
    print_paced_order(ignition);
    print_comparison(query, ignition);
    print_jumps(query, ignition);
    putchar('\n');
    sqz_layout_print(
        stdout, 2, 0,
        "(at once, from a fully replenished book; latency, slices and drivers are left "
        "out%s)",
        isnan(ignition->over_s)
            ? ""
            : ", but the book recovers, and latency and slices count, in the paced order");
}

/* ---- the command ------------------------------------------------------------------------------
 */

static int answer(const struct sqz_query *query, struct sqz_ignition *ignition,
                  struct sqz_diag *diag)
{
    const struct sqz_world *world = &query->scenario.world;
    double over_s = query->options->over_s;
    enum sqz_watch watch;
    int error = choose_watch(query, &watch, diag);
    if (error == SQZ_OK)
        error = check_paced_order(query, diag);
    if (error == SQZ_OK)
        error = sqz_ignition_make(ignition, world, watch, diag);
    if (error == SQZ_OK && !isnan(over_s))
        error = sqz_ignition_pace(ignition, world, over_s, diag);
    return error;
}

static int write_result(struct sqz_query *query, const struct sqz_ignition *ignition,
                        struct sqz_diag *diag)
{
    const struct sqz_scenario *scenario = &query->scenario;
    if (query->options->output == NULL)
        return SQZ_OK;
    int error = sqz_result_dir_json(&query->dir, SQZ_FILE_IGNITION_ANSWER,
                                    sqz_ignition_json(ignition, scenario), diag);
    if (error == SQZ_OK)
        error = sqz_results_ignition(&query->dir, scenario, ignition, diag);
    if (error == SQZ_OK)
        error = sqz_query_commit(query, NULL, diag);
    return error;
}

int sqz_cmd_ignite(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct sqz_query query;
    struct sqz_ignition ignition = {0};
    int error = sqz_query_open(&query, options, diag);
    if (error == SQZ_OK)
        error = answer(&query, &ignition, diag);
    if (error == SQZ_OK)
        error = write_result(&query, &ignition, diag);
    if (error == SQZ_OK && options->json)
        error = sqz_report_ignition(stdout, &ignition, &query.scenario, diag);
    else if (error == SQZ_OK)
        print_answer(&query, &ignition);
    if (error == SQZ_OK)
        error = sqz_query_draw(&query, diag);
    sqz_ignition_free(&ignition);
    sqz_query_close(&query);
    return error;
}
