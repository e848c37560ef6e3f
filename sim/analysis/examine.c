/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/examine.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "sim/analysis/branching.h"
#include "sim/analysis/map.h"
#include "sim/analysis/zones.h"

/* A scenario under examination. */
struct examination {
    struct sqz_scenario *scenario;
    int error;
};

/* Make a remark where it says, or else where its field is set: a key that stands at its default is
 * the scenario's as a whole. */
static void take(void *context, const char *code, const struct sqz_diag *detail)
{
    struct examination *examination = context;
    struct sqz_scenario *scenario = examination->scenario;
    struct sqz_diag placed = *detail;
    sqz_settings_locate(&scenario->settings, &placed);
    const char *file = placed.file[0] != '\0' ? placed.file : scenario->file;
    if (examination->error == SQZ_OK)
        examination->error = sqz_remarks_add(&scenario->remarks, code, file, placed.line,
                                             placed.field, "%s", placed.message);
}

static void remark(struct examination *examination, const char *code, const char *key,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

static void remark(struct examination *examination, const char *code, const char *key,
                   const char *format, ...)
{
    char text[sizeof((struct sqz_diag *)0)->message];
    struct sqz_diag detail;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    sqz_fail_at(&detail, SQZ_OK, NULL, 0, key, "%s", text);
    take(examination, code, &detail);
}

/* ---- drivers ------------------------------------------------------------------------------- */

static struct sqz_driver_reach reach_of(const struct sqz_scenario *scenario, size_t index)
{
    const struct sqz_driver_item *item = &scenario->drivers.item[index];
    struct sqz_driver_terms terms = sqz_scenario_driver_terms(scenario);
    struct sqz_driver_reach reach = {.volatility_multiplier = 1.0, .depth_multiplier = 1.0};
    if (item->active && item->model->reach != NULL)
        item->model->reach(item->params, &terms, &reach);
    return reach;
}

/* All of them together: how far they carry, and their multipliers. */
static struct sqz_driver_reach reach_of_all(const struct sqz_scenario *scenario)
{
    struct sqz_driver_reach all = {.volatility_multiplier = 1.0, .depth_multiplier = 1.0};
    for (size_t d = 0; d < scenario->drivers.count; d++) {
        struct sqz_driver_reach reach = reach_of(scenario, d);
        all.carry_log += reach.carry_log;
        all.volatility_multiplier *= reach.volatility_multiplier;
        all.depth_multiplier *= reach.depth_multiplier;
    }
    return all;
}

/* The driver that is a recorded price; NULL: none is. */
static const struct sqz_driver_item *find_record(const struct sqz_scenario *scenario)
{
    for (size_t d = 0; d < scenario->drivers.count; d++)
        if (reach_of(scenario, d).recorded)
            return &scenario->drivers.item[d];
    return NULL;
}

static void examine_impact(struct examination *examination, const char *record_key)
{
    const struct sqz_scenario *scenario = examination->scenario;
    const struct sqz_setting *impact = sqz_settings_find(&scenario->settings, "impact");
    bool written = impact != NULL && impact->file != NULL;
    if (scenario->world.market.impact)
        remark(examination, "impact-on-record", written ? "impact" : record_key,
               "impact is on, and the record contains the impact of the liquidations of its time "
               "already: it is counted twice; impact off counts what the record forces");
}

/* A recorded price is that of its record only where nothing else moves it, and it holds the impact
 * of the liquidations of its time already. */
static void examine_record(struct examination *examination)
{
    const struct sqz_scenario *scenario = examination->scenario;
    const struct sqz_driver_item *record = find_record(scenario);
    if (record == NULL)
        return;
    examine_impact(examination, record->model->params[0].key);
    if (scenario->params.drift_per_s != 0)
        remark(examination, "not-the-record", "drift",
               "comes on top of the recorded price, which is then not the one that was recorded; "
               "expected 0 beside a replay");
    for (size_t d = 0; d < scenario->drivers.count; d++) {
        const struct sqz_driver_item *item = &scenario->drivers.item[d];
        if (item != record && reach_of(scenario, d).carry_log > 0)
            remark(examination, "not-the-record", item->model->params[0].key,
                   "moves the price on top of the recorded one, which is then not the one that was "
                   "recorded; expected no such driver beside a replay");
    }
}

static void examine_drivers(struct examination *examination)
{
    const struct sqz_scenario *scenario = examination->scenario;
    struct sqz_remark_taker taker = {examination, take};
    struct sqz_driver_terms terms = sqz_scenario_driver_terms(scenario);
    for (size_t d = 0; d < scenario->drivers.count; d++) {
        const struct sqz_driver_item *item = &scenario->drivers.item[d];
        if (item->active && item->model->examine != NULL)
            item->model->examine(item->params, &terms, &taker);
    }
}

/* ---- watched prices ------------------------------------------------------------------------ */

/* By how much all levels of a side that stand nearer can move the last price at the most: as one
 * order into the thinnest book that drivers leave, under the stress of all of it. */
static double displaced_log(const struct sqz_scenario *scenario, enum sqz_side side,
                            double distance_log, double depth_multiplier)
{
    const struct sqz_world *world = &scenario->world;
    const struct sqz_ladder_side *levels = &world->ladder->side[side];
    const struct sqz_book *book = world->market.book;
    struct sqz_book_state state;
    double forced_usd = 0.0;
    if (!world->market.impact)
        return 0.0;
    for (size_t i = 0; i < levels->count && levels->distance_log[i] < distance_log; i++)
        forced_usd += (1.0 - world->attrition.topup) * levels->notional_usd[i];
    double stress = book->withdrawal_gamma * forced_usd / book->depth_usd[side];
    sqz_book_reset(&state);
    sqz_book_execute(book, &state, sqz_direction(side) * forced_usd,
                     depth_multiplier / (1.0 + stress));
    return fabs(state.permanent_log + state.displacement_log);
}

static void examine_watch(struct examination *examination, enum sqz_watch watch, const char *key)
{
    const struct sqz_scenario *scenario = examination->scenario;
    const struct sqz_world *world = &scenario->world;
    struct sqz_driver_reach reach = reach_of_all(scenario);
    enum sqz_side side = sqz_side_of(world->stops.watch_log[watch]);
    double distance_log = fabs(world->stops.watch_log[watch]), horizon_s = world->horizon_s;
    double sd_log =
        world->market.volatility_per_sqrt_s * reach.volatility_multiplier * sqrt(horizon_s);
    double carried_log =
        fmax(0.0, sqz_direction(side) * world->market.drift_per_s * horizon_s) + reach.carry_log;
    if (isnan(distance_log) || distance_log <= carried_log + SQZ_REACH_SDS * sd_log)
        return;
    carried_log += displaced_log(scenario, side, distance_log, reach.depth_multiplier);
    if (distance_log <= carried_log + SQZ_REACH_SDS * sd_log)
        return;
    if (sd_log > 0)
        remark(examination, "far-target", key,
               "is %.3g standard deviations of the price over the horizon away, and neither drift, "
               "drivers nor all levels on the way can carry it there; expected a nearer price, a "
               "longer horizon or more volatility",
               distance_log / sd_log);
    else
        remark(examination, "far-target", key,
               "is out of reach: volatility is 0, and neither drift, drivers nor all levels on the "
               "way can carry the price there");
}

/* ---- positions ----------------------------------------------------------------------------- */

/* Prices of another market, or in another unit, can be recognised by the start price only. */
static void examine_entries(struct examination *examination)
{
    const struct sqz_scenario *scenario = examination->scenario;
    const struct sqz_account_table *account_table = &scenario->reg.account_table;
    size_t far = 0;
    if (scenario->reg.file == NULL) /* drawn, or levels */
        return;
    for (size_t i = 0; i < account_table->count; i++) {
        double entry_log = log(account_table->position[i].entry_usd / scenario->params.price_usd);
        far += fabs(entry_log) > M_LN2;
    }
    if (far > account_table->count / 2)
        remark(examination, "entries-far", "positions",
               "%zu of %zu were entered beyond half or double the start price; expected positions "
               "of the scenario's market, in the unit of its price",
               far, account_table->count);
}

/* ---- the map ------------------------------------------------------------------------------- */

/* The key that says where the ladder comes from. */
static const char *ladder_key(const struct sqz_scenario *scenario)
{
    static const char *const KEYS[] = {"levels", "positions"};
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++)
        if (sqz_settings_find(&scenario->settings, KEYS[i]) != NULL)
            return KEYS[i];
    return "population.notional";
}

/* A ratio of 1 or more says what a window holds. Whether one liquidation triggers another is what
 * cascades from its levels do. */
static int remark_on_ratio(struct examination *examination, enum sqz_side side, double ratio,
                           struct sqz_diag *diag)
{
    const struct sqz_scenario *scenario = examination->scenario;
    struct sqz_static_world rest;
    int error = sqz_static_world_init(&rest, &scenario->world, diag);
    if (error != SQZ_OK)
        return error;
    size_t first = sqz_branching_first(&rest, side);
    bool feeds =
        sqz_zones_feed(&rest, side, first, sqz_static_world_nearer(&rest, side, SQZ_MAP_SCALE_LOG));
    sqz_static_world_free(&rest);
    remark(examination, "supercritical", ladder_key(scenario),
           "the branching ratio of the %ss at the price is %.3g: the levels within %g bp hold that "
           "many times the order that moves the price as far, %s; if that is not meant see "
           "levels.scale and the book's depth",
           sqz_side_name(sqz_position_on(side)), ratio, 1e4 * SQZ_MAP_SCALE_LOG,
           feeds ? "and a cascade from there feeds itself"
                 : "but no cascade from there reaches a second level");
    return SQZ_OK;
}

static int examine_branching(struct examination *examination, struct sqz_diag *diag)
{
    struct sqz_branching branching;
    int error =
        sqz_map_branching(&branching, &examination->scenario->world, SQZ_MAP_SCALE_LOG, diag);
    if (error != SQZ_OK)
        return error;
    for (int side = 0; error == SQZ_OK && side < 2; side++)
        if (branching.side[side].initial >= 1)
            error = remark_on_ratio(examination, side, branching.side[side].initial, diag);
    sqz_branching_free(&branching);
    return error;
}

/* ---- trigger and book ---------------------------------------------------------------------- */

static void examine_trigger(struct examination *examination)
{
    const struct sqz_world *world = &examination->scenario->world;
    const double *permanent = world->market.book->permanent_per_usd;
    if (world->market.trigger == SQZ_TRIGGER_LAST || !world->market.impact)
        return;
    double mark_rate = world->market.mark_rate; /* 0: the index, or a mark that never follows */
    if (mark_rate == 0.0 && permanent[SQZ_UP] == 0.0 && permanent[SQZ_DOWN] == 0.0)
        remark(examination, "no-cascade", "trigger",
               "is index, which forced orders move by their permanent share alone, and "
               "book.permanent is 0: no liquidation can set off another; expected last or mark, or "
               "some permanent impact");
    if (mark_rate > 0.0 && mark_rate * world->horizon_s < 1.0)
        remark(examination, "slow-mark", "mark.window",
               "is longer than the horizon, %.12g s: the mark, which levels watch, hardly follows "
               "the last price before the end",
               world->horizon_s);
}

static void examine_depth(struct examination *examination)
{
    static const char *const NAME[] = {"asks", "bids"};
    const struct sqz_scenario *scenario = examination->scenario;
    for (int side = 0; side < 2; side++)
        if (sqz_book_depth_extrapolated(&scenario->book, side))
            remark(examination, "depth-extrapolated", scenario->book_model->params[0].key,
                   "the %s end before 1 %%; the depth there, with which permanent impact and "
                   "withdrawal scale, is extrapolated",
                   NAME[side]);
}

/* A map has at least this much of the depth within 1 % per USD of its own, and is worth more than
 * that: else a suffix (M) was forgotten, or a point between thousands was read as a decimal one. */
static const double THIN_SHARE = 1e-3, TINY_USD = 1e4;

static void examine_amounts(struct examination *examination)
{
    const struct sqz_scenario *scenario = examination->scenario;
    const struct sqz_ladder_side *side = scenario->ladder.side;
    double total_usd = side[SQZ_UP].total_usd + side[SQZ_DOWN].total_usd;
    double unscaled_usd = total_usd / scenario->params.levels_scale;
    double depth_usd = fmin(scenario->book.depth_usd[SQZ_UP], scenario->book.depth_usd[SQZ_DOWN]);
    bool swapped = sqz_remarks_find(&scenario->remarks, "columns-swapped") != NULL;
    if (scenario->levels_file != NULL && !swapped && unscaled_usd > 0 && unscaled_usd < TINY_USD)
        remark(
            examination, "tiny-amounts", ladder_key(scenario),
            "is worth %.6g usd in all; expected USD: 500k, 1.2M or plain digits (500.000 is 500)",
            unscaled_usd);
    if (scenario->world.market.impact && depth_usd < THIN_SHARE * total_usd)
        remark(
            examination, "thin-book", scenario->book_model->params[0].key,
            "is %.6g usd within 1 %% beneath a map of %.6g usd: any of it carries the price beyond "
            "all bounds; expected USD, as in 300M",
            depth_usd, total_usd);
}

int sqz_examine(struct sqz_scenario *scenario, struct sqz_diag *diag)
{
    struct examination examination = {scenario, SQZ_OK};
    examine_watch(&examination, SQZ_TARGET, "target");
    examine_watch(&examination, SQZ_FLOOR, "floor");
    examine_record(&examination);
    examine_drivers(&examination);
    examine_trigger(&examination);
    examine_depth(&examination);
    examine_amounts(&examination);
    examine_entries(&examination);
    int error = examine_branching(&examination, diag);
    if (error == SQZ_OK && examination.error != SQZ_OK)
        error = sqz_fail(diag, examination.error, "no memory for remarks");
    return error;
}
