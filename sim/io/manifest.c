/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/manifest.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/core/clearing.h"
#include "sim/core/venue_measures.h"
#include "sim/core/version.h"

static json_t *command_json(const struct sqz_run_record *record)
{
    json_t *list = json_array();
    for (int i = 0; i < record->argc; i++)
        sqz_json_append(list, sqz_json_text(record->argv[i]));
    return list;
}

/* Schema, version, command, when and where. */
static json_t *begin(const struct sqz_run_record *record)
{
    char created[32] = "", host[256] = "";
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc) != NULL)
        strftime(created, sizeof created, "%Y-%m-%dT%H:%M:%SZ", &utc);
    gethostname(host, sizeof host - 1);
    return json_pack("{s:s, s:s, s:o, s:s, s:s, s:f}", "schema", "squeeze/manifest-1", "version",
                     SQZ_VERSION, "command", command_json(record), "created", created, "host", host,
                     "wall_s", record->wall_s);
}

json_t *sqz_manifest_head(const struct sqz_run_record *record, uint64_t seed, uint64_t paths)
{
    char text[24];
    json_t *object = begin(record);
    snprintf(text, sizeof text, "%" PRIu64, seed);
    sqz_json_set(object, "jobs", json_integer(record->jobs));
    sqz_json_set(object, "seed", json_string(text));
    sqz_json_set(object, "paths", json_integer((json_int_t)paths));
    return object;
}

int sqz_manifest_write(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                       const struct sqz_run_record *record, struct sqz_diag *diag)
{
    json_t *object = begin(record);
    sqz_manifest_add_scenario(object, scenario);
    sqz_manifest_add_branching(object, scenario, record);
    return sqz_result_dir_json(dir, SQZ_FILE_MANIFEST, object, diag);
}

void sqz_manifest_add_branching(json_t *manifest, const struct sqz_scenario *scenario,
                                const struct sqz_run_record *record)
{
    if (record->branching != NULL)
        sqz_json_set(manifest, "branching",
                     sqz_branching_json(record->branching, scenario->params.price_usd));
}

static void append_file(void *list, const char *path, const char *sha256)
{
    sqz_json_append(list, json_pack("{s:o, s:s}", "path", sqz_json_text(path), "sha256", sha256));
}

json_t *sqz_manifest_files(const struct sqz_scenario *scenario)
{
    json_t *list = json_array();
    sqz_scenario_files(scenario, append_file, list);
    return list;
}

static json_t *ladder_json(const struct sqz_ladder *ladder)
{
    const struct sqz_ladder_side *shorts = &ladder->side[SQZ_UP], *longs = &ladder->side[SQZ_DOWN];
    return json_pack("{s:I, s:I, s:f, s:f}", "short_levels", (json_int_t)shorts->count,
                     "long_levels", (json_int_t)longs->count, "short_usd", shorts->total_usd,
                     "long_usd", longs->total_usd);
}

/* Whether the figure of the drivers shows a measure. A fund without end has no balance to show:
 * what it paid stands in its place. */
static bool is_drawn(const struct sqz_world *world, const struct sqz_driver_model *model,
                     const struct sqz_measure *measure)
{
    bool endless = model == &sqz_venue_measures && isinf(world->venue->fund);
    if (endless && strcmp(measure->name, "fund") == 0)
        return false;
    return measure->drawn || (endless && strcmp(measure->name, "fund_drawn") == 0);
}

/* The drivers in force, each with the measures that the figure of the drivers shows. What describes
 * the venue's clearing names its model. */
static json_t *drivers_json(const struct sqz_world *world)
{
    json_t *list = json_array();
    for (size_t d = 0; d < world->n_drivers; d++) {
        const struct sqz_driver_model *model = world->driver[d].model;
        json_t *drawn = json_array();
        for (size_t m = 0; m < model->n_measures; m++)
            if (is_drawn(world, model, &model->measures[m]))
                sqz_json_append(drawn, json_pack("{s:s, s:s, s:s}", "name", model->measures[m].name,
                                                 "unit", model->measures[m].unit, "doc",
                                                 model->measures[m].doc));
        json_t *driver = json_pack("{s:s, s:o}", "name", model->name, "drawn", drawn);
        if (model == &sqz_venue_measures)
            sqz_json_set(driver, "venue", json_string(world->venue->model->name));
        sqz_json_append(list, driver);
    }
    return list;
}

void sqz_manifest_add_scenario(json_t *manifest, const struct sqz_scenario *scenario)
{
    sqz_json_set(manifest, "scenario",
                 json_pack("{s:o, s:o, s:o}", "file", sqz_json_text(scenario->file), "name",
                           sqz_json_text(sqz_scenario_label(scenario)), "settings",
                           sqz_settings_json(&scenario->settings)));
    sqz_json_set(manifest, "files", sqz_manifest_files(scenario));
    json_t *models = json_pack("{s:s, s:o}", "book", scenario->book_model->name, "drivers",
                               drivers_json(&scenario->world));
    if (scenario->world.venue != NULL)
        sqz_json_set(models, "venue", json_string(scenario->world.venue->model->name));
    sqz_json_set(manifest, "models", models);
    sqz_json_set(manifest, "ladder", ladder_json(&scenario->ladder));
}
