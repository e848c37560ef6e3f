/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/version.h"
#include "sim/io/families.h"

/* Print and free `object`; NULL means that it could not be built. */
static int print(FILE *out, json_t *object, struct sqz_diag *diag)
{
    object = sqz_json_whole(object);
    if (object == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the answer as JSON");
    int error = sqz_json_print(object, out);
    json_decref(object);
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "the answer cannot be written");
}

int sqz_report_scenario(FILE *out, const struct sqz_scenario *scenario, struct sqz_diag *diag)
{
    const struct sqz_ladder_side *shorts = &scenario->ladder.side[SQZ_UP];
    const struct sqz_ladder_side *longs = &scenario->ladder.side[SQZ_DOWN];
    return print(
        out,
        json_pack("{s:s, s:s, s:o, s:o, s:I, s:I, s:f, s:f, s:o}", "schema", "squeeze/scenario-1",
                  "version", SQZ_VERSION, "file", sqz_json_text(scenario->file), "settings",
                  sqz_settings_json(&scenario->settings), "short_levels", (json_int_t)shorts->count,
                  "long_levels", (json_int_t)longs->count, "short_usd", shorts->total_usd,
                  "long_usd", longs->total_usd, "remarks", sqz_remarks_json(&scenario->remarks)),
        diag);
}

int sqz_report_summary(FILE *out, const struct sqz_summary *summary, struct sqz_diag *diag)
{
    return print(out, sqz_summary_json(summary), diag);
}

int sqz_report_comparison(FILE *out, const struct sqz_comparison *comparison, struct sqz_diag *diag)
{
    return print(out, sqz_comparison_json(comparison), diag);
}

int sqz_report_sweep(FILE *out, const struct sqz_sweep *sweep, struct sqz_diag *diag)
{
    return print(out, sqz_sweep_json(sweep), diag);
}

int sqz_report_map(FILE *out, const struct sqz_map *map, const struct sqz_scenario *scenario,
                   struct sqz_diag *diag)
{
    return print(out, sqz_map_json(map, scenario), diag);
}

int sqz_report_ignition(FILE *out, const struct sqz_ignition *ignition,
                        const struct sqz_scenario *scenario, struct sqz_diag *diag)
{
    return print(out, sqz_ignition_json(ignition, scenario), diag);
}

int sqz_report_bound(FILE *out, const struct sqz_bound *bound, const struct sqz_scenario *scenario,
                     struct sqz_diag *diag)
{
    return print(out, sqz_bound_json(bound, scenario), diag);
}

int sqz_report_score(FILE *out, const struct sqz_score *score, const char *index,
                     const struct sqz_remarks *remarks, struct sqz_diag *diag)
{
    return print(out, sqz_score_json(score, index, remarks), diag);
}

int sqz_report_built_map(FILE *out, const struct sqz_built_map *map,
                         const struct sqz_remarks *remarks, struct sqz_diag *diag)
{
    return print(out, sqz_built_map_json(map, remarks), diag);
}

int sqz_report_replay(FILE *out, const struct sqz_replay *replay,
                      const struct sqz_scenario *scenario, struct sqz_diag *diag)
{
    return print(out, sqz_replay_json(replay, scenario), diag);
}

int sqz_report_fits(FILE *out, const struct sqz_fits *fits, const struct sqz_remarks *remarks,
                    struct sqz_diag *diag)
{
    return print(out, sqz_fits_json(fits, remarks), diag);
}

/* ---- models -------------------------------------------------------------------------------- */

/* [ "levels.survival" ] */
static json_t *aliases_json(const char *aliases)
{
    json_t *list = json_array();
    for (size_t size; *aliases != '\0'; aliases += size + strspn(aliases + size, " ")) {
        size = strcspn(aliases, " ");
        sqz_json_append(list, json_stringn(aliases, size));
    }
    return list;
}

static void append_params(json_t *list, const struct sqz_family *family)
{
    for (size_t i = 0; i < family->n_params; i++) {
        const struct sqz_param *param = &family->params[i];
        json_t *object = json_pack("{s:s, s:s, s:s?, s:b, s:s}", "key", param->key, "unit",
                                   param->unit, "default", param->default_text, "required",
                                   (int)param->required, "doc", param->doc);
        if (param->aliases != NULL)
            sqz_json_set(object, "aliases", aliases_json(param->aliases));
        sqz_json_append(list, object);
    }
}

static json_t *measures_json(const struct sqz_family *family)
{
    json_t *list = json_array();
    for (size_t i = 0; i < family->n_measures; i++)
        sqz_json_append(list, json_pack("{s:s, s:s, s:s}", "name", family->measures[i].name, "unit",
                                        family->measures[i].unit, "doc", family->measures[i].doc));
    return list;
}

static json_t *model_json(const struct sqz_registry *registry, const struct sqz_family *family)
{
    json_t *object = json_pack("{s:s, s:s, s:s}", "name", family->name, "doc", family->doc,
                               "citation", family->citation);
    if (family->kind == SQZ_FAMILY_VENUE) {
        const struct sqz_venue_model *venue = registry->venues[family->place];
        sqz_json_set(object, "deducted", json_boolean(venue->deducted));
        sqz_json_set(object, "counted_fee", json_real(venue->counted_fee));
    }
    json_t *params = json_array();
    append_params(params, family);
    sqz_json_set(object, "parameters", params);
    if (family->kind == SQZ_FAMILY_DRIVER)
        sqz_json_set(object, "measures", measures_json(family));
    return object;
}

/* Under "books", "drivers" and "venues" a list of models; under the other names their keys. */
int sqz_report_models(FILE *out, const struct sqz_registry *registry, struct sqz_diag *diag)
{
    json_t *list[SQZ_FAMILY_POPULATION + 1];
    struct sqz_family family;
    for (size_t kind = 0; kind <= SQZ_FAMILY_POPULATION; kind++)
        list[kind] = json_array();
    for (size_t i = 0; sqz_family_at(registry, i, &family); i++)
        if (family.name != NULL)
            sqz_json_append(list[family.kind], model_json(registry, &family));
        else
            append_params(list[family.kind], &family);
    json_t *object =
        json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", "squeeze/models-1",
                  "version", SQZ_VERSION, "scenario", list[SQZ_FAMILY_SCENARIO], "book",
                  list[SQZ_FAMILY_EVERY_BOOK], "books", list[SQZ_FAMILY_BOOK], "drivers",
                  list[SQZ_FAMILY_DRIVER], "venue", list[SQZ_FAMILY_EVERY_VENUE], "venues",
                  list[SQZ_FAMILY_VENUE], "population", list[SQZ_FAMILY_POPULATION]);
    return print(out, object, diag);
}

/* ---- one path ------------------------------------------------------------------------------ */

const char *sqz_event_side(const struct sqz_event *event)
{
    if (event->kind == SQZ_EVENT_ORDER)
        return event->side == SQZ_BUY ? "buy" : "sell";
    return sqz_side_name(sqz_closed_by(event->side));
}

static json_t *event_json(const struct sqz_event *event, double start_usd)
{
    json_t *object =
        json_pack("{s:s, s:o, s:o, s:o, s:o}", "kind", sqz_event_name(event->kind), "time_s",
                  sqz_json_number(event->time_s), "price_usd",
                  sqz_json_number(start_usd * exp(event->exogenous_log + event->displacement_log)),
                  "exogenous_usd", sqz_json_number(start_usd * exp(event->exogenous_log)),
                  "displacement_log", sqz_json_number(event->displacement_log));
    if (event->driver != NULL)
        sqz_json_set(object, "driver", json_string(event->driver));
    if (event->kind == SQZ_EVENT_JUMP)
        sqz_json_set(object, "jump_log", sqz_json_number(event->jump_log));
    if (event->kind == SQZ_EVENT_CHANGE) {
        double per_sqrt_d = event->volatility_per_sqrt_s * sqrt(86400.0);
        sqz_json_set(object, "volatility_per_sqrt_d", sqz_json_number(per_sqrt_d));
        sqz_json_set(object, "depth_left", sqz_json_number(event->depth_left));
    }
    if (sqz_event_trades(event->kind)) {
        sqz_json_set(object, "side", json_string(sqz_event_side(event)));
        sqz_json_set(object, "notional_usd", sqz_json_number(event->notional_usd));
        sqz_json_set(object, "fill_usd", sqz_json_number(start_usd * exp(event->fill_log)));
        if (event->row > 0)
            sqz_json_set(object, "row", json_integer(event->row));
        if (event->kind != SQZ_EVENT_ORDER && event->generation >= 0)
            sqz_json_set(object, "generation", json_integer(event->generation));
    }
    return object;
}

static json_t *events_json(const struct sqz_event_log *log, double start_usd)
{
    json_t *events = json_array();
    for (size_t i = 0; i < log->count; i++)
        sqz_json_append(events, event_json(&log->event[i], start_usd));
    return events;
}

/* What the drivers say of themselves at the end: { "flow": { "orders": 7, ... }, ... }. */
static json_t *measured_json(const struct sqz_world *world, const double *measure)
{
    json_t *drivers = json_object();
    for (size_t d = 0; d < world->n_drivers; d++) {
        const struct sqz_driver_model *model = world->driver[d].model;
        json_t *object = json_object();
        for (size_t m = 0; m < model->n_measures; m++, measure++)
            if (!model->measures[m].passing && !isnan(*measure))
                sqz_json_set(object, model->measures[m].name, sqz_json_number(*measure));
        sqz_json_set(drivers, model->name, object);
    }
    return drivers;
}

int sqz_report_run(FILE *out, const struct sqz_scenario *scenario,
                   const struct sqz_path_report *path, struct sqz_diag *diag)
{
    const struct sqz_outcome *outcome = path->outcome;
    double start = scenario->params.price_usd;
    char seed_text[24];
    snprintf(seed_text, sizeof seed_text, "%" PRIu64, path->seed);
    json_t *object = json_pack(
        "{s:s, s:s, s:o, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:s, "
        "s:b}",
        "schema", "squeeze/run-1", "version", SQZ_VERSION, "scenario",
        sqz_json_text(scenario->params.name != NULL ? scenario->params.name : scenario->file),
        "seed", seed_text, "path", (json_int_t)path->number, "final_usd",
        sqz_json_number(start * exp(outcome->final_log)), "peak_usd",
        sqz_json_number(start * exp(outcome->peak_log)), "trough_usd",
        sqz_json_number(start * exp(outcome->trough_log)), "forced_short_usd",
        sqz_json_number(outcome->forced_usd[SQZ_UP]), "forced_long_usd",
        sqz_json_number(outcome->forced_usd[SQZ_DOWN]), "short_liquidations",
        (json_int_t)outcome->liquidations[SQZ_UP], "long_liquidations",
        (json_int_t)outcome->liquidations[SQZ_DOWN], "target_time_s",
        sqz_json_number(outcome->touch_s[SQZ_TARGET]), "floor_time_s",
        sqz_json_number(outcome->touch_s[SQZ_FLOOR]), "stopped",
        outcome->stop == SQZ_STOP_HORIZON ? "horizon" : "max_events", "book_exhausted",
        (int)outcome->exhausted);
    if (object != NULL)
        sqz_json_set(object, "beyond_known_depth", json_boolean(outcome->beyond_known));
    if (object != NULL && scenario->world.n_drivers > 0)
        sqz_json_set(object, "drivers", measured_json(&scenario->world, outcome->measure));
    if (object != NULL) {
        sqz_json_set(object, "remarks", sqz_remarks_json(&scenario->remarks));
        sqz_json_set(object, "events", events_json(path->log, start));
    }
    return print(out, object, diag);
}
